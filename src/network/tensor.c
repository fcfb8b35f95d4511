/* SPDX-License-Identifier: MIT */
#include "network/tensor.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"

bool tensor_floats(int channels, int height, int width, size_t *floats) {
    size_t row;
    return memory_multiply((size_t)tensor_blocks(channels) * CHANNEL_BLOCK, (size_t)width + 2,
                           &row) &&
           memory_multiply(row, (size_t)height + 2, floats);
}

tensor tensor_view(float *memory, int channels, int height, int width) {
    const int blocks = tensor_blocks(channels);
    const ptrdiff_t block_stride = ((ptrdiff_t)width + 2) * CHANNEL_BLOCK;
    const ptrdiff_t row_stride = blocks * block_stride;
    return (tensor){
        .channels = channels,
        .height = height,
        .width = width,
        .blocks = blocks,
        .block_stride = block_stride,
        .row_stride = row_stride,
        .data = memory + row_stride + CHANNEL_BLOCK,
    };
}

void tensor_layout(tensor *self, layout *to) {
    size_t floats;
    if (!tensor_floats(self->channels, self->height, self->width, &floats))
        floats = SIZE_MAX;
    float *memory = layout_take(to, floats, sizeof *memory);
    if (memory)
        *self = tensor_view(memory, self->channels, self->height, self->width);
}

void tensor_clear_ring(const tensor *self) {
    const size_t line = CHANNEL_BLOCK * sizeof(float);
#pragma omp for schedule(static)
    for (int y = -1; y <= self->height; y++) {
        if (y < 0 || y == self->height) {
            memset(tensor_row(self, y, 0) - CHANNEL_BLOCK, 0,
                   (size_t)self->row_stride * sizeof(float));
            continue;
        }
        for (int b = 0; b < self->blocks; b++) {
            memset(tensor_row(self, y, b) - CHANNEL_BLOCK, 0, line);
            memset(tensor_row(self, y, b) + (ptrdiff_t)self->width * CHANNEL_BLOCK, 0, line);
        }
    }
}

void tensor_copy_rows(const tensor *self, int from, int to, int count) {
    const size_t row = (size_t)self->row_stride * sizeof(float);
#pragma omp for schedule(static)
    for (int i = 0; i < count; i++)
        memcpy(tensor_row(self, to + i, 0) - CHANNEL_BLOCK,
               tensor_row(self, from + i, 0) - CHANNEL_BLOCK, row);
}

void tensor_clear_row(const tensor *self, int y) {
#pragma omp single
    memset(tensor_row(self, y, 0) - CHANNEL_BLOCK, 0, (size_t)self->row_stride * sizeof(float));
}
