/* SPDX-License-Identifier: MIT */
#include "cost/kind.h"

#include <assert.h>
#include <string.h>

const cost_kind_row *cost_kind_at(cost_kind kind) {
    static const cost_kind_row *const rows[COST_KINDS] = {
        [COST_CONTENT] = &cost_content,       [COST_GRAM] = &cost_gram,
        [COST_COVARIANCE] = &cost_covariance, [COST_MOMENTS] = &cost_moments,
        [COST_BURES] = &cost_bures,           [COST_WASSERSTEIN] = &cost_wasserstein,
        [COST_SMOOTHNESS] = &cost_smoothness, [COST_CHROMA] = &cost_chroma,
    };
    assert(kind >= 0 && kind < COST_KINDS);
    return rows[kind];
}

cost_work cost_work_at(const vgg *network, const vgg_plan *plan, cost_kind kind, int layer,
                       const cost_mask *mask) {
    assert(layer >= 0 && layer < network->layer_count && cost_kind_at(kind)->derive);
    const cost_work self = {
        .kind = kind,
        .layer = layer,
        .mask = mask,
        .kernels = network->kernels,
        .channels = network->layers[layer].channels,
        .height = vgg_layer_side(network, layer, plan->height),
        .width = vgg_layer_side(network, layer, plan->width),
        .in_strips = vgg_plan_in_strips(plan, layer),
    };
    assert(!mask || (mask->height == self.height && mask->width == self.width));
    return self;
}

void cost_target_layout(cost_target *self, layout *to) {
    cost_kind_at(self->kind)->target_layout(self, to);
}

void cost_target_copy(cost_target *self, const cost_target *from) {
    const size_t channels = (size_t)from->channels;
    assert(self->kind == from->kind && self->channels == from->channels && from->matrix);
    memcpy(self->matrix, from->matrix, channels * channels * sizeof *from->matrix);
    if (from->means)
        memcpy(self->means, from->means, channels * sizeof *from->means);
    if (from->root)
        memcpy(self->root, from->root, matrix_values(from->channels) * sizeof *from->root);
}
