/* SPDX-License-Identifier: MIT
 *
 * What a cost is made of:
 *
 *     J = sum over kinds of factor * sum over the terms of the kind of weight * J_term
 *
 * Content, a the activation of the picture and a* the target at a layer of n_C channels, m the mask
 * (1 without one), over pixels p:
 *     J_term = 1/2 sum_p m_p ||a_p - a*_p||^2, divided by n_C sum_p m_p unless `sum_content`
 * Gram, G* the target:
 *     J_term = 1/(4 n_C^2) ||G - G*||_F^2,  G = sum_p m_p^2 a_p a_p^T / sum_p m_p^2
 * Smoothness: cost/smoothness.h.
 *
 * docs/method.md holds the derivations.
 */
#ifndef STYLIZE_COST_TERM_H
#define STYLIZE_COST_TERM_H

#include <stdbool.h>

#include "cost/mask.h"
#include "network/pool.h"
#include "network/tensor.h"

typedef enum cost_kind { COST_CONTENT, COST_GRAM, COST_SMOOTHNESS, COST_KINDS } cost_kind;

#define COST_MOST_TERMS 128
#define COST_PICTURE (-1) /* in place of a layer */

/* What a picture is at one layer, to be compared with: made by an analysis (cost/analysis.h), read
 * by any number of terms. The caller sets the first three, the analysis the others. */
typedef struct cost_target {
    cost_kind kind;
    int layer;             /* index in the vgg */
    const cost_mask *mask; /* of the analysed picture, for a Gram matrix; NULL: everywhere */
    int channels, height, width;
    tensor features; /* COST_CONTENT */
    double *matrix;  /* COST_GRAM: [channels][channels] */
} cost_target;

/* Takes the memory of a target that an analysis has been prepared for. */
void cost_target_layout(cost_target *self, layout *to);

typedef struct cost_term {
    cost_kind kind;
    int layer; /* index in the vgg; COST_PICTURE */
    double weight;
    const cost_target *target; /* of the same kind and layer; NULL for kinds that have none */
    const cost_mask *mask;     /* NULL: everywhere; of layers alone */
} cost_term;

typedef struct cost_spec {
    cost_term terms[COST_MOST_TERMS];
    int count;
    double factors[COST_KINDS]; /* alpha, beta, tv */
    bool sum_content;           /* the formula of Gatys et al. without the division */
    pooling pooling;
} cost_spec;

#endif
