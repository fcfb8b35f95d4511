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
 * All functions from gram_start on are called by all threads of a parallel region, which return
 * together.
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
    double *partial; /* [chunks][padded channels][padded channels], upper blocks; owned */
    float *factor;   /* [panel][padded channels][lane of the panel]: what gram_gradient multiplies
                        with; owned */
} gram;

/* Allocates in the caller's storage; gram_clear releases. */
bool gram_init(gram *self, const kernel_set *kernels, int channels, error *err);
void gram_clear(gram *self);

/* Bytes that gram_init allocates. */
size_t gram_memory(int channels);

/* Forgets all rows. */
void gram_start(const gram *self);

/* Adds the products of some rows. */
void gram_add(const gram *self, const tensor *rows);

/* matrix [channels][channels] = the Gram matrix of all rows added, divided by `pixels`. */
void gram_finish(const gram *self, double pixels, double *matrix);

/* Prepares gram_gradient: scale * matrix, symmetric, [channels][channels]. */
void gram_set_factor(const gram *self, const double *matrix, double scale);

/* Replaces the activations of one row of a tensor by factor * activation: the derivative of the
 * style term, with the matrix of differences for factor. One thread's work: `copy` has room for the
 * row, blocks * width * 16 floats, and afterwards holds it as it was, [block][x][16]. */
void gram_gradient_row(const gram *self, const tensor *rows, int y, float *copy);

#endif
