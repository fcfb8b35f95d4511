/* SPDX-License-Identifier: MIT
 *
 * Change of size through zimg.
 *
 * One graph for a grey float plane is built per pass and run on the planes in turn. It is given
 * rows as it asks for them, and gives them back as they are done, through two buffers of as many
 * rows as it works on at once, which have the alignment that it asks for: so a large picture need
 * not be there in floats. zimg widens the filter when it shrinks, but building a filter takes time
 * quadratic in its width, so a ratio above MAX_RATIO is taken in several passes.
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
    FILTER_ROWS = 4,  /* of the larger picture that a filter sees, times the ratio */
    LEAST_ROWS = 8,   /* that zimg reads or writes at once */
    ZIMG_ROWS = 18,   /* that it keeps for itself, and a little for its filters */
};

static size_t row_floats(int width) {
    return ((size_t)width + ALIGNED_FLOATS - 1) / ALIGNED_FLOATS * ALIGNED_FLOATS;
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

/* Rows of a plane of `height` in a buffer that zimg is to have `count` of: a power of two, because
 * it goes round in there, or all. */
static size_t buffer_rows(size_t count, int height) {
    size_t rows = 1;
    while (rows < count && rows < (size_t)height)
        rows *= 2;
    return rows < (size_t)height ? rows : (size_t)height;
}

/* What zimg will want to see at a time of rows that become others. */
static size_t foreseen_rows(int from, int to) {
    const size_t count = ((size_t)FILTER_ROWS * (size_t)from + (size_t)to - 1) / (size_t)to;
    return buffer_rows(count > LEAST_ROWS ? count : LEAST_ROWS, from);
}

/* The greatest pass decides. Passes take turns in the two `between`. */
void resampling_layout(resampling *self, layout *to) {
    image_extent from = {self->source.width, self->source.height};
    const image_extent last = {self->target.width, self->target.height};
    size_t between[2] = {0}, loaded_bytes = 0, stored_bytes = 0, scratch_bytes = 0;
    for (int pass = 0; !same(from, last); pass++) {
        const image_extent next = next_extent(from, last);
        const image_extent loaded = with_reach(self, from, next);
        const size_t from_row = row_floats(loaded.width) * sizeof(float),
                     to_row = row_floats(next.width) * sizeof(float);
        loaded_bytes = memory_greater(loaded_bytes,
                                      foreseen_rows(loaded.height, next.height) * from_row);
        stored_bytes = memory_greater(stored_bytes, buffer_rows(LEAST_ROWS, next.height) * to_row);
        scratch_bytes = memory_greater(scratch_bytes, ZIMG_ROWS * memory_greater(from_row, to_row));
        if (!same(next, last))
            between[pass % 2] = memory_greater(between[pass % 2], image_extent_area(next) *
                                                                      (size_t)self->source.planes);
        from = next;
    }
    for (int i = 0; i < 2; i++)
        self->between[i] = between[i] ? layout_take(to, between[i], sizeof(float)) : NULL;
    self->loaded.bytes = loaded_bytes;
    self->loaded.place = layout_take(to, loaded_bytes, 1);
    self->stored.bytes = stored_bytes;
    self->stored.place = layout_take(to, stored_bytes, 1);
    self->scratch.bytes = scratch_bytes;
    self->scratch.place = layout_take(to, scratch_bytes, 1);
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
static zimg_filter_graph *build_graph(image_extent from, int edge, image_extent to, error *err) {
    zimg_image_format source, target;
    zimg_image_format_default(&source, ZIMG_API_VERSION);
    source.width = (unsigned)from.width;
    source.height = (unsigned)from.height;
    source.pixel_type = ZIMG_PIXEL_FLOAT;
    target = source;
    if (edge > 0) {
        source.active_region.left = source.active_region.top = edge;
        source.active_region.width = (double)from.width - 2 * edge;
        source.active_region.height = (double)from.height - 2 * edge;
    }
    target.width = (unsigned)to.width;
    target.height = (unsigned)to.height;
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

/* Values of a row of a view, from x on. */
static void read_row(const image_view *self, int plane, int x, int y, int count, float *to) {
    if (self->row)
        self->row(self->user, plane, self->left + x, self->top + y, count, to);
    else
        memcpy(to,
               self->data + (size_t)plane * self->plane_step + (size_t)y * self->row_step +
                   (size_t)x,
               (size_t)count * sizeof *to);
}

/* Some rows at a time of a plane of a view, between it and zimg. */
typedef struct strip {
    const image_view *view;
    int plane, edge; /* pixels of the plane repeated on each side */
    float *rows;     /* row y is row (y & mask) here */
    size_t stride;   /* floats */
    unsigned mask;
} strip;

static float *strip_row(const strip *self, unsigned y) {
    return self->rows + (size_t)(y & self->mask) * self->stride;
}

static int greater(int a, int b) {
    return a > b ? a : b;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* zimg's word for columns left <= x < right of row y, which are to be there. */
static int load(void *user, unsigned y, unsigned left, unsigned right) {
    const strip *self = user;
    const image_view *view = self->view;
    const int edge = self->edge, row = image_repeat((int)y - edge, view->height);
    const int first = (int)left, end = smaller((int)right, view->width + 2 * edge);
    const int begin = greater(first, edge), past = smaller(end, edge + view->width);
    float *to = strip_row(self, y);
    if (begin < past)
        read_row(view, self->plane, begin - edge, row, past - begin, to + begin);
    for (int x = first; x < end; x++) {
        if (x < edge || x >= edge + view->width)
            read_row(view, self->plane, image_repeat(x - edge, view->width), row, 1, to + x);
    }
    return 0;
}

/* Likewise for columns that are done. */
static int store_clipped(void *user, unsigned y, unsigned left, unsigned right) {
    const strip *self = user;
    const image_view *view = self->view;
    const float *from = strip_row(self, y);
    float *to = view->data + (size_t)self->plane * view->plane_step + (size_t)y * view->row_step;
    for (int x = (int)left; x < smaller((int)right, view->width); x++)
        to[x] = from[x] > 0.0f ? (from[x] < 1.0f ? from[x] : 1.0f) : 0.0f;
    return 0;
}

/* What a pass works with. */
typedef struct machine {
    zimg_filter_graph *graph;
    strip source, target;
    void *scratch, *more[3]; /* memory beyond what was foreseen */
} machine;

/* Memory of so many bytes: that which is there, or where zimg wants what was not foreseen more. */
static void *room_for(void *place, size_t room, size_t bytes, void **more, error *err) {
    return bytes <= room ? place : (*more = memory_alloc(bytes, 1, err));
}

/* Sizes the buffer of a plane of `size` for `count` rows, and says how many bytes that is. */
static size_t size_strip(strip *self, image_extent size, unsigned count) {
    const unsigned height = (unsigned)size.height, mask = zimg_select_buffer_mask(count);
    const bool whole = mask >= height - 1;
    self->mask = whole ? ZIMG_BUFFER_MAX : mask;
    self->stride = row_floats(size.width);
    return (whole ? (size_t)height : (size_t)mask + 1) * self->stride * sizeof(float);
}

/* release follows in any case. */
static bool prepare(machine *self, const resampling *all, image_extent from, image_extent to,
                    error *err) {
    const int edge = reach(all, from, to);
    const image_extent loaded = with_reach(all, from, to);
    unsigned in, out;
    size_t scratch;
    self->source.edge = edge;
    self->graph = build_graph(loaded, edge, to, err);
    if (!self->graph)
        return false;
    if (zimg_filter_graph_get_tmp_size(self->graph, &scratch) ||
        zimg_filter_graph_get_input_buffering(self->graph, &in) ||
        zimg_filter_graph_get_output_buffering(self->graph, &out))
        return zimg_error(err);
    const size_t source = size_strip(&self->source, loaded, in);
    const size_t target = size_strip(&self->target, to, out);
    self->scratch =
        room_for(all->scratch.place, all->scratch.bytes, scratch, &self->more[0], err);
    self->source.rows =
        room_for(all->loaded.place, all->loaded.bytes, source, &self->more[1], err);
    self->target.rows =
        room_for(all->stored.place, all->stored.bytes, target, &self->more[2], err);
    return self->scratch && self->source.rows && self->target.rows;
}

static void release(machine *self) {
    for (size_t i = 0; i < sizeof self->more / sizeof *self->more; i++)
        memory_free(self->more[i]);
    zimg_filter_graph_free(self->graph);
}

static bool run_graph(machine *self, error *err) {
    const strip *from = &self->source, *to = &self->target;
    const zimg_image_buffer_const source = {
        .version = ZIMG_API_VERSION,
        .plane = {{from->rows, (ptrdiff_t)(from->stride * sizeof(float)), from->mask}},
    };
    const zimg_image_buffer target = {
        .version = ZIMG_API_VERSION,
        .plane = {{to->rows, (ptrdiff_t)(to->stride * sizeof(float)), to->mask}},
    };
    return !zimg_filter_graph_process(self->graph, &source, &target, self->scratch, load,
                                      &self->source, store_clipped, &self->target) ||
           zimg_error(err);
}

/* One pass of zimg over the planes of the target. */
static bool resize(const resampling *self, const image_view *from, const image_view *to,
                   error *err) {
    machine one = {.source.view = from, .target.view = to};
    bool ok = prepare(&one, self, (image_extent){from->width, from->height},
                      (image_extent){to->width, to->height}, err);
    for (int i = 0; ok && i < to->planes; i++) {
        one.source.plane = one.target.plane = i;
        ok = run_graph(&one, err);
    }
    release(&one);
    return ok;
}

static void copy(const image_view *from, const image_view *to) {
    for (int i = 0; i < from->planes; i++) {
        for (int y = 0; y < from->height; y++)
            read_row(from, i, 0, y, from->width,
                     to->data + (size_t)i * to->plane_step + (size_t)y * to->row_step);
    }
}

/* Its first plane into the others. */
static void spread(const image_view *self) {
    for (int i = 1; i < self->planes; i++) {
        for (int y = 0; y < self->height; y++)
            read_row(self, 0, 0, y, self->width,
                     self->data + (size_t)i * self->plane_step + (size_t)y * self->row_step);
    }
}

/* All passes, of the planes that the target has. */
static bool run_passes(const resampling *self, image_view target, error *err) {
    const image_extent last = {target.width, target.height};
    image_view from = self->source;
    for (int pass = 0;; pass++) {
        const image_extent next = next_extent((image_extent){from.width, from.height}, last);
        if (same(next, last))
            return resize(self, &from, &target, err);
        const image_view to =
            image_view_of(self->between[pass % 2], next.width, next.height, target.planes);
        if (!resize(self, &from, &to, err))
            return false;
        from = to;
    }
}

bool resampling_run(const resampling *self, error *err) {
    const image_view *from = &self->source;
    image_view target = self->target;
    if (from->width == target.width && from->height == target.height) {
        copy(from, &target);
        return true;
    }
    target.planes = from->grey ? 1 : target.planes;
    if (!settle(err) || !run_passes(self, target, err))
        return false;
    if (from->grey)
        spread(&self->target);
    return true;
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

image_view image_view_of_rows(image_row *row, const void *user, int width, int height, int planes) {
    return (image_view){
        .row = row, .user = user, .width = width, .height = height, .planes = planes};
}

static void seen_row(const void *user, int plane, int x, int y, int count, float *to) {
    image_unpack(user, plane, x, y, count, to);
}

static void alpha_row(const void *user, int plane, int x, int y, int count, float *to) {
    (void)plane;
    image_unpack(user, PIXELS_ALPHA, x, y, count, to);
}

image_view image_view_of_picture(const image *self) {
    image_view view =
        image_view_of_rows(seen_row, self, self->width, self->height, IMAGE_CHANNELS);
    view.grey = !self->planes && pixels_format_is_grey(self->format);
    return view;
}

image_view image_view_of_alpha(const image *self) {
    return image_view_of_rows(alpha_row, self, self->width, self->height, 1);
}

image_view image_view_part(image_view whole, int x, int y, int width, int height) {
    assert(x >= 0 && y >= 0 && x + width <= whole.width && y + height <= whole.height);
    if (whole.data) /* not while memory is measured */
        whole.data += (size_t)y * whole.row_step + (size_t)x;
    whole.left += x;
    whole.top += y;
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
                      image_view_of_picture(source),
                      image_view_of(result->planes, width, height, IMAGE_CHANNELS), false, err)) {
        image_free(result);
        return NULL;
    }
    return result;
}

bool image_resample_alpha(image *self, const image *source, error *err) {
    return !image_has_alpha(source) ||
           (image_add_alpha(self, err) &&
            image_view_resample(image_view_of_alpha(source),
                                image_view_of(self->alpha, self->width, self->height, 1), false,
                                err));
}
