/* SPDX-License-Identifier: MIT */
#include "network/bitmap.h"

#include "core/memory.h"

bool bitmap_bytes(int blocks, int words, int height, int width, size_t *bytes) {
    size_t row;
    return memory_multiply((size_t)(blocks * words) * sizeof(uint16_t), (size_t)width + 2, &row) &&
           memory_multiply(row, (size_t)height + 2, bytes);
}

bitmap bitmap_view(void *memory, int blocks, int words, int height, int width) {
    const ptrdiff_t block_stride = ((ptrdiff_t)width + 2) * words;
    const ptrdiff_t row_stride = blocks * block_stride;
    return (bitmap){
        .height = height,
        .width = width,
        .blocks = blocks,
        .words = words,
        .block_stride = block_stride,
        .row_stride = row_stride,
        .data = (uint16_t *)memory + row_stride + words,
    };
}
