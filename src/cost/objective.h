/* SPDX-License-Identifier: MIT
 *
 * The cost of a picture and its gradient:
 *
 *     J(G) = alpha * J_content(C,G) + beta * J_style(S,G) + tv * J_tv(G)
 *
 * Content, over layers l with weights w_l:
 *     J_l = 1/2 ||a_l(C) - a_l(G)||^2, divided by n_H n_W n_C of the layer unless `sum_content`
 * Style, over layers l with weights lambda_l, M the layer's n_H n_W:
 *     J_l = 1/(4 n_C^2) ||Gram(S)/M(S) - Gram(G)/M(G)||_F^2
 *
 * docs/method.md holds the derivations. One call evaluates everything; nothing is allocated in it.
 */
#ifndef STYLIZE_COST_OBJECTIVE_H
#define STYLIZE_COST_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/vgg_run.h"

typedef struct cost_layer {
    int layer;     /* index in the vgg */
    double weight; /* >= 0 */
} cost_layer;

typedef struct cost_spec {
    double alpha, beta, tv;
    bool sum_content; /* the formula of Gatys et al. without the division */
    cost_layer content[VGG_MAX_LAYERS], style[VGG_MAX_LAYERS];
    int content_count, style_count;
    pooling pooling;
} cost_spec;

typedef struct cost_values {
    double total;
    double content, style, tv;             /* layer weights applied; alpha, beta and tv not */
    double content_layers[VGG_MAX_LAYERS]; /* J of each layer before its weight */
    double style_layers[VGG_MAX_LAYERS];
    double gradient_norm; /* 2-norm of dJ/dG */
} cost_values;

/* Gram matrices of a style picture at the spec's style layers, each divided by the layer's area:
 * [n_C][n_C] after [n_C][n_C], in the spec's order. */
typedef struct style_target {
    double *matrices; /* owned */
} style_target;

bool style_target_init(style_target *self, const vgg *network, const cost_spec *spec,
                       const float *planes, int height, int width, error *err);
void style_target_clear(style_target *self);

/* Bytes of a style target, and those that style_target_init allocates, working memory included.
 * False with *err when the picture is too small or too large. The functions named _memory plan for
 * the number of threads that is set now. */
size_t style_target_memory(const vgg *network, const cost_spec *spec);
bool style_analysis_memory(const vgg *network, const cost_spec *spec, int height, int width,
                           size_t *bytes, error *err);

typedef struct objective objective;

/* The cost of pictures of the content's size: planes [3][height][width], RGB in [0,1]. `network`
 * and `style` must outlive it; the content is not needed afterwards. */
objective *objective_new(const vgg *network, const cost_spec *spec, const float *content,
                         int height, int width, const style_target *style, error *err);
void objective_free(objective *self);

/* Bytes that objective_new allocates; false with *err when the picture is too small or too large.
 */
bool objective_memory(const vgg *network, const cost_spec *spec, int height, int width,
                      size_t *bytes, error *err);

/* J of x [3][height][width]; writes dJ/dx to gradient, of the same shape. */
double objective_eval(objective *self, const float *x, float *gradient);

/* The parts of the cost of the last evaluation. */
const cost_values *objective_values(const objective *self);

#endif
