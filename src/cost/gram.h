/* SPDX-License-Identifier: MIT
 *
 * Gram matrices of activations, and the style term's way back through them.
 *
 *     G_kk' = sum over pixels of a_k a_k'        (Gatys et al. 2015)
 *
 * Only blocks on and above the diagonal are computed. Sums run in fp32 over a few hundred pixels
 * and in double above that. Rows are dealt to a fixed number of partial sums, which are added in
 * their order, so the result does not depend on the number of threads. Activations may come in
 * strips of rows.
 *
 * The functions from gram_add to gram_compare are called by all threads of a parallel region, which
 * return together.
 */
#ifndef STYLIZE_COST_GRAM_H
#define STYLIZE_COST_GRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/tensor.h"
#include "simd/kernels.h"

/* Working memory for one layer. */
typedef struct gram {
    const kernel_set *kernels;
    int channels, chunks;
    double *partial; /* [chunks][padded channels][padded channels], upper blocks; zero while no rows
                        are added; owned */
    float *factor;   /* [panel][padded channels][lane of the panel]: what gram_gradient multiplies
                        with; owned */
} gram;

/* Allocates in the caller's storage; gram_clear releases. */
bool gram_init(gram *self, const kernel_set *kernels, int channels, error *err);
void gram_clear(gram *self);

/* Bytes that gram_init allocates. */
size_t gram_memory(int channels);

/* Adds the products of some rows. */
void gram_add(const gram *self, const tensor *rows);

/* matrix [channels][channels] = the Gram matrix of all rows added, divided by `pixels`. Forgets the
 * rows. */
void gram_finish(const gram *self, double pixels, double *matrix);

/* The same matrix against `target`, symmetric, [channels][channels]: prepares gram_gradient with
 * scale * (matrix - target). The sum of distances [channel blocks] is the square of the Frobenius
 * norm of the difference. Forgets the rows. */
void gram_compare(const gram *self, double pixels, const double *target, double scale,
                  double *distances);

/* Replaces pixels of an activation from (x, y) on by factor * activation, the derivative of the
 * style term: as many pixels of the row as are best done at once, at most gram_gradient_pixels.
 * Returns how many. One thread's work: `copy` then holds those pixels as they were, [block][x][16],
 * blocks gram_gradient_pixels * 16 floats apart. */
int gram_gradient(const gram *self, const tensor *rows, int y, int x, float *copy);
int gram_gradient_pixels(const kernel_set *kernels, int channels);

#endif
