/* SPDX-License-Identifier: MIT */
#include "cost/gram.h"

#include <string.h>

#include "core/memory.h"

/* Pixels summed in fp32 before they go into a double. */
#define PIXELS_PER_SUM 512

/* Narrow tensors are dealt by rows to this many partial matrices; wide ones have enough rows of
 * blocks to share out. */
#define CHUNKS 16
#define WIDE_BLOCKS 16

/* Rows of blocks that a task computes: the pixels of a sum are fetched once for all of them. */
#define TASK_BLOCKS 4

static int least(int a, int b) {
    return a < b ? a : b;
}

static size_t padded(const gram *self) {
    return (size_t)tensor_blocks(self->channels) * CHANNEL_BLOCK;
}

static int chunks_for(int channels) {
    return tensor_blocks(channels) >= WIDE_BLOCKS ? 1 : CHUNKS;
}

/* Floats or doubles of one matrix. */
static size_t square(int channels) {
    const size_t side = (size_t)tensor_blocks(channels) * CHANNEL_BLOCK;
    return side * side;
}

size_t gram_memory(int channels) {
    const size_t partial = (size_t)chunks_for(channels) * square(channels);
    return memory_add(memory_block(partial, sizeof(double)),
                      memory_block(square(channels), sizeof(float)));
}

bool gram_init(gram *self, const kernel_set *kernels, int channels, error *err) {
    *self = (gram){.kernels = kernels, .channels = channels, .chunks = chunks_for(channels)};
    const size_t partial = (size_t)self->chunks * square(channels);
    self->partial = memory_alloc(partial, sizeof *self->partial, err);
    self->factor = self->partial ? memory_alloc(square(channels), sizeof *self->factor, err) : NULL;
    if (self->factor)
        return true;
    gram_clear(self);
    return false;
}

void gram_clear(gram *self) {
    memory_free(self->partial);
    memory_free(self->factor);
    *self = (gram){0};
}

void gram_start(const gram *self) {
    const size_t side = padded(self);
#pragma omp for schedule(static)
    for (int i = 0; i < self->chunks * (int)side; i++) {
        const size_t first = (size_t)i % side / CHANNEL_BLOCK * CHANNEL_BLOCK; /* on the diagonal */
        memset(self->partial + (size_t)i * side + first, 0, (side - first) * sizeof *self->partial);
    }
}

/* Adds the products of channel block i with itself and the blocks after it, over `rows` rows from y
 * and `width` pixels from x, to `partial`. */
static void add_products(const gram *self, const tensor *a, int i, int y, int rows, int x,
                         int width, double *partial) {
    const ptrdiff_t pixel = (ptrdiff_t)x * CHANNEL_BLOCK;
    const size_t side = padded(self);
    for (int j = i; j < a->blocks;) {
        const int count = least(a->blocks - j, self->kernels->gram_blocks);
        self->kernels->gram_rows(tensor_row(a, y, i) + pixel, tensor_row(a, y, j) + pixel,
                                 a->block_stride, count, a->row_stride, rows, width,
                                 partial + ((size_t)i * side + (size_t)j) * CHANNEL_BLOCK,
                                 (ptrdiff_t)side);
        j += count;
    }
}

/* The share of one partial sum in TASK_BLOCKS blocks from `first` on: every so many groups of rows.
 */
static void add_chunk(const gram *self, const tensor *a, int chunk, int first) {
    const int end = least(first + TASK_BLOCKS, a->blocks);
    const size_t side = padded(self);
    double *partial = self->partial + (size_t)chunk * side * side;
    const int width = least(a->width, PIXELS_PER_SUM);
    const int rows = PIXELS_PER_SUM / width;
    for (int y = chunk * rows; y < a->height; y += self->chunks * rows) {
        const int count = least(rows, a->height - y);
        for (int x = 0; x < a->width; x += width) {
            const int pixels = least(width, a->width - x);
            for (int i = first; i < end; i++)
                add_products(self, a, i, y, count, x, pixels, partial);
        }
    }
}

