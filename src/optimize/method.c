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

static void keep_best(optimizer *self) {
    if (self->best)
        memcpy(self->best, self->x, self->problem.count * sizeof *self->best);
    self->best_value = self->value;
    self->best_iteration = self->iterations;
}

bool method_start(optimizer *self) {
    self->value = evaluate(self, self->x, self->gradient);
    if (!isfinite(self->value))
        return false;
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
    if (!self->best || value < self->best_value)
        keep_best(self);
}
