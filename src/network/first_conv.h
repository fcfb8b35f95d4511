/* SPDX-License-Identifier: MIT
 *
 * The network's first convolution, from the picture's three planes, and its backward pass.
 *
 * It normalises on the way: input channel i is the picture's plane source[i] times scale[i] plus
 * offset[i], and zero beyond the border. Three channels are too few for Winograd's transforms to
 * pay, so the sums are taken directly.
 *
 * first_conv_run and first_conv_adjoint share their work among the threads of the parallel region
 * that they are called in: every thread calls them, and they return together.
 */
#ifndef STYLIZE_NETWORK_FIRST_CONV_H
#define STYLIZE_NETWORK_FIRST_CONV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/bitmap.h"
#include "network/tensor.h"
#include "simd/kernels.h"

typedef struct first_conv {
    const kernel_set *kernels;
    int out_channels;
    float *weights; /* [panel][in][tap y][tap x][lane of the panel]; owned */
    float *adjoint; /* [out block][tap y][tap x][in][16], turned by 180 degrees; owned */
    float *bias;    /* [out blocks * 16]; owned */
    int source[3];
    float scale[3], offset[3]; /* set by the owner */
} first_conv;

/* Packs weights [out][3][3][3] and bias [out] in the caller's storage. */
bool first_conv_init(first_conv *self, const kernel_set *kernels, int out_channels,
                     const float *weights, const float *bias, error *err);
void first_conv_clear(first_conv *self);

/* Floats of working memory to compute so many rows at once. */
size_t first_conv_scratch_floats(int rows, int width);

/* Rows y .. y + out->height - 1 of the convolution of planes [3][height][out->width], with ReLU and
 * the sign bits unless NULL (if relu). `scratch` is shared by the threads. */
void first_conv_run(const first_conv *self, const float *planes, int height, int y,
                    const tensor *out, bool relu, const bitmap *sign, float *scratch);

/* Rows y .. y + gradient->height - 1 of the gradient of planes [3][height][gradient->width], from
 * those of the convolution, whose neighbours must be readable. */
void first_conv_adjoint(const first_conv *self, const tensor *gradient, int height, int y,
                        float *planes);

#endif
