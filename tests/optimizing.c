/* SPDX-License-Identifier: MIT */
#include "optimizing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT OPTIMIZING_COUNT

static void walk(void *part, layout *to) {
    optimizer_layout(part, to);
}

layout optimizing_place(optimizer *self, const optimizer_problem *problem,
                        const optimizer_options *options) {
    layout memory;
    error err;
    optimizer_prepare(self, problem, options);
    assert_true(layout_make(&memory, walk, self, &err));
    return memory;
}

static optimizing_stop iterate(const optimizing *self, optimizer *run) {
    for (;;) {
        if (self->progress && self->progress(self->problem.user, run->iterations, run->evaluations))
            return OPTIMIZING_PROGRESS;
        if (run->iterations >= self->iterations)
            return OPTIMIZING_ITERATIONS;
        if (optimizer_step(run) != OPTIMIZER_STEPPED)
            return OPTIMIZING_CONVERGED;
    }
}

bool optimizing_run(optimizing *self, float *x, error *err) {
    const size_t bytes = self->problem.count * sizeof *x;
    optimizer run;
    layout memory = optimizing_place(&run, &self->problem, &self->options);
    memcpy(run.x, x, bytes);
    const bool ok = optimizer_start(&run, err);
    if (ok) {
        self->stop = iterate(self, &run);
        memcpy(x, optimizer_best(&run), bytes);
        self->done = run.iterations;
        self->best_iteration = run.best_iteration;
        self->best = run.best_value;
    }
    self->evaluations = run.evaluations;
    layout_free(&memory);
    return ok;
}

static float target(int i) {
    return (float)(i % 5) * 0.5f - 0.5f; /* -0.5 .. 1.5 */
}

double optimizing_coupled(const float *x, float *gradient) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++)
        gradient[i] = 0;
    for (int i = 0; i < COUNT; i++) {
        const double d = (double)x[i] - (double)target(i), w = 1 + i % 7;
        const double e = (double)x[i] - (double)x[(i + 1) % COUNT];
        sum += w * d * d + 2 * e * e;
        gradient[i] += (float)(2 * w * d + 4 * e);
        gradient[(i + 1) % COUNT] -= (float)(4 * e);
    }
    return sum;
}

/* Variable by variable. */
void optimizing_solve(float x[COUNT]) {
    double v[COUNT] = {0};
    for (int i = 0; i < 400 * COUNT; i++) {
        const int k = i % COUNT;
        const double w = 1 + k % 7, beside = v[(k + 1) % COUNT] + v[(k + COUNT - 1) % COUNT];
        v[k] = fmin(fmax((w * (double)target(k) + 2 * beside) / (w + 4), 0), 1);
    }
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)v[i];
}

double optimizing_smooth(void *user, const float *v, float *out) {
    double product = 0;
    (void)user;
    for (int i = 0; i < COUNT; i++) {
        const float sum = 4 * v[i] + v[(i + 1) % COUNT] + v[(i + COUNT - 1) % COUNT];
        product += (double)v[i] * (double)sum;
        if (out)
            out[i] = sum;
    }
    return product;
}
