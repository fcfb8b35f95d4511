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
 * place; that of the next is fetched meanwhile. Each pass over memory leaves its sums in a place of
 * each piece, and they are added up in order: no result depends on the number of threads, nor on
 * the ranges that a pass is made in.
 *
 * An iteration, with the passes on the left:
 *
 *     history_first_loop
 *     history_combine     q := q and changes y
 *                         (the caller's preconditioner: start := S q)
 *     history_multiply    start times all y
 *     history_second_loop
 *     history_step        out := x - step * (start and steps s), again for each length of the step
 *     history_find_slopes
 *     history_learn       x := free gradient, the next q; gradient := y
 *     history_learnt
 *
 * A pass is made over ranges that together are all variables, in any order (optimize/vector.h: a
 * range does the pieces whose first value lies in it, to their ends).
 */
#ifndef STYLIZE_OPTIMIZE_HISTORY_H
#define STYLIZE_OPTIMIZE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/layout.h"
#include "core/stream.h"
#include "optimize/vector.h"
#include "simd/kernels.h"

typedef struct history {
    const kernel_set *kernels;
    size_t count;      /* variables */
    int capacity;      /* pairs */
    int size;          /* pairs known */
    int used;          /* slots that hold a pair or something left of one */
    int next;          /* slot of the next pair */
    vector_rows s, y;  /* [pieces][capacity] rows */
    double *products;  /* [capacity][capacity] s of one slot times y of another, if not older */
    double *gradients; /* [capacity] s times the gradient that was learnt last */
    double *alpha;     /* [capacity] of the first loop */
    float *factors;    /* [capacity] of the rows in the sum that is being made */
    double *places;    /* [pieces][...] sums of a pass over memory */
    double *sums;      /* [2][...] their total, and a chunk's */
    double scale;      /* s.y / y.S y of the newest pair: scale * S is where to start from */
} history;

/* For capacity >= 1 pairs of count >= 1 variables; history_layout follows. */
void history_prepare(history *self, int capacity, size_t count, const kernel_set *kernels);
void history_layout(history *self, layout *to);

/* Forgets all pairs. */
void history_drop(history *self);

/* Learns the pair of the step from x to new_x. The old vectors are used up: x becomes the new
 * gradient, 0 where it only pushes against a bound, and `gradient` becomes y. */
void history_learn(history *self, vector_range range, float *x, float *gradient, const float *new_x,
                   const float *new_gradient);

/* After that: s.y of the new pair, and then the caller sets `scale`; or 0 where the pair has no
 * curvature and is not kept. */
double history_learnt(history *self);

/* The inverse Hessian times q, the gradient that history_learn left in x, where at least one pair
 * is known. It comes in two parts: `start`, which the caller makes of what history_combine leaves
 * in q, and a sum of steps s, which stays here as factors for history_step. */
void history_first_loop(history *self);
void history_combine(history *self, vector_range range, float *q);
void history_multiply(history *self, vector_range range, const float *start);
void history_second_loop(history *self);

/* out = x + step * direction, projected on [0,1]. The direction is `start` (any vector of the
 * caller's, where no pair is known), with the steps s added, turned round, and 0 where x is held by
 * a bound. */
void history_step(history *self, vector_range range, const float *x, const float *gradient,
                  const float *start, double step, float *out);

/* After that: the gradient times the direction, and times the step that projection has left. */
typedef struct history_slopes {
    double slope, predicted;
} history_slopes;

history_slopes history_find_slopes(history *self);

/* Saves the pairs, or loads those of a history of the same capacity and count. Between iterations,
 * which begin with history_first_loop or history_drop. */
bool history_pass(history *self, stream *s, error *err);

/* Whether what was loaded can be pairs that were learnt. */
bool history_valid(const history *self);

#endif