void gram_add(const gram *self, const tensor *rows) {
    const int tasks = (rows->blocks + TASK_BLOCKS - 1) / TASK_BLOCKS;
#pragma omp for schedule(dynamic)
    for (int task = 0; task < self->chunks * tasks; task++)
        add_chunk(self, rows, task % self->chunks, task / self->chunks * TASK_BLOCKS);
}

/* One block of the matrix and its mirror image; whole rows would be written a column at a time. */
static void finish_block(const gram *self, double pixels, double *matrix, int top, int left) {
    const size_t channels = (size_t)self->channels, side = padded(self);
    const size_t bottom = (size_t)least(top + CHANNEL_BLOCK, self->channels);
    const size_t right = (size_t)least(left + CHANNEL_BLOCK, self->channels);
    for (size_t i = (size_t)top; i < bottom; i++) {
        for (size_t j = (size_t)left; j < right; j++) {
            double sum = 0;
            for (int chunk = 0; chunk < self->chunks; chunk++)
                sum += self->partial[((size_t)chunk * side + i) * side + j];
            matrix[i * channels + j] = sum / pixels;
        }
    }
    for (size_t j = (size_t)left; j < right; j++) {
        for (size_t i = (size_t)top; i < bottom; i++)
            matrix[j * channels + i] = matrix[i * channels + j];
    }
}

void gram_finish(const gram *self, double pixels, double *matrix) {
    /* Counted by int: for size_t clang's OpenMP would allocate. */
#pragma omp for schedule(dynamic)
    for (int i = 0; i < self->channels; i += CHANNEL_BLOCK) {
        for (int j = i; j < self->channels; j += CHANNEL_BLOCK)
            finish_block(self, pixels, matrix, i, j);
    }
}

void gram_set_factor(const gram *self, const double *matrix, double scale) {
    const size_t channels = (size_t)self->channels, side = padded(self);
    const int blocks = tensor_blocks(self->channels), step = self->kernels->panel;
#pragma omp for schedule(static)
    for (int block = 0; block < blocks; block += step) {
        const int panel = tensor_panel(self->kernels, blocks, block);
        const size_t first = (size_t)block * CHANNEL_BLOCK;
        const size_t lanes = (size_t)panel * CHANNEL_BLOCK;
        float *packed = self->factor + first * side;
        for (size_t in = 0; in < channels; in++) {
            for (size_t lane = 0; lane < lanes && first + lane < channels; lane++)
                packed[in * lanes + lane] = (float)(scale * matrix[in * channels + first + lane]);
        }
    }
}

void gram_gradient_row(const gram *self, const tensor *rows, int y, float *copy) {
    const kernel_set *kernels = self->kernels;
    const ptrdiff_t block_floats = (ptrdiff_t)rows->width * CHANNEL_BLOCK;
    for (int b = 0; b < rows->blocks; b++)
        memcpy(copy + b * block_floats, tensor_row(rows, y, b),
               (size_t)block_floats * sizeof *copy);
    for (int block = 0; block < rows->blocks; block += kernels->panel) {
        product_tile tile = {
            .v_block = block_floats,
            .blocks = rows->blocks,
            .u = self->factor + (size_t)block * CHANNEL_BLOCK * padded(self),
            .m_block = rows->block_stride,
            .panel = tensor_panel(kernels, rows->blocks, block),
        };
        /* The fewest register tiles, evened out. */
        const int most = kernels->product_rows[tile.panel - 1];
        int tiles = (rows->width + most - 1) / most;
        for (int x = 0; x < rows->width; x += tile.rows, tiles--) {
            tile.rows = (rows->width - x + tiles - 1) / tiles;
            tile.v = copy + (ptrdiff_t)x * CHANNEL_BLOCK;
            tile.m = tensor_row(rows, y, block) + (ptrdiff_t)x * CHANNEL_BLOCK;
            kernels->product(&tile);
        }
    }
}
