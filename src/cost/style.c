/* SPDX-License-Identifier: MIT */
#include "cost/style.h"

#include <string.h>

#include "cost/sums.h"

static double elements(const cost_work *self) {
    return (double)self->channels * self->channels;
}

void style_observe(const cost_work *self, int y, const tensor *rows) {
    gram_add(&self->gram, y, rows);
}

void style_learn(const cost_work *self, const cost_target *target, int y, const tensor *rows) {
    (void)target;
    gram_add(&self->gram, y, rows);
}

void style_derive(const cost_work *self, const cost_term *terms, double factor,
                  const cost_piece *piece) {
    (void)terms;
    (void)factor;
    gram_gradient(&self->gram, piece);
}

double style_scale(const cost_work *self, const cost_term *term, double factor) {
    return factor * term->weight / (elements(self) * gram_area(&self->gram));
}

/* ---- with means ---- */

void style_layout(cost_work *self, layout *to) {
    const size_t channels = (size_t)self->channels;
    gram_prepare(&self->gram, self->kernels, self->channels, self->height, self->width,
                 self->in_strips, self->mask);
    self->gram.means = true;
    gram_layout(&self->gram, to);
    if (!self->count) /* an analysis */
        return;
    self->matrix = layout_take(to, channels * channels, sizeof *self->matrix);
    self->means = layout_take(to, channels, sizeof *self->means);
    self->slope = layout_take(to, channels * channels, sizeof *self->slope);
    self->constants = layout_take(to, channels, sizeof *self->constants);
    self->sums = layout_take(to, (size_t)self->count * channels, sizeof *self->sums);
}

void style_target_layout(cost_target *self, layout *to) {
    const size_t channels = (size_t)self->channels;
    self->matrix = layout_take(to, channels * channels, sizeof *self->matrix);
    self->means = layout_take(to, channels, sizeof *self->means);
}

void style_learnt(const cost_work *self, const cost_target *target) {
    gram_finish(&self->gram, target->share, target->matrix);
    gram_finish_means(&self->gram, target->share, target->means);
}

void style_gather(const cost_work *self) {
    const int channels = self->channels;
    gram_finish(&self->gram, 0, self->matrix);
    gram_finish_means(&self->gram, 0, self->means);
#pragma omp for schedule(static)
    for (int i = 0; i < channels; i++) {
        memset(self->slope + (ptrdiff_t)i * channels, 0, (size_t)channels * sizeof *self->slope);
        self->constants[i] = 0;
    }
}

void style_compare(const cost_work *self, const cost_term *terms, double factor, style_row *row) {
    const int channels = self->channels;
    style_gather(self);
#pragma omp for schedule(static)
    for (int i = 0; i < channels; i++) {
        for (int k = 0; k < self->count; k++)
            self->sums[(ptrdiff_t)k * channels + i] =
                row(self, terms[k].target, style_scale(self, &terms[k], factor), i);
    }
    gram_set_gradient(&self->gram, self->slope, self->constants);
}

double style_power(const cost_target *target) {
    double power = 0;
    for (int i = 0; i < target->channels; i++)
        power += target->matrix[(ptrdiff_t)i * target->channels + i];
    return power;
}

double style_value(const cost_work *self, int term) {
    return cost_add_up(self->sums + (ptrdiff_t)term * self->channels, self->channels) /
           (4 * elements(self));
}
