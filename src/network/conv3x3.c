/* SPDX-License-Identifier: MIT */
#include "network/conv3x3.h"

/* With fewer channels on a side the transforms of the other cost more than they save. */
#define WINOGRAD_CHANNELS 8

conv3x3_method conv3x3_choose(int in_channels, int out_channels) {
    return in_channels >= WINOGRAD_CHANNELS && out_channels >= WINOGRAD_CHANNELS ? CONV3X3_WINOGRAD
                                                                                 : CONV3X3_DIRECT;
}

bool conv3x3_init(conv3x3 *self, conv3x3_method method, const kernel_set *kernels, int in_channels,
                  int out_channels, const float *weights, const float *bias, error *err) {
    *self = (conv3x3){.method = method};
    if (method == CONV3X3_WINOGRAD)
        return winograd_filter_init(&self->winograd, kernels, in_channels, out_channels, weights,
                                    bias, err);
    if (!conv_filter_init(&self->direct, kernels, in_channels, out_channels, 3, bias, err))
        return false;
    conv_filter_pack(&self->direct, weights, bias);
    return true;
}

bool conv3x3_init_adjoint(conv3x3 *self, conv3x3_method method, const kernel_set *kernels,
                          int in_channels, int out_channels, const float *weights, error *err) {
    *self = (conv3x3){.method = method};
    if (method == CONV3X3_WINOGRAD)
        return winograd_filter_init_adjoint(&self->winograd, kernels, in_channels, out_channels,
                                            weights, err);
    if (!conv_filter_init(&self->direct, kernels, in_channels, out_channels, 3, false, err))
        return false;
    conv_filter_pack_adjoint(&self->direct, weights);
    return true;
}

void conv3x3_clear(conv3x3 *self) {
    conv_filter_clear(&self->direct);
    winograd_filter_clear(&self->winograd);
}

size_t conv3x3_scratch_floats(const conv3x3 *self, int threads) {
    return self->method == CONV3X3_WINOGRAD ? winograd_scratch_floats(&self->winograd, threads) : 0;
}

void conv3x3_run(const conv3x3 *self, const tensor *in, const tensor *out, conv_epilogue epilogue,
                 const winograd_scratch *scratch) {
    if (self->method == CONV3X3_WINOGRAD)
        winograd_run(&self->winograd, in, out, epilogue, scratch);
    else
        conv_run(&self->direct, in, out, epilogue);
}
