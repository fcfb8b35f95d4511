/* SPDX-License-Identifier: MIT */
#include "cost/mask.h"

#include "simd/kernels.h"

void cost_mask_layout(cost_mask *self, layout *to) {
    self->weights =
        layout_take(to, (size_t)self->height * (size_t)self->width, sizeof *self->weights);
}

void cost_mask_sum(cost_mask *self) {
    const size_t count = (size_t)self->height * (size_t)self->width;
    self->sum = self->squares = 0;
    for (size_t i = 0; i < count; i++) {
        const double weight = (double)self->weights[i];
        self->sum += weight;
        self->squares += weight * weight;
    }
}

void cost_mask_weigh(const float *in, const float *weights, bool squared, int pixels, float *out) {
    for (int x = 0; x < pixels; x++, in += CHANNEL_BLOCK, out += CHANNEL_BLOCK) {
        const float weight = squared ? weights[x] * weights[x] : weights[x];
        for (int i = 0; i < CHANNEL_BLOCK; i++)
            out[i] = weight * in[i];
    }
}
