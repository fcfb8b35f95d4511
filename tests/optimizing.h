/* SPDX-License-Identifier: MIT
 *
 * Whole minimisations for tests, and a function whose minimum in the box is known.
 */
#ifndef STYLIZE_TESTS_OPTIMIZING_H
#define STYLIZE_TESTS_OPTIMIZING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/layout.h"
#include "optimize/optimizer.h"

typedef enum optimizing_stop {
    OPTIMIZING_ITERATIONS, /* all done */
    OPTIMIZING_CONVERGED,
    OPTIMIZING_PROGRESS, /* the callback asked to */
} optimizing_stop;

typedef struct optimizing {
    optimizer_problem problem;
    optimizer_options options;
    int iterations;
    /* After every iteration, 0 (the start) included, with the problem's user; non-zero stops. May
     * be NULL. */
    int (*progress)(void *user, int iteration, int evaluations);
    /* What came out. */
    optimizing_stop stop;
    int done, evaluations, best_iteration;
    double best;
} optimizing;

/* From the start x, which becomes the best iterate. False with *err, and x as it was, where
 * optimizer_start fails; memory does not run short. */
bool optimizing_run(optimizing *self, float *x, error *err);

/* Places an optimiser in a layout of its own. */
layout optimizing_place(optimizer *self, const optimizer_problem *problem,
                        const optimizer_options *options);

/* The sum of w_i (x_i - t_i)^2 with targets on both sides of the box, coupled by neighbours, over
 * OPTIMIZING_COUNT variables, and where it is least in the box. */
#define OPTIMIZING_COUNT 64
double optimizing_coupled(const float *x, float *gradient);
void optimizing_solve(float x[OPTIMIZING_COUNT]);

/* A metric for that many variables: 1 2 1 round the circle and twice the identity, which is
 * symmetric, positive definite and not diagonal. */
double optimizing_smooth(void *user, const float *v, float *out);

#endif
