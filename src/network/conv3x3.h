/* SPDX-License-Identifier: MIT
 *
 * A 3x3 convolution of the network in one direction, computed by the quicker of two ways: directly
 * (conv.h) where few channels go in or come out, by Winograd's (winograd.h) everywhere else.
 */
#ifndef STYLIZE_NETWORK_CONV3X3_H
#define STYLIZE_NETWORK_CONV3X3_H

#include <stdbool.h>

#include "core/error.h"
#include "network/conv.h"
#include "network/winograd.h"

typedef enum conv3x3_method { CONV3X3_DIRECT, CONV3X3_WINOGRAD } conv3x3_method;

typedef struct conv3x3 {
    conv3x3_method method;
    conv_filter direct;       /* of CONV3X3_DIRECT */
    winograd_filter winograd; /* of CONV3X3_WINOGRAD */
} conv3x3;

/* The quicker method for so many channels. */
conv3x3_method conv3x3_choose(int in_channels, int out_channels);

/* Packs weights [out][in][3][3] and bias [out] in the caller's storage; conv3x3_clear releases. */
bool conv3x3_init(conv3x3 *self, conv3x3_method method, const kernel_set *kernels, int in_channels,
                  int out_channels, const float *weights, const float *bias, error *err);

/* Packs the adjoint, without a bias, of weights [in_channels][out_channels][3][3] in the forward
 * convolution's own order: this one's input is that one's output. */
bool conv3x3_init_adjoint(conv3x3 *self, conv3x3_method method, const kernel_set *kernels,
                          int in_channels, int out_channels, const float *weights, error *err);
void conv3x3_clear(conv3x3 *self);

/* Floats of scratch that it needs with so many threads. */
size_t conv3x3_scratch_floats(const conv3x3 *self, int threads);

/* out = epilogue(self * in), as conv_run. `scratch` suffices by conv3x3_scratch_floats. */
void conv3x3_run(const conv3x3 *self, const tensor *in, const tensor *out, conv_epilogue epilogue,
                 const winograd_scratch *scratch);

#endif
