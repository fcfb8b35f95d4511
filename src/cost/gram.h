/* SPDX-License-Identifier: MIT
 *
 * Gram matrices of activations, and the style term's way back through them.
 *
 *     G_kk' = sum over pixels of a_k a_k'        (Gatys et al. 2015)
 *
 * Only blocks on and above the diagonal are computed. Sums run in fp32 over a few hundred pixels
 * and in double above that, over chunks of rows that depend on the tensor's shape alone, so the
 * result does not depend on the number of threads.
 */
#ifndef STYLIZE_COST_GRAM_H
#define STYLIZE_COST_GRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/conv.h"
#include "network/tensor.h"

/* Working memory for one shape of tensor. */
typedef struct gram {
    const kernel_set *kernels;
    int channels, chunks;
    double *partial;      /* [chunks][padded channels][padded channels], upper blocks; owned */
    conv_filter gradient; /* 1x1, for gram_gradient; owned */
    float *weights;       /* [channels][channels]; owned */
} gram;

/* Allocates in the caller's storage; gram_clear releases. */
bool gram_init(gram *self, const kernel_set *kernels, int channels, int height, error *err);
void gram_clear(gram *self);

/* matrix [channels][channels] = the Gram matrix of `activation`, not divided by anything. */
void gram_compute(const gram *self, const tensor *activation, double *matrix);

/* gradient = scale * matrix * activation, plus `gradient` itself where accumulate is set: the
 * derivative of the style term, with the symmetric matrix [channels][channels] of differences. */
void gram_gradient(const gram *self, const double *matrix, double scale, const tensor *activation,
                   const tensor *gradient, bool accumulate);

#endif
