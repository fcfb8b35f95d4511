/* SPDX-License-Identifier: MIT
 *
 * Blocked tensors: the one layout of the engine.
 *
 * Element (channel, y, x) lives at row y, channel block channel / 16, pixel x, lane channel % 16:
 *     data[y * row_stride + channel / 16 * block_stride + x * 16 + channel % 16]
 * so the 16 channels of a pixel are one cache line, or half of one in bf16, and a row of all
 * channels is one piece of memory. A ring of zeros one pixel wide lies round every row and above
 * and below the picture: a 3x3 convolution needs no border cases. Lanes past the true channels are
 * zero and stay zero, because their weights are.
 */
#ifndef STYLIZE_NETWORK_TENSOR_H
#define STYLIZE_NETWORK_TENSOR_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "simd/kernels.h"

typedef struct tensor {
    int channels, height, width;
    int blocks;             /* channel blocks: channels / 16, rounded up */
    size_t value_bytes;     /* kernels_activation_bytes, or those of a float */
    ptrdiff_t block_stride; /* values */
    ptrdiff_t row_stride;   /* values */
    unsigned char *data;    /* channel 0, y 0, x 0 */
} tensor;

/* Channel blocks that hold `channels` channels. */
static inline int tensor_blocks(int channels) {
    return (channels + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
}

/* Of `blocks` output blocks, those in the panel that begins at number `block`. */
static inline int tensor_panel(const kernel_set *kernels, int blocks, int block) {
    return blocks - block < kernels->panel ? blocks - block : kernels->panel;
}

/* Values that a tensor needs, ring included; false when that overflows. */
bool tensor_values(int channels, int height, int width, size_t *values);

/* Takes the memory of a tensor of self's value_bytes, channels, height and width, which stays the
 * layout's. */
void tensor_layout(tensor *self, layout *to);

/* A tensor over memory of at least tensor_values values that stays the caller's. Its ring holds
 * whatever the memory held: tensor_clear_ring makes it fit for a 3x3 convolution. */
tensor tensor_view(void *memory, size_t value_bytes, int channels, int height, int width);

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
    rows.data += y * self->row_stride * (ptrdiff_t)self->value_bytes;
    return rows;
}

/* A pixel of a row of a channel block. */
static inline void *tensor_at(const tensor *self, int y, int block, int x) {
    return self->data +
           (y * self->row_stride + block * self->block_stride + (ptrdiff_t)x * CHANNEL_BLOCK) *
               (ptrdiff_t)self->value_bytes;
}

/* Pixel 0 of a row of a channel block, in a tensor of floats. */
static inline float *tensor_row(const tensor *self, int y, int block) {
    assert(self->value_bytes == sizeof(float));
    return tensor_at(self, y, block, 0);
}

#endif
