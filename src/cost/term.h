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
 * Covariance, with Sigma = G - mu mu^T and mu = sum_p m_p^2 a_p / sum_p m_p^2, targets with a star:
 *     J_term = 1/(4 n_C^2) (||Sigma - Sigma*||_F^2 + 2 tr G* ||mu - mu*||^2)
 * Moments, sigma_k^2 = Sigma_kk + 1e-4 tr G* / n_C:
 *     J_term = 1/(4 n_C^2) (||G - G*||_F^2 + 1/4 tr G* (||mu - mu*||^2 + ||sigma - sigma*||^2))
 * Bures, B = Sigma + e I, A = Sigma* + e I, e = 0.003 ||Sigma*||_F + 1e-4 tr G* / n_C:
 *     J_term = tr G* / (16 n_C^2) (||mu - mu*||^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2))
 * Wasserstein, e = 1e-4 and the roots after 12 steps of their iteration:
 *     J_term = 1/n_C (||mu - mu*||^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2))
 * Smoothness, of the picture and of its colours alone: cost/smoothness.h, cost/variation.h,
 * cost/chroma.h.
 *
 * docs/method.md holds the derivations.
 */
#ifndef STYLIZE_COST_TERM_H
#define STYLIZE_COST_TERM_H

#include <stdbool.h>

#include "cost/mask.h"
#include "cost/variation.h"
#include "network/pool.h"
#include "network/tensor.h"

/* Those from COST_GRAM on, before COST_SMOOTHNESS, are kinds of style terms. */
typedef enum cost_kind {
    COST_CONTENT,
    COST_GRAM,
    COST_COVARIANCE,
    COST_MOMENTS,
    COST_BURES,
    COST_WASSERSTEIN,
    COST_SMOOTHNESS,
    COST_CHROMA,
    COST_KINDS
} cost_kind;

#define COST_MOST_TERMS 128
#define COST_PICTURE (-1) /* in place of a layer */

/* What a picture is at one layer, to be compared with: made by an analysis (cost/analysis.h), read
 * by any number of terms. The caller sets the first four, the analysis the others.
 *
 * A target of a style term may blend several pictures, each analysed with its share: then its
 * matrix and means are those of a picture that they cover in these shares. */
typedef struct cost_target {
    cost_kind kind;
    int layer;             /* index in the vgg */
    const cost_mask *mask; /* of the analysed picture, for style terms; NULL: everywhere */
    double share; /* of the picture analysed, added to those before; 0: it is the only one */
    int channels, height, width;
    size_t value_bytes; /* of an activation */
    tensor features;    /* COST_CONTENT */
    double *matrix;     /* kinds of style terms: G, [channels][channels] */
    float *root;        /* COST_BURES and COST_WASSERSTEIN: A^1/2, as in cost/matrix_root.h */
    double *means;      /* those beside COST_GRAM: [channels] */
} cost_target;

/* Takes the memory of a target that an analysis has been prepared for. */
void cost_target_layout(cost_target *self, layout *to);

/* Copies what a style's target has learnt to one of the same kind and size, which has its memory.
 */
void cost_target_copy(cost_target *self, const cost_target *from);

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
    double factors[COST_KINDS]; /* of each kind; beta is that of the style's kind in use */
    bool sum_content;           /* the formula of Gatys et al. without the division */
    smoothness_kind smoothness;
    pooling pooling;
    int margin; /* pixels on each side of the picture that repeat what lies within: terms of the
                   picture go without them */
} cost_spec;

#endif
