/* SPDX-License-Identifier: MIT
 *
 * A VGG at work on pictures of one size: forward to the deepest layer wanted and no further, and
 * back to the picture.
 *
 * A run follows its plan (vgg_plan.h); its memory is an arena of tensors and a scratch. A visitor
 * sees the wanted layers: activations in the forward pass, and again in the backward pass,
 * where it injects the gradient of the loss in their place. Layers may come in strips of rows.
 */
#ifndef STYLIZE_NETWORK_VGG_RUN_H
#define STYLIZE_NETWORK_VGG_RUN_H

#include <stdbool.h>

#include "core/error.h"
#include "core/layout.h"
#include "network/pool.h"
#include "network/tensor.h"
#include "network/vgg.h"
#include "network/vgg_plan.h"

typedef struct vgg_run {
    const vgg *network; /* borrowed */
    pooling pooling;
    bool wanted[VGG_MAX_LAYERS]; /* layers that the visitor sees */
    vgg_plan plan;
    unsigned char *arena; /* both by vgg_run_layout */
    void *scratch;
} vgg_run;

/* Both are collective calls of a thread team. `rows` are rows y, y + 1, ... of a wanted layer. */
typedef struct vgg_visitor {
    /* Forward, in the order of layers, rows ascending: the activation. */
    void (*observe)(void *user, int layer, int y, const tensor *rows);
    /* Back, deepest layer first, rows ascending: injects the loss gradient, replaces the activation
     * a by dJ/da of the terms that look at this layer. */
    void (*inject)(void *user, int layer, int y, const tensor *rows);
    void *user;
} vgg_visitor;

/* Plans a run, for as many threads as are set now; takes no memory. wanted[vgg layer index] marks
 * the layers that the visitor sees; at least one. Without `backward` there is no way back, and less
 * memory. False with *err when the picture is too small for a wanted layer (naming it) or too
 * large. `network` must outlive the run. */
bool vgg_run_prepare(vgg_run *self, const vgg *network, pooling pooling, int height, int width,
                     const bool wanted[VGG_MAX_LAYERS], bool backward, error *err);

/* Takes the memory of a prepared run, which then is ready. */
void vgg_run_layout(vgg_run *self, layout *to);

/* Computes the activations of a picture: planes [3][height][width], RGB in [0,1]. */
void vgg_run_forward(vgg_run *self, const float *planes, const vgg_visitor *visitor);

/* After vgg_run_forward of the same planes: writes dJ/d(picture) to gradient [3][height][width]. */
void vgg_run_backward(vgg_run *self, const float *planes, const vgg_visitor *visitor,
                      float *gradient);

#endif
