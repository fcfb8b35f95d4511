/* SPDX-License-Identifier: MIT
 *
 * Change of size through zimg.
 *
 * One graph for a grey float plane is built per pass and run on the three planes in turn, through
 * two buffers whose rows have the alignment that zimg asks for. zimg widens the filter when it
 * shrinks, but building a filter takes time quadratic in its width, so a ratio above MAX_RATIO is
 * taken in several passes.
 *
 * Not done: linear light. The values are the coded ones, as everywhere in the program.
 */
#include "image/resample.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zimg.h>

#include "core/memory.h"

enum {
    ALIGNED_FLOATS = MEMORY_ALIGNMENT / sizeof(float),
    MAX_RATIO = 64,
    FILTER_REACH = 3, /* pixels of the larger picture, and one to spare */
    ZIMG_ROWS = 18,   /* that zimg works on at once, and a little for its filters */
};

static size_t row_floats(int width) {
    return ((size_t)width + ALIGNED_FLOATS - 1) / ALIGNED_FLOATS * ALIGNED_FLOATS;
}

/* A plane whose rows begin at aligned addresses, as zimg wants them. */
typedef struct plane {
    float *data; /* [height][stride] */
    size_t width, height, stride;
} plane;

static plane plane_at(float *data, image_extent size) {
    return (plane){data, (size_t)size.width, (size_t)size.height, row_floats(size.width)};
}

/* What one pass makes of `from` on the way to `to`. */
static image_extent next_extent(image_extent from, image_extent to) {
    return (image_extent){from.width / MAX_RATIO > to.width ? from.width / MAX_RATIO : to.width,
                          from.height / MAX_RATIO > to.height ? from.height / MAX_RATIO
                                                              : to.height};
}

static bool same(image_extent a, image_extent b) {
    return a.width == b.width && a.height == b.height;
}

/* Pixels on each side of a source that repeats: what zimg's filter reaches at least. */
static int reach(const resampling *self, image_extent from, image_extent to) {
    assert(to.width >= 1 && to.height >= 1);
    const int across = (from.width + to.width - 1) / to.width;
    const int down = (from.height + to.height - 1) / to.height;
    return self->repeats ? FILTER_REACH * (across > down ? across : down) : 0;
}

static image_extent with_reach(const resampling *self, image_extent from, image_extent to) {
    const int more = 2 * reach(self, from, to);
    return (image_extent){from.width + more, from.height + more};
}

/* ---- memory ---- */

/* The greatest pass decides. Passes take turns in the two `between`. */
void resampling_layout(resampling *self, layout *to) {
    image_extent from = {self->source.width, self->source.height};
    const image_extent last = {self->target.width, self->target.height};
    size_t planes[2] = {0}, between[2] = {0};
    self->scratch_bytes = 0;
    for (int pass = 0; !same(from, last); pass++) {
        const image_extent next = next_extent(from, last);
        const image_extent loaded = with_reach(self, from, next);
        const size_t from_row = row_floats(loaded.width), to_row = row_floats(next.width);
        planes[0] = memory_greater(planes[0], (size_t)loaded.height * from_row);
        planes[1] = memory_greater(planes[1], (size_t)next.height * to_row);
        self->scratch_bytes = memory_greater(
            self->scratch_bytes, ZIMG_ROWS * sizeof(float) * memory_greater(from_row, to_row));
        if (!same(next, last))
            between[pass % 2] = memory_greater(between[pass % 2], image_extent_area(next) *
                                                                      (size_t)self->source.planes);
        from = next;
    }
    for (int i = 0; i < 2; i++) {
        self->planes[i] = layout_take(to, planes[i], sizeof(float));
        self->between[i] = between[i] ? layout_take(to, between[i], sizeof(float)) : NULL;
    }
    self->scratch = layout_take(to, self->scratch_bytes, 1);
}

/* ---- zimg ---- */

