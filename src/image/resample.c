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

#include <string.h>
#include <zimg.h>

#include "core/memory.h"

enum {
    ALIGNED_FLOATS = MEMORY_ALIGNMENT / sizeof(float),
    MAX_RATIO = 64,
    ZIMG_ROWS = 18, /* that zimg works on at once, and a little for its filters */
};

typedef struct extent {
    int width, height;
} extent;

/* A plane whose rows begin at aligned addresses. */
typedef struct plane {
    float *data; /* [height][stride], owned */
    size_t width, height, stride;
} plane;

static size_t row_floats(int width) {
    return ((size_t)width + ALIGNED_FLOATS - 1) / ALIGNED_FLOATS * ALIGNED_FLOATS;
}

static bool plane_init(plane *self, extent size, error *err) {
    self->width = (size_t)size.width;
    self->height = (size_t)size.height;
    self->stride = row_floats(size.width);
    self->data = memory_alloc(self->height, self->stride * sizeof(float), err);
    return self->data != NULL;
}

/* Fills *err with zimg's own words and returns false. */
static bool zimg_error(error *err) {
    char text[256] = "";
    zimg_get_last_error(text, sizeof text);
    zimg_clear_last_error();
    return error_set(err, ERROR_FAILURE, "cannot resize the picture: %s", text);
}

/* The graph from one size to another; NULL with *err set. The caller owns it. */
static zimg_filter_graph *build_graph(const plane *from, const plane *to, error *err) {
    zimg_image_format source, target;
    zimg_image_format_default(&source, ZIMG_API_VERSION);
    source.width = (unsigned)from->width;
    source.height = (unsigned)from->height;
    source.pixel_type = ZIMG_PIXEL_FLOAT;
    target = source;
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

/* values is a dense [height][width] plane. */
static void load(plane *self, const float *values) {
    for (size_t y = 0; y < self->height; y++)
        memcpy(self->data + y * self->stride, values + y * self->width,
               self->width * sizeof *values);
}

static void store_clipped(const plane *self, float *values) {
    for (size_t y = 0; y < self->height; y++) {
        for (size_t x = 0; x < self->width; x++) {
            const float value = self->data[y * self->stride + x];
            *values++ = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
        }
    }
}

/* One pass of zimg over `count` dense planes. */
static bool resize(const float *values, extent from_size, float *result, extent to_size, int count,
                   error *err) {
    bool ok = false;
    plane from = {0}, to = {0};
    zimg_filter_graph *graph = NULL;
    void *scratch = NULL;
    size_t scratch_size = 0;
    if (!plane_init(&from, from_size, err) || !plane_init(&to, to_size, err))
        goto done;
    graph = build_graph(&from, &to, err);
    if (!graph)
        goto done;
    if (zimg_filter_graph_get_tmp_size(graph, &scratch_size)) {
        zimg_error(err);
        goto done;
    }
    scratch = memory_alloc(scratch_size, 1, err);
    ok = scratch != NULL;
    for (int i = 0; ok && i < count; i++) {
        load(&from, values + (size_t)i * from.width * from.height);
        ok = run_graph(graph, &from, &to, scratch, err);
        if (ok)
            store_clipped(&to, result + (size_t)i * to.width * to.height);
    }
done:
    memory_free(scratch);
    zimg_filter_graph_free(graph);
    memory_free(to.data);
    memory_free(from.data);
    return ok;
}

/* What one pass makes of `from` on the way to `to`. */
static extent next_extent(extent from, extent to) {
    return (extent){from.width / MAX_RATIO > to.width ? from.width / MAX_RATIO : to.width,
                    from.height / MAX_RATIO > to.height ? from.height / MAX_RATIO : to.height};
}

static bool same(extent a, extent b) {
    return a.width == b.width && a.height == b.height;
}

static size_t area(extent size) {
    return (size_t)size.width * (size_t)size.height;
}

/* As many passes as it takes, each into planes of its own but the last. */
static bool resize_all(const float *values, extent from, float *result, extent to, int count,
                       error *err) {
    if (same(from, to)) {
        memcpy(result, values, area(to) * (size_t)count * sizeof *values);
        return true;
    }
    float *last = NULL; /* what `values` points to after the first pass */
    bool ok = true;
    while (ok && !same(from, to)) {
        const extent next = next_extent(from, to);
        float *made = result;
        if (!same(next, to))
            made = memory_alloc(area(next), (size_t)count * sizeof *made, err);
        ok = made && resize(values, from, made, next, count, err);
        memory_free(last);
        last = made == result ? NULL : made;
        values = made;
        from = next;
    }
    memory_free(last);
    return ok;
}

image *image_resample(const image *source, int width, int height, error *err) {
    image *result = image_new(width, height, err);
    if (result && !resize_all(source->planes, (extent){source->width, source->height},
                              result->planes, (extent){width, height}, IMAGE_CHANNELS, err)) {
        image_free(result);
        return NULL;
    }
    return result;
}

bool image_resample_alpha(image *self, const image *source, error *err) {
    return !source->alpha || (image_add_alpha(self, err) &&
                              resize_all(source->alpha, (extent){source->width, source->height},
                                         self->alpha, (extent){self->width, self->height}, 1, err));
}

/* Of one pass, besides what it works on. */
static size_t resize_memory(extent from, extent to) {
    const size_t from_row = row_floats(from.width), to_row = row_floats(to.width);
    const size_t planes = memory_add(memory_block((size_t)from.height, from_row * sizeof(float)),
                                     memory_block((size_t)to.height, to_row * sizeof(float)));
    return memory_add(planes, ZIMG_ROWS * sizeof(float) * (from_row > to_row ? from_row : to_row));
}

size_t image_resample_memory(int from_width, int from_height, int width, int height) {
    extent from = {from_width, from_height};
    const extent to = {width, height};
    size_t most = 0, last = 0;
    while (!same(from, to)) {
        const extent next = next_extent(from, to);
        const size_t made = same(next, to) ? 0 : image_memory(next.width, next.height);
        const size_t pass = memory_add(memory_add(last, made), resize_memory(from, next));
        most = pass > most ? pass : most;
        last = made;
        from = next;
    }
    return memory_add(image_memory(width, height), most);
}
