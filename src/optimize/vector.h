/* SPDX-License-Identifier: MIT
 *
 * Vector arithmetic of the optimisers: float data, double sums over a fixed number of chunks of
 * absolute indices, so that no result depends on the number of threads, nor on how a vector was cut
 * into ranges that were worked on one by one.
 */
#ifndef STYLIZE_OPTIMIZE_VECTOR_H
#define STYLIZE_OPTIMIZE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/* The values from one index on and before another. What is summed in units of many values does, for
 * a range, the units whose first value lies in it, whole: vectors are always given from their
 * start, and beyond a range's end they hold at least the rest of its last unit. */
typedef struct vector_range {
    size_t from, to;
} vector_range;

#define VECTOR_CHUNKS 256 /* that vector_dot sums over */

/* Sum of a[i] * b[i]. */
double vector_dot(const float *a, const float *b, size_t count);

/* The same in parts: a range writes the sums of its chunks to their places, and when ranges that
 * together make up the vectors have done so, in any order, vector_total adds them up. */
void vector_dot_range(const float *a, const float *b, size_t count, vector_range range,
                      double places[VECTOR_CHUNKS]);
double vector_total(const double places[VECTOR_CHUNKS], size_t count);

/* Whether no value is infinite or not a number. */
bool vector_finite(const float *a, size_t count);

/* x *= scale */
void vector_scale(float *x, double scale, size_t count);

/* out = x + step * direction, projected on [0,1]. */
void vector_step(const float *x, double step, const float *direction, float *out, size_t count);

/* out = gradient where a step against it can move x inside [0,1], 0 where it would only push
 * against a bound. */
void vector_free_gradient(const float *x, const float *gradient, float *out, size_t count);

#endif
