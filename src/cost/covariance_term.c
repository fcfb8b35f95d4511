/* SPDX-License-Identifier: MIT
 *
 * How far the means and covariances of the channels are from their targets. The Gram matrix of
 * activations after a ReLU is mostly the product of their means; here the two count apart.
 */
#include "cost/style.h"

static double compare_row(const cost_work *self, const cost_target *target, double scale, int i) {
    const int channels = self->channels;
    const ptrdiff_t at = (ptrdiff_t)i * channels;
    const double *mean = self->means, *goal = target->means;
    const double *matrix = self->matrix + at, *wanted = target->matrix + at;
    const double power = style_power(target), off = mean[i] - goal[i];
    double *slope = self->slope + at;
    double squares = 2 * power * off * off, pull = power * off;
    for (int j = 0; j < channels; j++) {
        const double difference = (matrix[j] - mean[i] * mean[j]) - (wanted[j] - goal[i] * goal[j]);
        slope[j] += scale * difference;
        pull -= difference * mean[j];
        squares += difference * difference;
    }
    self->constants[i] += scale * pull;
    return squares;
}

static void finish(const cost_work *self, const cost_term *terms, double factor) {
    style_compare(self, terms, factor, compare_row);
}

const cost_kind_row cost_covariance = {
    .name = "style",
    .shared = true,
    .layout = style_layout,
    .observe = style_observe,
    .finish = finish,
    .derive = style_derive,
    .value = style_value,
    .target_layout = style_target_layout,
    .learn = style_learn,
    .learnt = style_learnt,
};
