/* SPDX-License-Identifier: MIT
 *
 * Smoothness as other programs have it, of planes x [3][height][width] and the differences between
 * neighbours:
 *
 *     squares    1/2 sum over pixels, but for the last row and column, of
 *                (x_{y,x} - x_{y,x+1})^2 + (x_{y,x} - x_{y+1,x})^2               neural-style
 *     absolute   sum over pairs of |difference|                                  neural-style-pt
 *     stencil    2 (mean right^2 / 3 + mean below^2 / 3 + mean of both diagonals^2 / 12), of the
 *                planes with their edges repeated once all around          style-transfer-pytorch
 *
 * The first two grow with the picture. The mean of squares is in cost/smoothness.h.
 */
#ifndef STYLIZE_COST_VARIATION_H
#define STYLIZE_COST_VARIATION_H

typedef enum smoothness_kind {
    SMOOTHNESS_MEAN,
    SMOOTHNESS_SQUARES,
    SMOOTHNESS_ABSOLUTE,
    SMOOTHNESS_STENCIL
} smoothness_kind;

/* As smoothness_eval, of any kind but the mean. Where the outermost `margin` pixels on each side
 * repeat the picture that lies within, it is that of the latter, which has no edges then. */
double variation_eval(smoothness_kind kind, const float *planes, int height, int width, int margin,
                      double weight, float *gradient, double *rows);

#endif
