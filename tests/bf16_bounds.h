/* SPDX-License-Identifier: MIT
 *
 * How far a kernel in bf16 may be from the mathematics, in double: docs/kernels.md derives it
 * ("Errors of bf16").
 *
 * A bound has two sides. `most` holds for any input and any order of sums: one value beyond it is
 * an error in the program. `variance` is the expected square of the error where roundings to
 * nearest do not depend on each other; over many values it is so sharp that a single bit less
 * shows.
 */
#ifndef STYLIZE_TESTS_BF16_BOUNDS_H
#define STYLIZE_TESTS_BF16_BOUNDS_H

#include <stdbool.h>

typedef struct bound {
    double most, variance;
} bound;

/* The nearest bf16, ties to even; too large becomes infinite. */
double bf16_round(double value);

/* The distance of the values of bf16 on either side of `value`; 0 for 0, which is exact. */
double bf16_spacing(double value);

/* The most that a sum of `terms` products in fp32 is off, whatever its order; `magnitude` is the
 * sum of the products' absolute values. */
double bound_sum(int terms, double magnitude);

/* What rounding an operand or activation to bf16 adds, where `value` is what it should be. A value
 * of 0 is one that a ReLU or a mask made. */
bound bound_stored(bound before, double value);

/* A convolution by Winograd's F(4x4, 3x3) with all that is added in fp32 before its output is
 * stored, or the adjoint of one. */
typedef struct bound_conv {
    const double *x;       /* [in][height][width], as the tensor holds it */
    const double *weights; /* [out][in][3][3]; adjoint: [in][out][3][3], of the convolution */
    const double *bias;    /* [out] or NULL */
    const double *add;     /* [out][height][width] or NULL */
    int in, out, height, width;
    bool adjoint;
    bool operands; /* the factors of the products are rounded to bf16 */
} bound_conv;

/* bounds[out][height][width] of its values in fp32. ReLU and masks leave them as they are. */
void bound_winograd(const bound_conv *conv, bound *bounds);

/* bounds of [c][h/2][w/2] pooled values from those of [c][h][w] after ReLU, of either pooling. */
void bound_pooled(const bound *bounds, const double *pooled, int c, int h, int w, bound *out);

/* The first value that is further from the expected one than its bound; -1 if none is. */
int bound_broken(const bound *bounds, const double *values, const double *expected, int count);

/* Two looks at the errors of a thousand values or more, all the roundings of a kernel together.
 *
 * bound_rms: the root of their squares' sum by that of their variances', near 1 where roundings go
 * to nearest; a bit less in one factor makes it 1.6, in what is stored 2.
 * bound_shrink: the share of the values that is missing, near 0. Cutting bits off takes .0026 away,
 * 2^-8 times the mean of m by that of m^2 for significands m from 1 to 2 in logarithmic
 * distribution, once for each factor and for what is stored; the transforms spread other errors so
 * much that bound_rms hardly shows it. */
double bound_rms(const bound *bounds, const double *values, const double *expected, int count);
double bound_shrink(const double *values, const double *expected, int count);

#endif
