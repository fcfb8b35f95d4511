/* SPDX-License-Identifier: MIT
 *
 * The style term as published: how far the Gram matrix of an activation is from its target. Terms
 * of one layer and mask look at one matrix, and go back through one factor.
 */
#include "cost/style.h"
#include "cost/sums.h"

static void take(cost_work *self, layout *to) {
    const size_t blocks = (size_t)tensor_blocks(self->channels);
    gram_prepare(&self->gram, self->kernels, self->channels, self->height, self->width,
                 self->in_strips, self->mask);
    gram_layout(&self->gram, to);
    self->sums = layout_take(to, (size_t)self->count * blocks, sizeof *self->sums);
}

static void finish(const cost_work *self, const cost_term *terms, double factor) {
    gram_goal goals[COST_MOST_TERMS];
    for (int i = 0; i < self->count; i++)
        goals[i] = (gram_goal){
            .target = terms[i].target->matrix,
            .scale = style_scale(self, &terms[i], factor),
            .distances = self->sums + (ptrdiff_t)i * tensor_blocks(self->channels),
        };
    gram_compare(&self->gram, goals, self->count);
}

static double value(const cost_work *self, int term) {
    const int blocks = tensor_blocks(self->channels);
    return cost_add_up(self->sums + (ptrdiff_t)term * blocks, blocks) /
           (4.0 * self->channels * self->channels);
}

/* ---- its target ---- */

static void take_target(cost_target *self, layout *to) {
    const size_t channels = (size_t)self->channels;
    self->matrix = layout_take(to, channels * channels, sizeof *self->matrix);
}

static void learnt(const cost_work *self, const cost_target *target) {
    gram_finish(&self->gram, target->share, target->matrix);
}

const cost_kind_row cost_gram = {
    .name = "style",
    .shared = true,
    .layout = take,
    .observe = style_observe,
    .finish = finish,
    .derive = style_derive,
    .value = value,
    .target_layout = take_target,
    .learn = style_learn,
    .learnt = learnt,
};
