/* SPDX-License-Identifier: MIT */
#include "network/pool.h"

#include <string.h>

void pool_forward(const kernel_set *kernels, pooling mode, const tensor *in, const tensor *out,
                  const bitmap *choice) {
#pragma omp for schedule(static)
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++)
            kernels->pool_row(tensor_at(in, 2 * y, b, 0), tensor_at(in, 2 * y + 1, b, 0),
                              tensor_at(out, y, b, 0), bitmap_row(choice, y, b), out->width,
                              mode == POOLING_AVG);
    }
}

/* Pixels from x on that no window covers. */
static void uncovered(const kernel_set *kernels, const bitmap *sign, bool add, const tensor *out,
                      int y, int b, int x) {
    void *row = tensor_at(out, y, b, x);
    if (add)
        kernels->keep(bitmap_row(sign, y, b) + x, row, out->width - x);
    else
        memset(row, 0, (size_t)((out->width - x) * CHANNEL_BLOCK) * out->value_bytes);
}

void pool_backward(const kernel_set *kernels, pooling mode, const tensor *gradient,
                   const bitmap *choice, const bitmap *sign, bool add, const tensor *out) {
    const int covered = 2 * gradient->width;
#pragma omp for schedule(static)
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++) {
            if (y / 2 == gradient->height) {
                uncovered(kernels, sign, add, out, y, b, 0);
                continue;
            }
            kernels->unpool_row(tensor_at(gradient, y / 2, b, 0),
                                bitmap_row(choice, y / 2, b) + (ptrdiff_t)2 * (y % 2),
                                pool_share(mode), add, bitmap_row(sign, y, b),
                                tensor_at(out, y, b, 0), gradient->width);
            uncovered(kernels, sign, add, out, y, b, covered);
        }
    }
}