/* Fills *err with zimg's own words, which it lacks where memory is short, and returns false. */
static bool zimg_error(error *err) {
    char text[256] = "";
    const zimg_error_code_e code = zimg_get_last_error(text, sizeof text);
    zimg_clear_last_error();
    if (code == ZIMG_ERROR_OUT_OF_MEMORY)
        return error_set(err, ERROR_MEMORY, "cannot resize the picture: not enough memory");
    if (!*text)
        return error_set(err, ERROR_FAILURE, "cannot resize the picture: error %d of zimg",
                         (int)code);
    return error_set(err, ERROR_FAILURE, "cannot resize the picture: %s", text);
}

/* zimg keeps the words of its last error for each thread. What it takes for that when it first
 * touches them, a few dozen bytes, it has to get, or the process ends: so it does that here, where
 * there is seen to be room. */
static bool settle(error *err) {
    enum { ROOM = 4096 };
    void *volatile room = malloc(ROOM);
    if (!room)
        return error_set(err, ERROR_MEMORY, "cannot resize the picture: not enough memory");
    free(room);
    zimg_clear_last_error();
    return true;
}

/* The graph from one size to another, of what lies within `edge` pixels from the source's edges;
 * NULL with *err set. The caller owns it. */
static zimg_filter_graph *build_graph(const plane *from, int edge, const plane *to, error *err) {
    zimg_image_format source, target;
    zimg_image_format_default(&source, ZIMG_API_VERSION);
    source.width = (unsigned)from->width;
    source.height = (unsigned)from->height;
    source.pixel_type = ZIMG_PIXEL_FLOAT;
    target = source;
    if (edge > 0) {
        source.active_region.left = source.active_region.top = edge;
        source.active_region.width = (double)from->width - 2 * edge;
        source.active_region.height = (double)from->height - 2 * edge;
    }
    target.width = (unsigned)to->width;
    target.height = (unsigned)to->height;
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    /* Catmull-Rom: sharp, and one shallow overshoot at an edge where Lanczos has several. */
    params.resample_filter = ZIMG_RESIZE_BICUBIC;
    params.filter_param_a = 0.0;
    params.filter_param_b = 0.5;
    zimg_filter_graph *graph = zimg_filter_graph_build(&source, &target, &params);
    if (!graph)
        zimg_error(err);
    return graph;
}

static bool run_graph(const zimg_filter_graph *graph, const plane *from, const plane *to,
                      void *scratch, error *err) {
    const zimg_image_buffer_const source = {
        .version = ZIMG_API_VERSION,
        .plane = {{from->data, (ptrdiff_t)(from->stride * sizeof(float)), ZIMG_BUFFER_MAX}},
    };
    const zimg_image_buffer target = {
        .version = ZIMG_API_VERSION,
        .plane = {{to->data, (ptrdiff_t)(to->stride * sizeof(float)), ZIMG_BUFFER_MAX}},
    };
    if (zimg_filter_graph_process(graph, &source, &target, scratch, NULL, NULL, NULL, NULL))
        return zimg_error(err);
    return true;
}

/* Loads a plane of `size`, its rows `step` floats apart, with `edge` pixels of it repeated on each
 * side. */
static void load(const plane *self, const float *values, size_t step, image_extent size, int edge) {
    for (int y = 0; y < (int)self->height; y++) {
        const float *from = values + (size_t)image_repeat(y - edge, size.height) * step;
        float *row = self->data + (size_t)y * self->stride;
        memcpy(row + edge, from, (size_t)size.width * sizeof *from);
        for (int x = 0; x < edge; x++) {
            row[x] = from[image_repeat(x - edge, size.width)];
            row[edge + size.width + x] = from[x % size.width];
        }
    }
}

static void store_clipped(const plane *self, float *values, size_t step) {
    for (size_t y = 0; y < self->height; y++) {
        for (size_t x = 0; x < self->width; x++) {
            const float value = self->data[y * self->stride + x];
            values[y * step + x] = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
        }
    }
}

