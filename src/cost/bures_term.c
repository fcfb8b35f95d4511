/* SPDX-License-Identifier: MIT
 *
 * How far activations would have to be moved: the squared Wasserstein distance of order 2 between
 * the normal distributions that have their means and covariances, of which the part of the
 * covariances is named after Bures. Both are blurred by a little noise, so that all is well defined
 * where there are fewer pixels than channels.
 *
 *     W^2 = |mu - mu*|^2 + tr(A + B - 2 M^1/2),   A = Sigma* + e I,  B = Sigma + e I,
 *                                                 M = A^1/2 B A^1/2
 *     dW^2/dSigma = I - A^1/2 M^-1/2 A^1/2
 *
 * Two kinds: COST_BURES, in the units of Gram matrices and with a noise that suits the target; and
 * COST_WASSERSTEIN, that of style-transfer-pytorch: a mean over channels, hardly any noise, and
 * roots that end after some steps, so that they lack the same at small eigenvalues. (Its derivative
 * is that of whole roots.)
 */
#include <math.h>

#include "cost/style.h"

/* e as a part of |Sigma*|: the eigenvalues of M are at least the square of that. And as a part of
 * the target's mean power, for layers where the style hardly varies. */
#define BLUR 3e-3
#define LEAST_BLUR 1e-4

/* Of the target's power: what brings the gradient at the start to the order of the other kinds'. */
#define SHARE 0.125

#define WASSERSTEIN_BLUR 1e-4
#define WASSERSTEIN_STEPS 12

/* A covariance out of the sums for one. */
static double covariance_at(const double *matrix, const double *means, int channels, int i, int j) {
    return matrix[(ptrdiff_t)i * channels + j] - means[i] * means[j];
}

static double blur_of(const cost_target *target) {
    const int channels = target->channels;
    double squares = 0, power = 0;
    if (target->kind == COST_WASSERSTEIN)
        return WASSERSTEIN_BLUR;
    for (int i = 0; i < channels; i++) {
        power += target->matrix[(ptrdiff_t)i * channels + i];
        for (int j = 0; j < channels; j++) {
            const double value = covariance_at(target->matrix, target->means, channels, i, j);
            squares += value * value;
        }
    }
    return BLUR * sqrt(squares) + LEAST_BLUR * power / channels;
}

/* 2 C^2 times what W^2 counts in J. */
static double weight_of(const cost_target *target) {
    return target->kind == COST_WASSERSTEIN ? 2.0 * target->channels : SHARE * style_power(target);
}

static int steps_of(const cost_target *target) {
    return target->kind == COST_WASSERSTEIN ? WASSERSTEIN_STEPS : 0;
}

/* Collective: writes a blurred covariance. */
static void write_covariance(const double *matrix, const double *means, int channels, double blur,
                             float *out) {
#pragma omp for schedule(static)
    for (int i = 0; i < channels; i++) {
        for (int j = 0; j < channels; j++)
            out[matrix_at(channels, i, j)] =
                (float)(covariance_at(matrix, means, channels, i, j) + (i == j ? blur : 0));
    }
}

static void take(cost_work *self, layout *to) {
    style_layout(self, to);
    matrix_space_layout(&self->space, self->kernels, self->channels, to);
    for (int i = 0; i < 3; i++)
        self->products[i] = matrix_take(self->channels, to);
}

/* ---- an evaluation ---- */

/* What a term's rows are made of. */
typedef struct transport {
    double blur, root_scale; /* |M|^1/2 */
    const float *m, *root, *inverse,
        *map; /* M, its roots over that, A^1/2 times the inverse A^1/2 */
} transport;

/* Collective. */
static transport find_transport(const cost_work *self, const cost_target *target) {
    float *const *p = self->products;
    const double blur = blur_of(target);
    write_covariance(self->matrix, self->means, self->channels, blur, p[0]);
    matrix_product(&self->space, p[0], target->root, p[1]);
    matrix_product(&self->space, target->root, p[1], p[2]);
    const matrix_roots found = matrix_root(&self->space, p[2], steps_of(target));
    matrix_product(&self->space, found.inverse, target->root, p[0]);
    matrix_product(&self->space, target->root, p[0], p[1]);
    return (transport){blur, sqrt(found.scale), p[2], found.root, found.inverse, p[1]};
}

/* Twice row i's share of tr M^1/2: half of it by the root and half by M times the inverse, whose
 * errors cancel. */
static double twice_trace(const cost_work *self, const transport *t, int i) {
    double sum = 0;
    for (int j = 0; j < self->channels; j++) {
        const ptrdiff_t at = matrix_at(self->channels, i, j);
        sum += (double)t->m[at] * (double)t->inverse[at];
    }
    const double root = (double)t->root[matrix_at(self->channels, i, i)];
    return t->root_scale > 0 ? sum / t->root_scale + root * t->root_scale : 0;
}

static double compare_row(const cost_work *self, const cost_target *target, const transport *t,
                          double scale, int i) {
    const int channels = self->channels;
    const double weight = weight_of(target), off = self->means[i] - target->means[i];
    const double both = covariance_at(self->matrix, self->means, channels, i, i) +
                        covariance_at(target->matrix, target->means, channels, i, i) + 2 * t->blur;
    double *slope = self->slope + (ptrdiff_t)i * channels, pull = off;
    for (int j = 0; j < channels; j++) {
        const double map =
            t->root_scale > 0 ? (double)t->map[matrix_at(channels, i, j)] / t->root_scale : 0;
        const double difference = (i == j ? 1 : 0) - map;
        slope[j] += scale * weight * difference;
        pull -= difference * self->means[j];
    }
    self->constants[i] += scale * weight * pull;
    return 2 * weight * (off * off + both - twice_trace(self, t, i));
}

static void finish(const cost_work *self, const cost_term *terms, double factor) {
    style_gather(self);
    for (int k = 0; k < self->count; k++) {
        const transport t = find_transport(self, terms[k].target);
        const double scale = style_scale(self, &terms[k], factor);
#pragma omp for schedule(static)
        for (int i = 0; i < self->channels; i++)
            self->sums[(ptrdiff_t)k * self->channels + i] =
                compare_row(self, terms[k].target, &t, scale, i);
    }
    gram_set_gradient(&self->gram, self->slope, self->constants);
}

/* ---- its target ---- */

static void take_target(cost_target *self, layout *to) {
    style_target_layout(self, to);
    self->root = matrix_take(self->channels, to);
}

static void learnt(const cost_work *self, const cost_target *target) {
    const int channels = self->channels;
    style_learnt(self, target);
    write_covariance(target->matrix, target->means, channels, blur_of(target), self->products[0]);
    const matrix_roots found = matrix_root(&self->space, self->products[0], steps_of(target));
#pragma omp for schedule(static)
    for (int i = 0; i < channels; i++) {
        for (int j = 0; j < channels; j++) {
            const ptrdiff_t at = matrix_at(channels, i, j);
            target->root[at] = (float)(sqrt(found.scale) * (double)found.root[at]);
        }
    }
}

/* clang-format off */
#define ROW                                                                                        \
    .name = "style", .shared = true, .layout = take, .observe = style_observe, .finish = finish,   \
    .derive = style_derive, .value = style_value, .target_layout = take_target,                    \
    .learn = style_learn, .learnt = learnt
/* clang-format on */

const cost_kind_row cost_bures = {ROW}, cost_wasserstein = {ROW};
