/* SPDX-License-Identifier: MIT
 *
 * Blocked tensors: the one layout of the engine.
 *
 * Element (channel, y, x) lives at row y, channel block channel / 16, pixel x, lane channel % 16:
 *     data[y * row_stride + channel / 16 * block_stride + x * 16 + channel % 16]
 * so the 16 channels of a pixel are one cache line and a row of all channels is one piece of
 * memory. A ring of zeros one pixel wide lies round every row and above and below the picture: a
 * 3x3 convolution needs no border cases. Lanes past the true channels are zero and stay zero,
 * because their weights are.
 */
#ifndef STYLIZE_NETWORK_TENSOR_H
#define STYLIZE_NETWORK_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "simd/kernels.h"

typedef struct tensor {
    int channels, height, width;
    int blocks;             /* channel blocks: channels / 16, rounded up */
    ptrdiff_t block_stride; /* floats */
    ptrdiff_t row_stride;   /* floats */
    float *data;            /* channel 0, y 0, x 0 */
} tensor;

/* Channel blocks that hold `channels` channels. */
static inline int tensor_blocks(int channels) {
    return (channels + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
}

/* Of `blocks` output blocks, those in the panel that begins at number `block`. */
static inline int tensor_panel(const kernel_set *kernels, int blocks, int block) {
    return blocks - block < kernels->panel ? blocks - block : kernels->panel;
}

/* Floats that a tensor needs, ring included; false when that overflows. */
bool tensor_floats(int channels, int height, int width, size_t *floats);

/* Takes the memory of a tensor of self's channels, height and width, which stays the layout's. */
void tensor_layout(tensor *self, layout *to);

/* A tensor over memory of at least tensor_floats floats that stays the caller's. Its ring holds
 * whatever the memory held: tensor_clear_ring makes it fit for a 3x3 convolution. */
tensor tensor_view(float *memory, int channels, int height, int width);

/* The next three are collective calls. */

/* Zeroes the ring of a tensor whose memory held something else. */
void tensor_clear_ring(const tensor *self);

/* Zeroes one row, ring included. */
void tensor_clear_row(const tensor *self, int y);

/* Copies `count` rows, ring included, to others that do not overlap them. */
void tensor_copy_rows(const tensor *self, int from, int to, int count);

/* Rows y .. y + height - 1 of a tensor as a tensor of their own, whose ring is what lies beside
 * them. */
static inline tensor tensor_rows(const tensor *self, int y, int height) {
    tensor rows = *self;
    rows.height = height;
    rows.data += y * self->row_stride;
    return rows;
}

/* Pixel 0 of a row of a channel block. */
static inline float *tensor_row(const tensor *self, int y, int block) {
    return self->data + y * self->row_stride + block * self->block_stride;
}

#endif
