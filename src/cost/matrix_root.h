/* SPDX-License-Identifier: MIT
 *
 * Square roots of symmetric positive definite matrices and their inverses, by the coupled iteration
 * of Newton and Schulz,
 *
 *     T = (3 I - Z Y) / 2,   Y := Y T,   Z := T Z      from Y = A / |A|, Z = I
 *
 * where Y comes to (A / |A|)^1/2 and Z to its inverse. It is made of products alone. In fp32, so
 * the least eigenvalue should be above 1e-6 of the largest. Tiles of a product are computed by
 * themselves: results do not depend on the number of threads.
 *
 * Matrices of n channels are [block][padded channels][16]: row i, column j at
 * [j / 16][i][j % 16], zeros in the padding.
 */
#ifndef STYLIZE_COST_MATRIX_ROOT_H
#define STYLIZE_COST_MATRIX_ROOT_H

#include <stddef.h>

#include "core/layout.h"
#include "simd/kernels.h"

typedef struct matrix_space {
    const kernel_set *kernels;
    int channels;
    float *matrices[5]; /* of the iteration */
    double *sums;       /* of each tile of a product */
} matrix_space;

/* in = scale * root root, and inverse is that of root. */
typedef struct matrix_roots {
    const float *root, *inverse; /* in the space, until it is used again */
    double scale;
} matrix_roots;

/* The values of a matrix with its padding, their memory, and that of the space for roots. */
size_t matrix_values(int channels);
float *matrix_take(int channels, layout *to);
void matrix_space_layout(matrix_space *self, const kernel_set *kernels, int channels, layout *to);

/* Where row i, column j lies. */
ptrdiff_t matrix_at(int channels, int i, int j);

/* ---- collective calls ---- */

/* out = a b, which must be others. */
void matrix_product(const matrix_space *self, const float *a, const float *b, float *out);

/* After at most so many steps; 0: as many as it takes. */
matrix_roots matrix_root(const matrix_space *self, const float *in, int steps);

#endif
