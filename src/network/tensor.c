/* SPDX-License-Identifier: MIT */
#include "network/tensor.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"

bool tensor_values(int channels, int height, int width, size_t *values) {
    size_t row;
    return memory_multiply((size_t)tensor_blocks(channels) * CHANNEL_BLOCK, (size_t)width + 2,
                           &row) &&
           memory_multiply(row, (size_t)height + 2, values);
}

tensor tensor_view(void *memory, size_t value_bytes, int channels, int height, int width) {
    const int blocks = tensor_blocks(channels);
    const ptrdiff_t block_stride = ((ptrdiff_t)width + 2) * CHANNEL_BLOCK;
    const ptrdiff_t row_stride = blocks * block_stride;
    return (tensor){
        .channels = channels,
        .height = height,
        .width = width,
        .blocks = blocks,
        .value_bytes = value_bytes,
        .block_stride = block_stride,
        .row_stride = row_stride,
        .data = (unsigned char *)memory + (size_t)(row_stride + CHANNEL_BLOCK) * value_bytes,
    };
}

void tensor_layout(tensor *self, layout *to) {
    size_t values;
    assert(self->value_bytes);
    if (!tensor_values(self->channels, self->height, self->width, &values))
        values = SIZE_MAX;
    void *memory = layout_take(to, values, self->value_bytes);
    if (memory)
        *self = tensor_view(memory, self->value_bytes, self->channels, self->height, self->width);
}

/* Bytes of a row, ring included. */
static size_t row_bytes(const tensor *self) {
    return (size_t)self->row_stride * self->value_bytes;
}

void tensor_clear_ring(const tensor *self) {
    const size_t pixel = CHANNEL_BLOCK * self->value_bytes;
#pragma omp for schedule(static)
    for (int y = -1; y <= self->height; y++) {
        if (y < 0 || y == self->height) {
            memset(tensor_at(self, y, 0, -1), 0, row_bytes(self));
            continue;
        }
        for (int b = 0; b < self->blocks; b++) {
            memset(tensor_at(self, y, b, -1), 0, pixel);
            memset(tensor_at(self, y, b, self->width), 0, pixel);
        }
    }
}

void tensor_copy_rows(const tensor *self, int from, int to, int count) {
#pragma omp for schedule(static)
    for (int i = 0; i < count; i++)
        memcpy(tensor_at(self, to + i, 0, -1), tensor_at(self, from + i, 0, -1), row_bytes(self));
}

void tensor_clear_row(const tensor *self, int y) {
#pragma omp single
    memset(tensor_at(self, y, 0, -1), 0, row_bytes(self));
}
