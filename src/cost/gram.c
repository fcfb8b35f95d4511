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

/* Multiply-adds of one output block that make a copy on the way back worth its calls. */
#define WORK_PER_COPY 65536

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

/* A block of the matrix, its sums added up in their order; they are zero afterwards. */
static void take_block(const gram *self, double pixels, int top, int left,
                       double block[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    const size_t side = padded(self);
    for (int i = 0; i < CHANNEL_BLOCK; i++) {
        double *sums = self->partial + (size_t)(top + i) * side + (size_t)left;
        memset(block[i], 0, sizeof block[i]);
        for (int chunk = 0; chunk < self->chunks; chunk++, sums += side * side) {
            for (int j = 0; j < CHANNEL_BLOCK; j++)
                block[i][j] += sums[j];
            memset(sums, 0, sizeof block[i]);
        }
        for (int j = 0; j < CHANNEL_BLOCK; j++)
            block[i][j] /= pixels;
    }
}

void gram_finish(const gram *self, double pixels, double *matrix) {
    const int channels = self->channels;
    /* Counted by int: for size_t clang's OpenMP would allocate. */
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double block[CHANNEL_BLOCK][CHANNEL_BLOCK];
            take_block(self, pixels, top, left, block);
            for (int i = top; i < least(top + CHANNEL_BLOCK, channels); i++) {
                for (int j = left; j < least(left + CHANNEL_BLOCK, channels); j++) {
                    matrix[(ptrdiff_t)i * channels + j] = block[i - top][j - left];
                    matrix[(ptrdiff_t)j * channels + i] = block[i - top][j - left];
                }
            }
        }
    }
}

/* Turns a block of the matrix into its difference to the target. Returns the sum of squares. */
static double subtract_target(const gram *self, const double *target, int top, int left,
                              double block[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    const int channels = self->channels;
    double sum = 0;
    for (int i = 0; i < least(CHANNEL_BLOCK, channels - top); i++) {
        const double *row = target + (ptrdiff_t)(top + i) * channels + left;
        for (int j = 0; j < least(CHANNEL_BLOCK, channels - left); j++) {
            block[i][j] -= row[j];
            sum += block[i][j] * block[i][j];
        }
    }
    return sum;
}

/* Where the factors of input channel `in` and output channel block `out` are packed. */
static float *factor_at(const gram *self, int in, int out) {
    const int step = self->kernels->panel, first = out - out % step;
    const int panel = tensor_panel(self->kernels, tensor_blocks(self->channels), first);
    return self->factor + (size_t)(first * CHANNEL_BLOCK) * padded(self) +
           (in * panel + out - first) * CHANNEL_BLOCK;
}

/* Packs a block for the gradient, and its mirror image. */
static void pack_factor(const gram *self, double scale, int top, int left,
                        double block[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    for (int i = 0; i < CHANNEL_BLOCK; i++) {
        float *there = factor_at(self, top + i, left / CHANNEL_BLOCK);
        float *mirrored = factor_at(self, left + i, top / CHANNEL_BLOCK);
        for (int j = 0; j < CHANNEL_BLOCK; j++) {
            there[j] = (float)(scale * block[i][j]);
            mirrored[j] = (float)(scale * block[j][i]);
        }
    }
}

void gram_compare(const gram *self, double pixels, const double *target, double scale,
                  double *distances) {
    const int channels = self->channels;
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        double sum = 0;
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double block[CHANNEL_BLOCK][CHANNEL_BLOCK];
            take_block(self, pixels, top, left, block);
            sum += (left > top ? 2 : 1) * subtract_target(self, target, top, left, block);
            pack_factor(self, scale, top, left, block);
        }
        distances[top / CHANNEL_BLOCK] = sum;
    }
}

static int tile_pixels(const kernel_set *kernels, int channels) {
    return kernels->product_rows[tensor_panel(kernels, tensor_blocks(channels), 0) - 1];
}

int gram_gradient_pixels(const kernel_set *kernels, int channels) {
    const int tile = tile_pixels(kernels, channels), side = tensor_blocks(channels) * CHANNEL_BLOCK;
    const int tiles = WORK_PER_COPY / side / side / tile;
    return tile * (tiles > 1 ? tiles : 1);
}

/* The next of some parts of at most `most`, of which the last two share what is left. */
static int next_part(int left, int most) {
    return left <= most ? left : left >= 2 * most ? most : (left + 1) / 2;
}

int gram_gradient(const gram *self, const tensor *rows, int y, int x, float *copy) {
    const kernel_set *kernels = self->kernels;
    const int most = tile_pixels(kernels, self->channels);
    const int step = gram_gradient_pixels(kernels, self->channels);
    const int pixels = next_part(rows->width - x, step);
    product_tile tile = {
        .v_block = (ptrdiff_t)step * CHANNEL_BLOCK,
        .blocks = rows->blocks,
        .m_block = rows->block_stride,
    };
    for (int b = 0; b < rows->blocks; b++)
        memcpy(copy + b * tile.v_block, tensor_row(rows, y, b) + x * CHANNEL_BLOCK,
               (size_t)(pixels * CHANNEL_BLOCK) * sizeof *copy);
    for (int block = 0; block < rows->blocks; block += tile.panel) {
        tile.panel = tensor_panel(kernels, rows->blocks, block);
        tile.u = self->factor + (size_t)(block * CHANNEL_BLOCK) * padded(self);
        for (int i = 0; i < pixels; i += tile.rows) {
            tile.rows = next_part(pixels - i, most);
            tile.v = copy + (ptrdiff_t)i * CHANNEL_BLOCK;
            tile.m = tensor_row(rows, y, block) + (x + i) * CHANNEL_BLOCK;
            kernels->product(&tile);
        }
    }
    return pixels;
}
