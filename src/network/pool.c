/* SPDX-License-Identifier: MIT */
#include "network/pool.h"

void pool_forward(const kernel_set *kernels, pooling mode, const tensor *in, const tensor *out) {
#pragma omp parallel for schedule(static)
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++) {
            const float *in0 = tensor_row(in, 2 * y, b), *in1 = tensor_row(in, 2 * y + 1, b);
            if (mode == POOLING_MAX)
                kernels->pool_max_row(in0, in1, tensor_row(out, y, b), out->width);
            else
                kernels->pool_avg_row(in0, in1, tensor_row(out, y, b), out->width);
        }
    }
}

/* Pixels that no window covers: only `add` reaches them. */
static void uncovered(const kernel_set *kernels, const tensor *in, const tensor *add, int y, int b,
                      int x) {
    float *row = tensor_row(in, y, b) + (ptrdiff_t)x * CHANNEL_BLOCK;
    const float *add_row = add ? tensor_row(add, y, b) + (ptrdiff_t)x * CHANNEL_BLOCK : NULL;
    kernels->relu_backward(row, add_row, row, (size_t)(in->width - x) * CHANNEL_BLOCK);
}

void pool_backward(const kernel_set *kernels, pooling mode, const tensor *in,
                   const tensor *gradient, const tensor *add) {
    const int covered = 2 * gradient->width;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < in->height; y += 2) {
        for (int b = 0; b < in->blocks; b++) {
            if (y + 1 == in->height) {
                uncovered(kernels, in, add, y, b, 0);
                continue;
            }
            const float *g = tensor_row(gradient, y / 2, b);
            const float *add0 = add ? tensor_row(add, y, b) : NULL;
            const float *add1 = add ? tensor_row(add, y + 1, b) : NULL;
            if (mode == POOLING_MAX)
                kernels->unpool_max_row(tensor_row(in, y, b), tensor_row(in, y + 1, b), g, add0,
                                        add1, gradient->width);
            else
                kernels->unpool_avg_row(tensor_row(in, y, b), tensor_row(in, y + 1, b), g, add0,
                                        add1, gradient->width);
            uncovered(kernels, in, add, y, b, covered);
            uncovered(kernels, in, add, y + 1, b, covered);
        }
    }
}
