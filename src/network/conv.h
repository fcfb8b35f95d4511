/* SPDX-License-Identifier: MIT
 *
 * Convolution of blocked tensors with 3x3 or 1x1 filters, stride 1, zero padding.
 *
 * A filter is packed once, for the kernel set in use, into panels of output channels that the inner
 * loop streams. The way back to the input is the same operation with another filter: rotated by 180
 * degrees, input and output channels swapped, no bias. A 1x1 filter multiplies every pixel by a
 * matrix, which is the gradient of a Gram matrix.
 */
#ifndef STYLIZE_NETWORK_CONV_H
#define STYLIZE_NETWORK_CONV_H

#include <stdbool.h>

#include "core/error.h"
#include "network/tensor.h"
#include "simd/kernels.h"

typedef struct conv_filter {
    const kernel_set *kernels; /* the packing suits these only */
    int in_channels, out_channels;
    int taps;      /* 1 or 3 a side */
    float *packed; /* [panel][in block][tap y][tap x][lane][out lane of the panel]; owned */
    float *bias;   /* [out blocks * 16]; owned; NULL = none */
} conv_filter;

/* A zero filter in the caller's storage; conv_filter_clear releases it. */
bool conv_filter_init(conv_filter *self, const kernel_set *kernels, int in_channels,
                      int out_channels, int taps, bool with_bias, error *err);
void conv_filter_clear(conv_filter *self);

/* Packs weights [out][in][taps][taps] and bias [out] (NULL when the filter has none). */
void conv_filter_pack(conv_filter *self, const float *weights, const float *bias);

/* Packs the adjoint of weights [in_channels][out_channels][taps][taps], given in the forward
 * convolution's own order: this filter's input is that convolution's output. */
void conv_filter_pack_adjoint(conv_filter *self, const float *weights);

/* What happens to a sum before it is stored, in this order. */
typedef struct conv_epilogue {
    const tensor *add;  /* added, or NULL */
    bool relu;          /* max(v, 0) */
    const tensor *mask; /* zero where the mask is not positive, or NULL; may be the output */
} conv_epilogue;

/* out = epilogue(filter * in). The tensors have one height and width and the filter's channels;
 * `in` is no other argument. */
void conv_run(const conv_filter *filter, const tensor *in, const tensor *out,
              conv_epilogue epilogue);

#endif
