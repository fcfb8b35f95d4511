/* SPDX-License-Identifier: MIT
 *
 * The metric in which L-BFGS measures a step: smooth changes of a picture are cheap, noise is dear.
 *
 *     S = w0 I + w1 B1 + w2 B2       Bl: blurs of growing width, both ways, in every plane
 *
 * with weights of their own for light (the mean of the three planes) and for colour (what is left
 * of each), whose grain the network sees least of all.
 *
 * An optimiser that knows nothing takes every pixel for equal and independent, and builds speckle
 * that the network hardly sees. Starting its model of the inverse Hessian from S instead reaches
 * the same cost in two thirds of the evaluations and leaves a quarter less speckle (docs/speed.md).
 * The cost itself is untouched: S is positive definite, so the minima are the same.
 *
 * The blurs are the binomial filter 1 4 6 4 1 with its taps 1 and then 2 pixels apart, the picture
 * continued by reflection or by itself: then they commute and are symmetric, and so is S.
 *
 * One pass makes rows of S v from v: the first blur's last rows are kept in a ring, from which the
 * second takes its own.
 */
#ifndef STYLIZE_TRANSFER_PRECONDITIONER_H
#define STYLIZE_TRANSFER_PRECONDITIONER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "simd/kernels.h"

typedef struct preconditioner {
    const kernel_set *kernels;
    int planes, height, width;
    bool repeats;     /* the picture goes on by itself, not by reflection: to be set before use */
    int workers;      /* parts that the rows are split into */
    float *rows;      /* [workers][...] working memory */
    double *products; /* [height] of rows of v and S v, all planes */
} preconditioner;

/* For 1 plane (light) or 3, and the number of threads that is set now; preconditioner_layout
 * follows. */
void preconditioner_prepare(preconditioner *self, int planes, int height, int width,
                            const kernel_set *kernels);
void preconditioner_layout(preconditioner *self, layout *to);

/* out := S v, both [planes][height][width] and not one; returns v.S v, and no more where out is
 * NULL. The result does not depend on the number of threads. */
double preconditioner_apply(const preconditioner *self, const float *v, float *out);

#endif
