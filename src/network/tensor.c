/* SPDX-License-Identifier: MIT */
#include "network/tensor.h"

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

bool tensor_init(tensor *self, int channels, int height, int width, error *err) {
    size_t floats;
    if (!tensor_floats(channels, height, width, &floats))
        return error_set(err, ERROR_FAILURE, "the picture is too large: use a smaller --size");
    float *memory = memory_alloc(floats, sizeof *memory, err);
    if (!memory)
        return false;
    *self = tensor_view(memory, channels, height, width);
    self->memory = memory;
    return true;
}

void tensor_clear(tensor *self) {
    memory_free(self->memory);
    *self = (tensor){0};
}
