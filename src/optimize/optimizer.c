/* SPDX-License-Identifier: MIT */
#include "optimize/optimizer.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "optimize/vector.h"

/* The function at x, or not-a-number where its gradient is not finite: no step could follow. */
static double evaluate(const optimizer_run *self, const float *x, float *gradient) {
    const double value = self->problem->evaluate(self->problem->user, x, gradient);
    return isfinite(vector_dot(gradient, gradient, self->problem->count)) ? value : NAN;
}

static void keep_best(optimizer_run *self) {
    memcpy(self->best, self->x, self->problem->count * sizeof *self->best);
    self->result->best = self->value;
    self->result->best_iteration = self->result->iterations;
}

/* Calls back and sees whether anything is left to do. */
static void report(optimizer_run *self) {
    const optimizer_problem *problem = self->problem;
    optimizer_result *result = self->result;
    if (problem->progress &&
        problem->progress(problem->user, result->iterations, result->evaluations)) {
        self->stopped = true;
        result->stop = OPTIMIZER_PROGRESS;
    } else if (result->iterations >= self->options->iterations) {
        self->stopped = true;
        result->stop = OPTIMIZER_ITERATIONS;
    }
}

bool optimizer_start(optimizer_run *self, const optimizer_problem *problem,
                     const optimizer_options *options, const float *x, optimizer_result *result,
                     error *err) {
    float **const vectors[] = {&self->x, &self->gradient, &self->trial, &self->trial_gradient,
                               &self->best};
    *self = (optimizer_run){.problem = problem, .options = options, .result = result};
    *result = (optimizer_result){0};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        *vectors[i] = memory_alloc(problem->count, sizeof(float), err);
        if (!*vectors[i])
            return false;
    }
    memcpy(self->x, x, problem->count * sizeof *x);
    memcpy(self->best, x, problem->count * sizeof *x);
    self->value = evaluate(self, self->x, self->gradient);
    result->evaluations = 1;
    if (!isfinite(self->value))
        return error_set(
            err, ERROR_FAILURE,
            "the cost of the start or its gradient is not finite: use smaller weights");
    keep_best(self);
    report(self);
    return true;
}

double optimizer_try(optimizer_run *self) {
    self->result->evaluations++;
    return evaluate(self, self->trial, self->trial_gradient);
}

void optimizer_accept(optimizer_run *self, double value) {
    float *x = self->x, *gradient = self->gradient;
    self->x = self->trial;
    self->gradient = self->trial_gradient;
    self->trial = x;
    self->trial_gradient = gradient;
    self->value = value;
    self->result->iterations++;
    if (value < self->result->best)
        keep_best(self);
    report(self);
}

void optimizer_converge(optimizer_run *self) {
    self->stopped = true;
    self->result->stop = OPTIMIZER_CONVERGED;
}

void optimizer_finish(optimizer_run *self, float *x) {
    if (self->best)
        memcpy(x, self->best, self->problem->count * sizeof *x);
    memory_free(self->x);
    memory_free(self->gradient);
    memory_free(self->trial);
    memory_free(self->trial_gradient);
    memory_free(self->best);
}
