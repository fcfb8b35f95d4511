/* SPDX-License-Identifier: MIT
 *
 * The smoothness term (total variation, squared): each neighbouring pair once.
 *
 *     J_tv = 1/(H W) * sum over channels of
 *            [ sum (G_{y,x+1} - G_{y,x})^2 + sum (G_{y+1,x} - G_{y,x})^2 ]
 */
#ifndef STYLIZE_COST_SMOOTHNESS_H
#define STYLIZE_COST_SMOOTHNESS_H

/* Returns J_tv of planes [3][height][width] and adds weight * dJ_tv/dG to gradient, of the same
 * shape. Where the outermost `margin` pixels on each side repeat the picture that lies within, it
 * is that of the latter, whose last pixels are the first ones' neighbours, and so is the gradient.
 * `rows` is the caller's storage for 3 * height partial sums. */
double smoothness_eval(const float *planes, int height, int width, int margin, double weight,
                       float *gradient, double *rows);

#endif
