/* SPDX-License-Identifier: MIT
 *
 * The smoothness of the colours alone, against coloured grain: a network hardly sees it, so nothing
 * else holds it back. Light is not touched.
 *
 *     c = x - grey(x), grey the mean of the three channels, in each of them
 *     J_chroma = 1/(H W) * [ sum ||c_{y,x+1} - c_{y,x}||^2 + sum ||c_{y+1,x} - c_{y,x}||^2 ]
 *
 * which is the smoothness term (cost/smoothness.h) of c. With d the difference of two neighbours,
 * ||d - grey(d)||^2 = ||d||^2 - (d_r + d_g + d_b)^2 / 3, and the gradient is that of the smoothness
 * less its own grey.
 */
#ifndef STYLIZE_COST_CHROMA_H
#define STYLIZE_COST_CHROMA_H

/* Returns J_chroma of planes [3][height][width] and adds weight * dJ_chroma/dG to gradient, of the
 * same shape; `margin` as for the smoothness. `rows` is the caller's storage for height partial
 * sums. */
double chroma_eval(const float *planes, int height, int width, int margin, double weight,
                   float *gradient, double *rows);

#endif
