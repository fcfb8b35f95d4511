/* SPDX-License-Identifier: MIT
 *
 * How far the Gram matrix, and by themselves the mean and the standard deviation of each channel,
 * are from their targets. Gram matrices alone do not tell a flat grey from black and white.
 */
#include <math.h>

#include "cost/style.h"

/* Added to a variance, in mean squares of the target's activations: the deviation of a channel that
 * is constant has a slope, too. */
#define LEAST_VARIANCE 1e-4

/* Of the target's power: what brings the gradient at the start to the order of the other kinds'. */
#define SHARE 0.125

static double deviation(const double *matrix, const double *means, int channels, int i,
                        double power) {
    const double variance = matrix[(ptrdiff_t)i * channels + i] - means[i] * means[i];
    return sqrt(fmax(variance, 0) + LEAST_VARIANCE * power / channels);
}

static double compare_row(const cost_work *self, const cost_target *target, double scale, int i) {
    const int channels = self->channels;
    const ptrdiff_t at = (ptrdiff_t)i * channels;
    const double power = style_power(target), mean = self->means[i];
    const double spread = deviation(self->matrix, self->means, channels, i, power);
    const double off = mean - target->means[i];
    const double wide = spread - deviation(target->matrix, target->means, channels, i, power);
    const double weight = SHARE * power, per_value = spread > 0 ? weight * wide / spread : 0;
    double *slope = self->slope + at, squares = 2 * weight * (off * off + wide * wide);
    for (int j = 0; j < channels; j++) {
        const double difference = self->matrix[at + j] - target->matrix[at + j];
        slope[j] += scale * difference;
        squares += difference * difference;
    }
    slope[i] += scale * per_value;
    self->constants[i] += scale * (weight * off - per_value * mean);
    return squares;
}

static void finish(const cost_work *self, const cost_term *terms, double factor) {
    style_compare(self, terms, factor, compare_row);
}

const cost_kind_row cost_moments = {
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
