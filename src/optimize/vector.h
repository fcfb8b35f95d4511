/* SPDX-License-Identifier: MIT
 *
 * Vector arithmetic of the optimisers: float data, double sums over a fixed number of chunks, so
 * that no result depends on the number of threads.
 */
#ifndef STYLIZE_OPTIMIZE_VECTOR_H
#define STYLIZE_OPTIMIZE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/* Sum of a[i] * b[i]. */
double vector_dot(const float *a, const float *b, size_t count);

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
