/* SPDX-License-Identifier: MIT
 *
 * The metric in which L-BFGS measures a step: smooth changes of a picture are cheap, noise is dear.
 *
 *     S = w0 I + w1 B1 + w2 B2       Bl: blurs of growing width, both ways, in every plane
 *
 * An optimiser that knows nothing takes every pixel for equal and independent, and builds speckle
 * that the network hardly sees. Starting its model of the inverse Hessian from S instead reaches
 * the same cost in two thirds of the evaluations and leaves a quarter less speckle (docs/speed.md).
 * The cost itself is untouched: S is positive definite, so the minima are the same.
 *
 * The blurs are the binomial filter 1 4 6 4 1 with its taps 1 and then 2 pixels apart, the picture
 * continued by reflection: then they commute and are symmetric, and so is S.
 */
#ifndef STYLIZE_TRANSFER_PRECONDITIONER_H
#define STYLIZE_TRANSFER_PRECONDITIONER_H

#include <stdbool.h>

#include "core/error.h"

typedef struct preconditioner {
    int planes, height, width;
    float *blurred, *rows; /* [planes][height][width] working memory; owned */
} preconditioner;

/* Allocates in the caller's storage; preconditioner_clear releases. */
bool preconditioner_init(preconditioner *self, int planes, int height, int width, error *err);
void preconditioner_clear(preconditioner *self);

/* v := S v; v is [planes][height][width]. */
void preconditioner_apply(const preconditioner *self, float *v);

#endif
