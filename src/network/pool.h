/* SPDX-License-Identifier: MIT
 *
 * 2x2 pooling with stride 2, floor: an odd last row or column takes no part. Where nobody asks for
 * the activations that are pooled, winograd.h pools on its way out; this is for the other case.
 *
 * All threads of the parallel region call these, and they return together.
 */
#ifndef STYLIZE_NETWORK_POOL_H
#define STYLIZE_NETWORK_POOL_H

#include <stdbool.h>

#include "network/bitmap.h"
#include "network/tensor.h"
#include "simd/kernels.h"

typedef enum pooling { POOLING_MAX, POOLING_AVG } pooling;

/* The share of a pooled value's gradient that each chosen pixel of its window gets. */
static inline float pool_share(pooling mode) {
    return mode == POOLING_AVG ? 0.25f : 1;
}

/* out [c][h/2][w/2] from activations in [c][h][w] after their ReLU; `choice` (4 words a pixel)
 * remembers where the gradient goes: of equal maxima to the first in row-major order. */
void pool_forward(const kernel_set *kernels, pooling mode, const tensor *in, const tensor *out,
                  const bitmap *choice);

/* Back through pooling and the ReLU before it: out = what it holds (if add) plus the gradient of
 * the pooled tensor, where the activation's sign is set. */
void pool_backward(const kernel_set *kernels, pooling mode, const tensor *gradient,
                   const bitmap *choice, const bitmap *sign, bool add, const tensor *out);

#endif
