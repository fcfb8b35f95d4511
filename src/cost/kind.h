/* SPDX-License-Identifier: MIT
 *
 * The kinds of terms, a row of functions for each: a new kind is a file and a row of the table in
 * kind.c. Its terms may look at a layer of the network or at the picture itself.
 *
 * At a layer an evaluation goes like this:
 *
 *     forward   observe   rows of the activation, as they come
 *               finish    once all were there
 *     back      derive    in pieces of a row, again with the activation: its share of dJ/da
 *               value     J of each term
 *
 * and an analysis, which makes targets, like this:
 *
 *     forward   learn     rows of the activation
 *               learnt    once all were there
 */
#ifndef STYLIZE_COST_KIND_H
#define STYLIZE_COST_KIND_H

#include <stdbool.h>

#include "core/layout.h"
#include "cost/gram.h"
#include "cost/matrix_root.h"
#include "cost/piece.h"
#include "cost/term.h"
#include "network/vgg_plan.h"
#include "simd/kernels.h"

/* A term at work, or several that share what they do: style terms of one layer, kind and mask. */
typedef struct cost_work {
    cost_kind kind;
    int layer;
    const cost_mask *mask;
    int first, count; /* its terms, among those that the caller keeps */
    const kernel_set *kernels;
    int channels, height, width; /* of the layer */
    bool in_strips;              /* its rows come in strips */
    bool sum_content;
    int margin; /* of terms of the picture: that of the spec */
    smoothness_kind smoothness;
    double *sums;           /* partial sums, as the kind likes */
    gram gram;              /* kinds of style terms */
    double *matrix, *means; /* cost/style.h: of the picture, [channels][channels] and [channels] */
    double *slope, *constants; /* and what they come to on the way back, likewise */
    matrix_space space;        /* COST_BURES */
    float *products[3];        /* COST_BURES: matrices on the way */
} cost_work;

/* `terms` are the work's own, `factor` is that of the kind. Functions that a kind does not need are
 * NULL. observe, finish, learn and learnt are collective calls; derive is one thread's work. */
typedef struct cost_kind_row {
    const char *name; /* of its cost in events: content, style, tv, chroma_tv */
    bool in_place;    /* derive may overwrite the activation that it reads */
    bool floats;      /* derive reads the activation as floats, also without a mask */
    bool shared;      /* terms of one layer and mask share one work */
    void (*layout)(cost_work *self, layout *to);
    void (*observe)(const cost_work *self, int y, const tensor *rows);
    void (*finish)(const cost_work *self, const cost_term *terms, double factor);
    void (*derive)(const cost_work *self, const cost_term *terms, double factor,
                   const cost_piece *piece);
    double (*value)(const cost_work *self, int term);

    /* Of the picture [3][height][width]: adds to its gradient and returns J. */
    double (*evaluate)(const cost_work *self, const cost_term *term, double factor, const float *x,
                       float *gradient);

    void (*target_layout)(cost_target *self, layout *to);
    void (*learn)(const cost_work *self, const cost_target *target, int y, const tensor *rows);
    void (*learnt)(const cost_work *self, const cost_target *target);
} cost_kind_row;

extern const cost_kind_row cost_content, cost_gram, cost_covariance, cost_moments, cost_bures,
    cost_wasserstein, cost_smoothness, cost_chroma;

const cost_kind_row *cost_kind_at(cost_kind kind);

/* Work at a layer, of a run of that plan. */
cost_work cost_work_at(const vgg *network, const vgg_plan *plan, cost_kind kind, int layer,
                       const cost_mask *mask);

#endif
