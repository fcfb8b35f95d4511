/* SPDX-License-Identifier: MIT */
#include "optimize/optimizer.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "optimize/vector.h"

/* The function at x, or not-a-number where its gradient is not finite: no step could follow. */
static double evaluate(const optimizer_run *self, const float *x, float *gradient) {
    const double value = self->problem->evaluate(self->problem->user, x, gradient);
    return vector_finite(gradient, self->problem->count) ? value : NAN;
}

static void keep_best(optimizer_run *self) {
    if (self->best)
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

enum { VECTORS = 4 };

/* Vectors that a run allocates: the last only where values may rise. */
static int vector_count(bool may_rise) {
    return may_rise ? VECTORS : VECTORS - 1;
}

size_t optimizer_run_memory(size_t count, bool may_rise) {
    size_t sum = 0;
    for (int i = 0; i < vector_count(may_rise); i++)
        sum = memory_add(sum, memory_block(count, sizeof(float)));
    return sum;
}

bool optimizer_start(optimizer_run *self, const optimizer_problem *problem,
                     const optimizer_options *options, bool may_rise, float *x,
                     optimizer_result *result, error *err) {
    float **const vectors[VECTORS] = {&self->own, &self->gradient, &self->trial_gradient,
                                      &self->best};
    *self = (optimizer_run){
        .problem = problem, .options = options, .x = x, .caller = x, .result = result};
    *result = (optimizer_result){0};
    for (int i = 0; i < vector_count(may_rise); i++) {
        *vectors[i] = memory_alloc(problem->count, sizeof(float), err);
        if (!*vectors[i])
            return false;
    }
    self->trial = self->own;
    if (self->best)
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
    if (!self->best || value < self->result->best)
        keep_best(self);
    report(self);
}

void optimizer_converge(optimizer_run *self) {
    self->stopped = true;
    self->result->stop = OPTIMIZER_CONVERGED;
}

void optimizer_finish(optimizer_run *self) {
    const float *best = self->best ? self->best : self->x;
    if (best != self->caller)
        memcpy(self->caller, best, self->problem->count * sizeof *best);
    memory_free(self->own);
    memory_free(self->gradient);
    memory_free(self->trial_gradient);
    memory_free(self->best);
}
