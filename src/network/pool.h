/* SPDX-License-Identifier: MIT
 *
 * 2x2 pooling with stride 2, floor: an odd last row or column takes no part.
 */
#ifndef STYLIZE_NETWORK_POOL_H
#define STYLIZE_NETWORK_POOL_H

#include "network/tensor.h"
#include "simd/kernels.h"

typedef enum pooling { POOLING_MAX, POOLING_AVG } pooling;

/* out [c][h/2][w/2] from in [c][h][w]. */
void pool_forward(const kernel_set *kernels, pooling mode, const tensor *in, const tensor *out);

/* Back through pooling and the ReLU before it, in place: `in` holds the activations that were
 * pooled and becomes their gradient, given that of the pooled tensor; `add` (of in's geometry, or
 * NULL) is added before the ReLU mask. Of equal maxima the first in row-major order takes all. */
void pool_backward(const kernel_set *kernels, pooling mode, const tensor *in,
                   const tensor *gradient, const tensor *add);

#endif
