/* SPDX-License-Identifier: MIT */
#include "optimize/method.h"

#include <math.h>
#include <string.h>

#include "optimize/vector.h"

/* The function at x, or not-a-number where its gradient is not finite: no step could follow. */
static double evaluate(optimizer *self, const float *x, float *gradient) {
    self->evaluations++;
    const double value = self->problem.evaluate(self->problem.user, x, gradient);
    return vector_finite(gradient, self->problem.count) ? value : NAN;
}

static bool averages(const optimizer *self) {
    return self->best && self->options.average > 0;
}

/* Takes x into the average, which has weights that decay from the last iterate back, and sum 1. */
static void average(optimizer *self) {
    const double decay = self->options.average;
    const float share = (float)((1 - decay) / (1 - pow(decay, ++self->averaged)));
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < self->problem.count; i++)
        self->best[i] += share * (self->x[i] - self->best[i]);
}

static void keep_best(optimizer *self) {
    if (self->best && !averages(self))
        memcpy(self->best, self->x, self->problem.count * sizeof *self->best);
    self->best_value = self->value;
    self->best_iteration = self->iterations;
}

bool method_start(optimizer *self) {
    self->value = evaluate(self, self->x, self->gradient);
    if (!isfinite(self->value))
        return false;
    if (averages(self)) {
        memset(self->best, 0, self->problem.count * sizeof *self->best);
        self->averaged = 0;
        average(self);
    }
    keep_best(self);
    return true;
}

bool method_cancelled(const optimizer *self) {
    return self->problem.cancelled && self->problem.cancelled(self->problem.user);
}

double method_try(optimizer *self) {
    return evaluate(self, self->trial, self->trial_gradient);
}

void method_accept(optimizer *self, double value) {
    float *x = self->x, *gradient = self->gradient;
    self->x = self->trial;
    self->gradient = self->trial_gradient;
    self->trial = x;
    self->trial_gradient = gradient;
    self->value = value;
    self->iterations++;
    if (averages(self))
        average(self);
    if (!self->best || value < self->best_value)
        keep_best(self);
}
