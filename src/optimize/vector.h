/* SPDX-License-Identifier: MIT
 *
 * Vector arithmetic of the optimisers: float data, double sums over a fixed number of chunks, so
 * that no result depends on the number of threads.
 */
#ifndef STYLIZE_OPTIMIZE_VECTOR_H
#define STYLIZE_OPTIMIZE_VECTOR_H

#include <stddef.h>

/* Sum of a[i] * b[i]. */
double vector_dot(const float *a, const float *b, size_t count);

/* y += scale * x; returns the sum of the new y[i] * z[i], in one pass over memory. */
double vector_add_dot(float *y, double scale, const float *x, const float *z, size_t count);

/* out = a - b. `out` may be a or b. */
void vector_subtract(const float *a, const float *b, float *out, size_t count);

/* x *= scale */
void vector_scale(float *x, double scale, size_t count);

/* out = x + step * direction, projected on [0,1]. */
void vector_step(const float *x, double step, const float *direction, float *out, size_t count);

/* out = gradient where a step against it can move x inside [0,1], 0 where it would only push
 * against a bound. */
void vector_free_gradient(const float *x, const float *gradient, float *out, size_t count);

/* out = -direction where x is free as above, 0 elsewhere; returns the sum of gradient * out. */
double vector_free_descent(const float *x, const float *gradient, const float *direction,
                           float *out, size_t count);

#endif
