/* SPDX-License-Identifier: MIT
 *
 * Sums over an activation a[c][n] and the kinds of style terms once more: naive, in double, in
 * planar layout, to test against. Written from pixels, where the engine goes by sums of them.
 */
#ifndef STYLIZE_TESTS_STYLE_IN_DOUBLE_H
#define STYLIZE_TESTS_STYLE_IN_DOUBLE_H

#include "cost/term.h"

/* matrix[c][c] and means[c] under a mask, or NULL. */
void gram_in_double(const cost_mask *mask, const double *a, int c, int n, double *matrix);
void means_in_double(const cost_mask *mask, const double *a, int c, int n, double *means);

/* J of a term of any kind of style, against its target's matrix and means. */
double style_in_double(const cost_term *term, const double *a, int n);

#endif
