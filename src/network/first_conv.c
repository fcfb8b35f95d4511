/* SPDX-License-Identifier: MIT */
#include "network/first_conv.h"

#include <string.h>

#include "core/memory.h"

#define TAPS 9

static int panel_blocks(const first_conv *self, int block) {
    return tensor_panel(self->kernels, tensor_blocks(self->out_channels), block);
}

static void pack(first_conv *self, const float *weights) {
    const int step = self->kernels->panel;
    for (int i = 0; i < self->out_channels * 3 * TAPS; i++) {
        const int out = i / (3 * TAPS), in = i / TAPS % 3, tap = i % TAPS;
        const int block = out / CHANNEL_BLOCK, first = block - block % step;
        const int lanes = panel_blocks(self, first) * CHANNEL_BLOCK;
        self->weights[first * CHANNEL_BLOCK * 3 * TAPS + (in * TAPS + tap) * lanes + out -
                      first * CHANNEL_BLOCK] = weights[i];
        self->adjoint[((block * TAPS + TAPS - 1 - tap) * 3 + in) * CHANNEL_BLOCK +
                      out % CHANNEL_BLOCK] = weights[i];
    }
}

bool first_conv_init(first_conv *self, const kernel_set *kernels, int out_channels,
                     const float *weights, const float *bias, error *err) {
    const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
    *self = (first_conv){.kernels = kernels, .out_channels = out_channels};
    self->weights = memory_alloc(lanes * 3 * TAPS, sizeof(float), err);
    self->adjoint = self->weights ? memory_alloc(lanes * 3 * TAPS, sizeof(float), err) : NULL;
    self->bias = self->adjoint ? memory_alloc(lanes, sizeof(float), err) : NULL;
    if (!self->bias) {
        first_conv_clear(self);
        return false;
    }
    pack(self, weights);
    memcpy(self->bias, bias, (size_t)out_channels * sizeof *bias);
    return true;
}

void first_conv_clear(first_conv *self) {
    memory_free(self->weights);
    memory_free(self->adjoint);
    memory_free(self->bias);
    *self = (first_conv){0};
}

/* The normalised planes lie [3][rows + 2][width + 2 and a little more], zero beyond the border.
 * The surplus lets a kernel read whole vectors. */
static size_t padded_width(int width) {
    return (size_t)width + 2 + CHANNEL_BLOCK;
}

size_t first_conv_scratch_floats(int rows, int width) {
    return 3 * ((size_t)rows + 2) * padded_width(width);
}

/* Row y of input channel c, normalised, to out [width + 2]. */
static void normalise(const first_conv *self, const float *planes, int height, int width, int c,
                      int y, float *out) {
    memset(out, 0, padded_width(width) * sizeof *out);
    if (y < 0 || y >= height)
        return;
    const float *in =
        planes + ((size_t)self->source[c] * (size_t)height + (size_t)y) * (size_t)width;
    const float scale = self->scale[c], offset = self->offset[c];
    for (int x = 0; x < width; x++)
        out[x + 1] = in[x] * scale + offset;
}

void first_conv_run(const first_conv *self, const float *planes, int height, int y,
                    const tensor *out, bool relu, const bitmap *sign, float *scratch) {
    const int rows = out->height, step = self->kernels->panel;
    const ptrdiff_t in_row = (ptrdiff_t)padded_width(out->width);
    const ptrdiff_t in_plane = (rows + 2) * in_row;
#pragma omp for schedule(static)
    for (int i = 0; i < 3 * (rows + 2); i++) {
        const int c = i / (rows + 2), row = i % (rows + 2);
        normalise(self, planes, height, out->width, c, y - 1 + row,
                  scratch + c * in_plane + row * in_row);
    }
#pragma omp for schedule(static)
    for (int i = 0; i < rows; i++) {
        for (int block = 0; block < out->blocks; block += step) {
            const first_row row = {
                .in = scratch + i * in_row,
                .in_row = in_row,
                .in_plane = in_plane,
                .weights = self->weights + (ptrdiff_t)block * CHANNEL_BLOCK * 3 * TAPS,
                .bias = self->bias + (ptrdiff_t)block * CHANNEL_BLOCK,
                .out = tensor_at(out, i, block, 0),
                .out_block = out->block_stride,
                .sign = sign ? bitmap_row(sign, i, block) : NULL,
                .sign_block = sign ? sign->block_stride : 0,
                .width = out->width,
                .panel = panel_blocks(self, block),
                .relu = relu,
            };
            self->kernels->first_row(&row);
        }
    }
}

void first_conv_adjoint(const first_conv *self, const tensor *gradient, int height, int y,
                        float *planes) {
    const size_t width = (size_t)gradient->width, plane = (size_t)height * width;
#pragma omp for schedule(static)
    for (int i = 0; i < gradient->height; i++) {
        first_adjoint_row row = {
            .in = tensor_at(gradient, i, 0, 0),
            .in_row = gradient->row_stride,
            .in_block = gradient->block_stride,
            .blocks = gradient->blocks,
            .weights = self->adjoint,
            .width = gradient->width,
        };
        for (int c = 0; c < 3; c++) {
            row.out[c] = planes + (size_t)self->source[c] * plane + (size_t)(y + i) * width;
            row.scale[c] = self->scale[c];
        }
        self->kernels->first_adjoint_row(&row);
    }
}
