/* SPDX-License-Identifier: MIT
 *
 * The memory of L-BFGS (Nocedal 1980): the last pairs of step s and change of gradient y, and the
 * product of the inverse Hessian they stand for with a vector.
 *
 * The pairs are kept in 8 bits a value (simd/kernels.h), rounded once, and every product is one of
 * the rounded pairs, so that the matrix is symmetric and positive definite as if they were exact.
 * What the classic two loops take from the running vector follows here from the products of the
 * pairs with each other, which are kept, and with the gradient, which come with learning a pair
 * (products in place of vectors, as in Byrd, Nocedal and Schnabel 1994): an iteration reads each
 * pair twice.
 *
 * Vectors are worked on in pieces that the first cache holds, and a piece of all pairs lies in one
 * place; that of the next is fetched meanwhile. No result depends on the number of threads.
 */
#ifndef STYLIZE_OPTIMIZE_HISTORY_H
#define STYLIZE_OPTIMIZE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "optimize/optimizer.h"
#include "simd/kernels.h"

typedef struct history {
    const kernel_set *kernels;
    size_t count;      /* variables */
    int capacity;      /* pairs */
    int size;          /* pairs known */
    int used;          /* slots that hold a pair or something left of one */
    int next;          /* slot of the next pair */
    vector_rows s, y;  /* [pieces][capacity] rows */
    double *doubles;   /* the four below */
    double *products;  /* [capacity][capacity] s of one slot times y of another, if not older */
    double *gradients; /* [capacity] s times the gradient that was learnt last */
    double *alpha;     /* [capacity] of the first loop */
    double *sums;      /* [chunks][...] of a pass over memory; the first row becomes the total */
    float *factors;    /* [capacity] of the rows in the sum that is being made */
    double scale;      /* s.y / y.S y of the newest pair: scale * S is where to start from */
} history;

/* Allocates in the caller's storage; history_clear releases, also after a failure. */
bool history_init(history *self, int capacity, size_t count, const kernel_set *kernels, error *err);
void history_clear(history *self);

/* The bytes that history_init allocates. */
size_t history_memory(int capacity, size_t count);

/* Forgets all pairs. */
void history_drop(history *self);

/* Learns the pair of the step from x to new_x, unless it has no curvature. In any case the old
 * vectors are used up: x becomes the new gradient, 0 where it only pushes against a bound, and
 * `gradient` becomes y. */
void history_learn(history *self, const optimizer_problem *problem, float *x, float *gradient,
                   const float *new_x, const float *new_gradient);

/* The inverse Hessian times the gradient that history_learn left in x, passed as q, which is used
 * up. At least one pair is known. `out` receives the part that is not a sum of steps s; the rest
 * stays here, as factors for history_step. */
void history_apply(history *self, const optimizer_problem *problem, float *q, float *out);

/* What history_step finds. */
typedef struct history_slopes {
    double slope;     /* gradient times direction */
    double predicted; /* gradient times the step that is left after projection */
} history_slopes;

/* out = x + step * direction, projected on [0,1]. The direction is `start`, which history_apply has
 * made (or the caller, where no pair is known), with the steps s added, turned round, and 0 where x
 * is held by a bound. */
history_slopes history_step(history *self, const float *x, const float *gradient,
                            const float *start, double step, float *out);

#endif
