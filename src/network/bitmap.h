/* SPDX-License-Identifier: MIT
 *
 * One bit for each channel of each pixel: what is left of an activation once only its sign, or its
 * place in a pooling window, is needed.
 *
 * The layout is that of tensors (network/tensor.h) with one 16-bit word in place of 16 floats, or
 * four words where a pixel stands for a pooling window: bit c of a word belongs to channel c of the
 * block. A ring of zero pixels lies round it.
 */
#ifndef STYLIZE_NETWORK_BITMAP_H
#define STYLIZE_NETWORK_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bitmap {
    int height, width;
    int blocks;                         /* of channels */
    int words;                          /* per pixel: 1, or 4 for a window in row-major order */
    ptrdiff_t block_stride, row_stride; /* words */
    uint16_t *data;                     /* block 0, y 0, x 0 */
} bitmap;

/* Bytes that a bitmap needs, ring included; false when that overflows. */
bool bitmap_bytes(int blocks, int words, int height, int width, size_t *bytes);

/* A bitmap over zeroed memory of at least bitmap_bytes bytes that stays the caller's. */
bitmap bitmap_view(void *memory, int blocks, int words, int height, int width);

/* The words of pixel 0 of a row of a channel block. */
static inline uint16_t *bitmap_row(const bitmap *self, int y, int block) {
    return self->data + y * self->row_stride + block * self->block_stride;
}

/* The bitmap from row y on. */
static inline bitmap bitmap_from_row(const bitmap *self, int y) {
    bitmap rows = *self;
    rows.height -= y;
    rows.data += y * self->row_stride;
    return rows;
}

#endif
