/* SPDX-License-Identifier: MIT */
#include "cost/gram.h"

#include <string.h>

#include "core/memory.h"

/* Pixels summed in fp32 before they go into a double. */
#define PIXELS_PER_SUM 512

/* Narrow tensors are split by rows into this many chunks, each with its own partial matrix; wide
 * ones have enough rows of blocks to share out. */
#define CHUNKS 16
#define WIDE_BLOCKS 16

bool gram_init(gram *self, const kernel_set *kernels, int channels, int height, error *err) {
    const int blocks = tensor_blocks(channels);
    const size_t padded = (size_t)blocks * CHANNEL_BLOCK;
    *self = (gram){.kernels = kernels, .channels = channels};
    self->chunks = blocks >= WIDE_BLOCKS ? 1 : CHUNKS < height ? CHUNKS : height;
    self->partial =
        memory_alloc((size_t)self->chunks * padded, padded * sizeof *self->partial, err);
    self->weights = memory_alloc((size_t)channels, (size_t)channels * sizeof *self->weights, err);
    if (self->partial && self->weights &&
        conv_filter_init(&self->gradient, kernels, channels, channels, 1, false, err))
        return true;
    gram_clear(self);
    return false;
}

void gram_clear(gram *self) {
    memory_free(self->partial);
    memory_free(self->weights);
    conv_filter_clear(&self->gradient);
    *self = (gram){0};
}

/* Adds the products of channel block i with itself and the blocks after it, over `rows` rows from y
 * and `width` pixels from x, to `partial`, whose row is `padded` doubles. */
static void add_products(const gram *self, const tensor *a, int i, int y, int rows, int x,
                         int width, double *partial, size_t padded) {
    const ptrdiff_t pixel = (ptrdiff_t)x * CHANNEL_BLOCK;
    const int most = self->kernels->gram_blocks;
    for (int j = i; j < a->blocks;) {
        const int count = a->blocks - j < most ? 1 : most;
        self->kernels->gram_rows(tensor_row(a, y, i) + pixel, tensor_row(a, y, j) + pixel,
                                 a->block_stride, count, a->row_stride, rows, width,
                                 partial + ((size_t)i * padded + (size_t)j) * CHANNEL_BLOCK,
                                 (ptrdiff_t)padded);
        j += count;
    }
}

/* The rows of blocks i of one chunk's partial matrix. */
static void compute_chunk(const gram *self, const tensor *a, int chunk, int i) {
    const size_t padded = (size_t)a->blocks * CHANNEL_BLOCK;
    double *partial = self->partial + (size_t)chunk * padded * padded;
    memset(partial + (size_t)i * CHANNEL_BLOCK * padded, 0,
           CHANNEL_BLOCK * padded * sizeof *partial);
    const int from = (int)((long)a->height * chunk / self->chunks);
    const int to = (int)((long)a->height * (chunk + 1) / self->chunks);
    const int width = a->width < PIXELS_PER_SUM ? a->width : PIXELS_PER_SUM;
    const int rows = PIXELS_PER_SUM / width;
    for (int y = from; y < to; y += rows) {
        for (int x = 0; x < a->width; x += width)
            add_products(self, a, i, y, y + rows < to ? rows : to - y, x,
                         x + width < a->width ? width : a->width - x, partial, padded);
    }
}

void gram_compute(const gram *self, const tensor *activation, double *matrix) {
    const int blocks = activation->blocks;
    const size_t channels = (size_t)self->channels, padded = (size_t)blocks * CHANNEL_BLOCK;
#pragma omp parallel
    {
#pragma omp for schedule(dynamic)
        for (int task = 0; task < self->chunks * blocks; task++)
            compute_chunk(self, activation, task % self->chunks, task / self->chunks);
#pragma omp for schedule(static)
        for (int i = 0; i < self->channels; i++) {
            for (size_t j = (size_t)i; j < channels; j++) {
                double sum = 0;
                for (int chunk = 0; chunk < self->chunks; chunk++)
                    sum += self->partial[((size_t)chunk * padded + (size_t)i) * padded + j];
                matrix[(size_t)i * channels + j] = matrix[j * channels + (size_t)i] = sum;
            }
        }
    }
}

void gram_gradient(const gram *self, const double *matrix, double scale, const tensor *activation,
                   const tensor *gradient, bool accumulate) {
    const size_t count = (size_t)self->channels * (size_t)self->channels;
    conv_filter filter = self->gradient;
    for (size_t i = 0; i < count; i++)
        self->weights[i] = (float)(scale * matrix[i]);
    conv_filter_pack(&filter, self->weights, NULL);
    conv_run(&filter, activation, gradient, (conv_epilogue){.add = accumulate ? gradient : NULL});
}