/* One pass of zimg over all planes. */
static bool resize(const resampling *self, const image_view *from, const image_view *to,
                   error *err) {
    const image_extent size = {from->width, from->height}, next = {to->width, to->height};
    const int edge = reach(self, size, next);
    const plane source = plane_at(self->planes[0], with_reach(self, size, next));
    const plane target = plane_at(self->planes[1], next);
    zimg_filter_graph *graph = build_graph(&source, edge, &target, err);
    size_t scratch_bytes = 0;
    void *scratch = self->scratch, *more = NULL;
    bool ok = false;
    if (!graph)
        return false;
    if (zimg_filter_graph_get_tmp_size(graph, &scratch_bytes)) {
        zimg_error(err);
        goto done;
    }
    if (scratch_bytes > self->scratch_bytes) { /* zimg may want what was not foreseen */
        scratch = more = memory_alloc(scratch_bytes, 1, err);
        if (!more)
            goto done;
    }
    ok = true;
    for (int i = 0; ok && i < from->planes; i++) {
        load(&source, from->data + (size_t)i * from->plane_step, from->row_step, size, edge);
        ok = run_graph(graph, &source, &target, scratch, err);
        if (ok)
            store_clipped(&target, to->data + (size_t)i * to->plane_step, to->row_step);
    }
done:
    memory_free(more);
    zimg_filter_graph_free(graph);
    return ok;
}

static void copy(const image_view *from, const image_view *to) {
    for (int i = 0; i < from->planes; i++) {
        for (int y = 0; y < from->height; y++)
            memcpy(to->data + (size_t)i * to->plane_step + (size_t)y * to->row_step,
                   from->data + (size_t)i * from->plane_step + (size_t)y * from->row_step,
                   (size_t)from->width * sizeof *to->data);
    }
}

bool resampling_run(const resampling *self, error *err) {
    const image_extent last = {self->target.width, self->target.height};
    image_view from = self->source;
    if (same((image_extent){from.width, from.height}, last)) {
        copy(&from, &self->target);
        return true;
    }
    if (!settle(err))
        return false;
    for (int pass = 0;; pass++) {
        const image_extent next = next_extent((image_extent){from.width, from.height}, last);
        if (same(next, last))
            return resize(self, &from, &self->target, err);
        const image_view to =
            image_view_of(self->between[pass % 2], next.width, next.height, self->source.planes);
        if (!resize(self, &from, &to, err))
            return false;
        from = to;
    }
}

bool resampling_walk(resampling *self, layout *to, bool works, error *err) {
    const size_t mark = layout_mark(to);
    resampling_layout(self, to);
    const bool ok = !works || resampling_run(self, err);
    layout_rewind(to, mark);
    return ok;
}

/* ---- whole pictures ---- */

image_view image_view_of(float *data, int width, int height, int planes) {
    return (image_view){.data = data,
                        .width = width,
                        .height = height,
                        .planes = planes,
                        .row_step = (size_t)width,
                        .plane_step = (size_t)width * (size_t)height};
}

image_view image_view_part(image_view whole, int x, int y, int width, int height) {
    assert(x >= 0 && y >= 0 && x + width <= whole.width && y + height <= whole.height);
    if (whole.data) /* not while memory is measured */
        whole.data += (size_t)y * whole.row_step + (size_t)x;
    whole.width = width;
    whole.height = height;
    return whole;
}

static void walk(void *part, layout *to) {
    resampling_layout(part, to);
}

bool image_view_resample(image_view from, image_view to, bool repeats, error *err) {
    assert(from.planes == to.planes);
    resampling work = {.source = from, .target = to, .repeats = repeats};
    layout memory;
    if (!layout_make(&memory, walk, &work, err))
        return false;
    const bool ok = resampling_run(&work, err);
    layout_free(&memory);
    return ok;
}

image *image_resample(const image *source, int width, int height, error *err) {
    image *result = image_new(width, height, err);
    if (result && !image_view_resample(
                      image_view_of(source->planes, source->width, source->height, IMAGE_CHANNELS),
                      image_view_of(result->planes, width, height, IMAGE_CHANNELS), false, err)) {
        image_free(result);
        return NULL;
    }
    return result;
}

bool image_resample_alpha(image *self, const image *source, error *err) {
    return !source->alpha ||
           (image_add_alpha(self, err) &&
            image_view_resample(image_view_of(source->alpha, source->width, source->height, 1),
                                image_view_of(self->alpha, self->width, self->height, 1), false,
                                err));
}
