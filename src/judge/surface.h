/* SPDX-License-Identifier: MIT
 *
 * What a picture's pixels say without a network: its grain, its edges, and how like another it is.
 *
 * Luma is Y = .299 R + .587 G + .114 B, chroma the planes B - Y and R - Y.
 */
#ifndef STYLIZE_JUDGE_SURFACE_H
#define STYLIZE_JUDGE_SURFACE_H

#include "image/image.h"

/* Mean absolute Laplacian (four neighbours less four times the pixel) over all pixels that have
 * their neighbours. */
typedef struct speckle {
    double luma, chroma; /* chroma: mean of the two planes; not numbers where a side is under 3 */
} speckle;

speckle speckle_of(const image *self);

/* Mean of the outer four rows and columns less that of the ninth to twelfth from each edge, of the
 * mean of red, green and blue, in 255ths. Where rows and columns cross, pixels count for both. Not
 * a number where a side is under 12. */
double border_of(const image *self);

/* Correlation of the values of two pictures of one size, the three colours together. Not a number
 * where one of them has one value everywhere. */
double correlation_of(const image *a, const image *b);

#endif
