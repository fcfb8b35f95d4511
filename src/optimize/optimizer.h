/* SPDX-License-Identifier: MIT
 *
 * Minimisers of a function of many floats in [0,1]. They know two callbacks and nothing of
 * pictures.
 *
 * Every iterate lies in the box: steps are projected, because clipping an unconstrained solution at
 * its end was measured to raise its cost about threefold. The result is the best iterate met. A
 * step to where the cost or its gradient is not finite is never taken. All memory is allocated
 * before the first evaluation.
 */
#ifndef STYLIZE_OPTIMIZE_OPTIMIZER_H
#define STYLIZE_OPTIMIZE_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

typedef struct optimizer_problem {
    size_t count; /* variables */
    /* The function at x; writes its gradient. */
    double (*evaluate)(void *user, const float *x, float *gradient);
    /* Called after every iteration, 0 (the start) included, when the last evaluation was that of
     * the new iterate. Non-zero stops. */
    int (*progress)(void *user, int iteration, int evaluations);
    /* v := S v with a fixed symmetric positive definite matrix S that resembles the inverse Hessian
     * up to scale: where lbfgs starts its model. NULL stands for the identity. */
    void (*precondition)(void *user, float *v);
    void *user;
} optimizer_problem;

typedef struct optimizer_options {
    int iterations;       /* >= 0 */
    int history;          /* pairs of lbfgs, >= 1 */
    double learning_rate; /* > 0, or 0 for the method's own default */
} optimizer_options;

typedef enum optimizer_stop {
    OPTIMIZER_ITERATIONS, /* all done */
    OPTIMIZER_CONVERGED,  /* no step lowers the function any more */
    OPTIMIZER_PROGRESS,   /* the callback asked to */
} optimizer_stop;

typedef struct optimizer_result {
    optimizer_stop stop;
    int iterations, evaluations;
    int best_iteration;
    double best; /* the function at x */
} optimizer_result;

/* x [count] is the start, in [0,1], and becomes the best iterate. False with *err, and x as it was,
 * when memory is short or the function or its gradient is not finite at the start. */
typedef bool optimizer_minimize(const optimizer_problem *problem, const optimizer_options *options,
                                float *x, optimizer_result *result, error *err);

optimizer_minimize lbfgs_minimize;            /* learning rate: first trial step, default 1 */
optimizer_minimize adam_minimize;             /* default 0.02 */
optimizer_minimize gradient_descent_minimize; /* default: a first move of 2/255 rms */

/* ---- what the methods share ---- */

/* The state of a run: the current iterate, its gradient and value, the best so far. */
typedef struct optimizer_run {
    const optimizer_problem *problem;
    const optimizer_options *options;
    float *x, *gradient;           /* [count] current iterate */
    float *trial, *trial_gradient; /* [count] the next one while it is being judged */
    float *best;                   /* [count] */
    double value;                  /* at x */
    optimizer_result *result;
    bool stopped; /* result->stop says why */
} optimizer_run;

/* Allocates, evaluates the start and reports iteration 0. optimizer_finish follows in any case. */
bool optimizer_start(optimizer_run *self, const optimizer_problem *problem,
                     const optimizer_options *options, const float *x, optimizer_result *result,
                     error *err);

/* Evaluates trial; not-a-number where its gradient is not finite. */
double optimizer_try(optimizer_run *self);

/* Makes trial, whose value is given, the iterate, keeps it if it is the best, and reports. */
void optimizer_accept(optimizer_run *self, double value);

/* Stops for lack of a better iterate. */
void optimizer_converge(optimizer_run *self);

/* Copies the best iterate to x (if there is one) and releases. */
void optimizer_finish(optimizer_run *self, float *x);

#endif
