/* SPDX-License-Identifier: MIT
 *
 * Gram matrices of activations, and the style term's way back through them.
 *
 *     G_kk' = sum over pixels of a_k a_k'        (Gatys et al. 2015)
 *
 * With a mask m it is sum of m^2 a_k a_k', that of the activations times the mask. Beside it, where
 * asked for, the means of the channels, from sums of m^2 a_k.
 *
 * Only blocks on and above the diagonal are computed. Sums run in fp32 over groups of a few hundred
 * pixels, whole rows where they are short, and in double above that. Groups go by absolute rows and
 * are dealt to a fixed number of partial sums, which are added in their order: so the result
 * depends neither on the number of threads nor on the strips in which rows come. Of a group that a
 * strip cuts the rows are kept until the others are there:
 *
 *     rows      | group 0  | group 1  | group 2  | ...
 *     strips    |       0      |      1      | ...
 *               | summed   |kept|
 *                          |  summed  |
 *
 * With a mask all rows are kept, and of each only the pixels in the mask: regions that share out a
 * picture cost together hardly more than the whole.
 */
#ifndef STYLIZE_COST_GRAM_H
#define STYLIZE_COST_GRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "cost/mask.h"
#include "cost/piece.h"
#include "network/tensor.h"
#include "simd/kernels.h"

/* Working memory for one layer. */
typedef struct gram {
    const kernel_set *kernels;
    int channels, height, width; /* of the layer */
    const cost_mask *mask;       /* or NULL */
    bool means;                  /* besides; to be set before gram_layout */
    int group, chunks;           /* rows in an fp32 sum; partial sums */
    double *partial; /* [chunks][padded channels][padded channels], upper blocks; zero while no rows
                        are added */
    double *sums;    /* with means: [chunks][padded channels], likewise */
    void *factor;    /* [panel][padded channels][lane of the panel] operands, in bf16 by pairs of
                        channels: what gram_gradient multiplies with */
    void *packed;    /* in bf16: the pixels of a sum, for each thread */
    int threads, columns; /* columns of blocks that a task computes at once */
    float *constants;     /* with means: [padded channels], what it adds */
    tensor kept;          /* rows of groups that are not complete, times the mask; or empty */
    int *counts; /* with a mask: of each group the most pixels that one of its rows has in it: those
                    stand side by side in the rows kept, */
    float *kept_mask; /* and, with means, what they have of the mask, [kept.height][width] */
} gram;

/* Channels, up to whole blocks. */
static inline size_t gram_padded(const gram *self) {
    return (size_t)tensor_blocks(self->channels) * CHANNEL_BLOCK;
}

/* For a layer of that size, whose rows may come in strips. */
void gram_prepare(gram *self, const kernel_set *kernels, int channels, int height, int width,
                  bool in_strips, const cost_mask *mask);
void gram_layout(gram *self, layout *to);

/* What the sums are divided by: pixels, or the squares of the mask; 1 for an empty mask, whose
 * matrix is zero. */
double gram_area(const gram *self);

/* ---- collective calls ---- */

/* Adds the products of rows y, y + 1, ... of the activation; each comes once, in their order. */
void gram_add(const gram *self, int y, const tensor *rows);

/* matrix [channels][channels] = the Gram matrix of all rows added, divided by the area; or with a
 * share above 0, so much of it is added to the matrix. Forgets the rows. */
void gram_finish(const gram *self, double share, double *matrix);

/* means [channels] likewise of all rows added. Forgets their sums. */
void gram_finish_means(const gram *self, double share, double *means);

/* What the matrix is compared with. */
typedef struct gram_goal {
    const double *target; /* [channels][channels], symmetric */
    double scale;
    double *distances; /* [channel blocks], which add up to the squared Frobenius norm of
                          matrix - target; written */
} gram_goal;

/* The same matrix against some goals: prepares gram_gradient with the sum over goals of
 * scale * (matrix - target). Forgets the rows. */
void gram_compare(const gram *self, const gram_goal *goals, int count);

/* Prepares gram_gradient with any symmetric matrix [channels][channels] and, with means, constants
 * [channels]. */
void gram_set_gradient(const gram *self, const double *matrix, const double *constants);

/* ---- one thread's work ---- */

/* factor * activation of a piece plus constants, times the square of the mask. After gram_compare
 * it is the derivative by the activation of the sum over goals of scale * area / 4 times the
 * squared distance. */
void gram_gradient(const gram *self, const cost_piece *piece);

/* Pixels of a piece, at most, that are best done at once. */
int gram_gradient_pixels(const kernel_set *kernels, int channels);

#endif
