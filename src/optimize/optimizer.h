/* SPDX-License-Identifier: MIT
 *
 * Minimisers of a function of many floats in [0,1], stepped by the caller. They know a few
 * callbacks and nothing of pictures.
 *
 *     optimizer_prepare    what is to be minimised, and how
 *     optimizer_layout     measures or places all memory; nothing is allocated later
 *     (the caller writes the start to x)
 *     optimizer_start      or optimizer_load, in place of the start and the steps since
 *     optimizer_step       as often as wanted; optimizer_save between any two
 *
 * Every iterate lies in the box: steps are projected, because clipping an unconstrained solution at
 * its end was measured to raise its cost about threefold. A step to where the cost or its gradient
 * is not finite is never taken. No result depends on the number of threads.
 */
#ifndef STYLIZE_OPTIMIZE_OPTIMIZER_H
#define STYLIZE_OPTIMIZE_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/layout.h"
#include "core/stream.h"
#include "optimize/history.h"

typedef struct optimizer_problem {
    size_t count; /* variables, >= 1 */
    /* The function at x; writes its gradient. */
    double (*evaluate)(void *user, const float *x, float *gradient);
    /* out := S v with a fixed symmetric positive definite matrix S that resembles the inverse
     * Hessian up to scale: where L-BFGS starts its model. Returns v.S v, and no more where out is
     * NULL; out is never v. A NULL here stands for the identity. */
    double (*precondition)(void *user, const float *v, float *out);
    /* Asked before each evaluation of a step; true ends the step. NULL: never. */
    bool (*cancelled)(void *user);
    void *user;
} optimizer_problem;

typedef enum optimizer_kind { OPTIMIZER_LBFGS, OPTIMIZER_ADAM, OPTIMIZER_GD } optimizer_kind;

typedef struct optimizer_options {
    optimizer_kind kind;
    int history; /* pairs of L-BFGS, >= 1 */
    /* > 0, or 0 for the method's own: the first step that L-BFGS tries, 1; of Adam 0.02; of
     * gradient descent such that its first move is 2/255 rms. */
    double learning_rate;
    double beta2; /* of Adam; 0 stands for 0.999 */
    /* > 0: of Adam not the best iterate is kept but their running average, in which each counts
     * that many times the next one. */
    double average;
    /* The share of a value that its rounding may hide: after its first step L-BFGS takes steps that
     * end up to that far above the lowest value so far, and goes on where it would find no lower
     * one. 0: every step goes down. */
    double noise;
} optimizer_options;

typedef enum optimizer_status {
    OPTIMIZER_STEPPED,   /* x is a new iterate */
    OPTIMIZER_CONVERGED, /* x is the old one: no step lowers the function any more */
    OPTIMIZER_CANCELLED, /* x is the old one; the next step goes on */
} optimizer_status;

/* What a method keeps besides. */
typedef struct lbfgs_state {
    history pairs;
    float *start;  /* [count] the part of a direction that is not a sum of steps */
    double lowest; /* value so far */
} lbfgs_state;

typedef struct adam_state {
    float *first, *second; /* [count] running means of the gradient and of its square */
    int steps;             /* that they are of */
    int restarts;          /* in a row */
    double rate;
} adam_state;

typedef struct gradient_descent_state {
    int successes; /* in a row */
    int halvings;  /* of the rate since the last success */
    double rate;
} gradient_descent_state;

/* To be read, and x to be written before optimizer_start, which sets what stands below it. */
typedef struct optimizer {
    optimizer_problem problem;
    optimizer_options options;
    float *x, *gradient;           /* [count] the current iterate, which moves about in memory */
    float *trial, *trial_gradient; /* [count] the next one while it is being judged */
    float *best;                   /* [count], or NULL where no step goes up: x is the best then;
                                    * the average, where that is kept */
    double value;                  /* the function at x */
    double best_value;             /* and at the best iterate so far */
    int iterations, evaluations;   /* since the start, whose own evaluation counts */
    int best_iteration;            /* 0: the start */
    int averaged;                  /* iterates, where an average is kept */
    union {
        lbfgs_state lbfgs;
        adam_state adam;
        gradient_descent_state gradient_descent;
    } state;
} optimizer;

/* Keeps copies of both. */
void optimizer_prepare(optimizer *self, const optimizer_problem *problem,
                       const optimizer_options *options);
void optimizer_layout(optimizer *self, layout *to);

/* "lbfgs", "adam", "gd" */
const char *optimizer_name(optimizer_kind kind);

/* Evaluates the start x [count], in [0,1]. False with *err when the function or its gradient is not
 * finite there. */
bool optimizer_start(optimizer *self, error *err);

/* Goes on to the next iterate, which may take several evaluations. */
optimizer_status optimizer_step(optimizer *self);

/* The best iterate so far, or the average of them, [count]; valid until the next step. */
const float *optimizer_best(const optimizer *self);

/* Writes all that further steps depend on, or reads it into an optimiser that was prepared for the
 * same problem with the same options, and placed: its further steps give the same bits. False with
 * *err when the stream's callback fails, or when what was read is no such state; the optimiser is
 * to be started or loaded again then. */
bool optimizer_save(const optimizer *self, stream *to, error *err);
bool optimizer_load(optimizer *self, stream *from, error *err);

#endif
