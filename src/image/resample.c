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

/* A plane whose rows begin at aligned addresses. */
typedef struct plane {
    float *data; /* [height][stride], owned */
    size_t width, height, stride;
} plane;

static size_t row_floats(int width) {
    return ((size_t)width + ALIGNED_FLOATS - 1) / ALIGNED_FLOATS * ALIGNED_FLOATS;
}

static bool plane_init(plane *self, const image *shape, error *err) {
    self->width = (size_t)shape->width;
    self->height = (size_t)shape->height;
    self->stride = row_floats(shape->width);
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

/* values is the dense [height][width] plane of an image. */
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

/* One pass of zimg; the contract of image_resample. */
static image *resize(const image *source, int width, int height, error *err) {
    bool ok = false;
    plane from = {0}, to = {0};
    zimg_filter_graph *graph = NULL;
    void *scratch = NULL;
    size_t scratch_size = 0;
    image *result = image_new(width, height, err);
    if (!result || !plane_init(&from, source, err) || !plane_init(&to, result, err))
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
    for (size_t c = 0; ok && c < IMAGE_CHANNELS; c++) {
        load(&from, source->planes + c * from.width * from.height);
        ok = run_graph(graph, &from, &to, scratch, err);
        if (ok)
            store_clipped(&to, result->planes + c * to.width * to.height);
    }
done:
    memory_free(scratch);
    zimg_filter_graph_free(graph);
    memory_free(to.data);
    memory_free(from.data);
    if (!ok) {
        image_free(result);
        return NULL;
    }
    return result;
}

static image *duplicate(const image *source, error *err) {
    image *copy = image_new(source->width, source->height, err);
    if (copy)
        memcpy(copy->planes, source->planes,
               IMAGE_CHANNELS * sizeof(float) * (size_t)source->width * (size_t)source->height);
    return copy;
}

/* The length that one pass makes of `from` on the way to `to`. */
static int next_length(int from, int to) {
    return from / MAX_RATIO > to ? from / MAX_RATIO : to;
}

image *image_resample(const image *source, int width, int height, error *err) {
    if (source->width == width && source->height == height)
        return duplicate(source, err);
    image *result = NULL;
    do {
        const image *from = result ? result : source;
        image *next =
            resize(from, next_length(from->width, width), next_length(from->height, height), err);
        image_free(result);
        result = next;
    } while (result && (result->width != width || result->height != height));
    return result;
}

/* Of one pass, its result included. */
static size_t resize_memory(int from_width, int from_height, int width, int height) {
    const size_t from = row_floats(from_width), to = row_floats(width);
    const size_t planes = memory_add(memory_block((size_t)from_height, from * sizeof(float)),
                                     memory_block((size_t)height, to * sizeof(float)));
    return memory_add(image_memory(width, height),
                      memory_add(planes, ZIMG_ROWS * sizeof(float) * (from > to ? from : to)));
}

size_t image_resample_memory(int from_width, int from_height, int width, int height) {
    size_t most = image_memory(width, height), source = 0;
    while (from_width != width || from_height != height) {
        const int next_width = next_length(from_width, width);
        const int next_height = next_length(from_height, height);
        const size_t pass =
            memory_add(source, resize_memory(from_width, from_height, next_width, next_height));
        most = pass > most ? pass : most;
        source = image_memory(next_width, next_height);
        from_width = next_width;
        from_height = next_height;
    }
    return most;
}
