/* SPDX-License-Identifier: MIT */
#include "cost/mask.h"

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
