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
    /* out := S v with a fixed symmetric positive definite matrix S that resembles the inverse
     * Hessian up to scale: where lbfgs starts its model. Returns v.S v, and no more where out is
     * NULL; out is never v. A NULL here stands for the identity. */
    double (*precondition)(void *user, const float *v, float *out);
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

/* x [count] is the start, in [0,1], and becomes the best iterate; in between it is working memory.
 * False with *err, and x as it was, when memory is short or the function or its gradient is not
 * finite at the start. */
typedef bool optimizer_minimize(const optimizer_problem *problem, const optimizer_options *options,
                                float *x, optimizer_result *result, error *err);

optimizer_minimize lbfgs_minimize;            /* learning rate: first trial step, default 1 */
optimizer_minimize adam_minimize;             /* default 0.02 */
optimizer_minimize gradient_descent_minimize; /* default: a first move of 2/255 rms */

/* The bytes that a minimisation allocates, for memory plans; the preconditioner's are not counted.
 * `history` is of lbfgs. */
size_t lbfgs_memory(size_t count, int history);
size_t adam_memory(size_t count);
size_t gradient_descent_memory(size_t count);

/* ---- what the methods share ---- */

/* The state of a run: the current iterate, its gradient and value, the best so far. The current
 * iterate and the one that is being judged take turns in the caller's vector and one of our own. */
typedef struct optimizer_run {
    const optimizer_problem *problem;
    const optimizer_options *options;
    float *x, *gradient;           /* [count] current iterate */
    float *trial, *trial_gradient; /* [count] the next one while it is being judged */
    float *best;                   /* [count], or NULL where an accepted step never goes up */
    float *caller, *own;           /* [count] x and trial, in either order */
    double value;                  /* at x */
    optimizer_result *result;
    bool stopped; /* result->stop says why */
} optimizer_run;

/* Allocates, evaluates the start x and reports iteration 0. A method whose values may rise has to
 * say so. optimizer_finish follows in any case. */
bool optimizer_start(optimizer_run *self, const optimizer_problem *problem,
                     const optimizer_options *options, bool may_rise, float *x,
                     optimizer_result *result, error *err);

/* The bytes that optimizer_start allocates. */
size_t optimizer_run_memory(size_t count, bool may_rise);

/* Evaluates trial; not-a-number where its gradient is not finite. */
double optimizer_try(optimizer_run *self);

/* Makes trial, whose value is given, the iterate, keeps it if it is the best, and reports. What
 * trial and its gradient hold afterwards is what x and its gradient held before. */
void optimizer_accept(optimizer_run *self, double value);

/* Stops for lack of a better iterate. */
void optimizer_converge(optimizer_run *self);

/* Leaves the best iterate in the caller's x and releases. */
void optimizer_finish(optimizer_run *self);

#endif
