/* SPDX-License-Identifier: MIT
 *
 * A VGG at work on pictures of one size: forward to the deepest layer wanted and no further, and
 * back to the picture.
 *
 * A run follows its plan (vgg_plan.h), and all its memory is one arena, allocated when it is built.
 * A visitor sees the wanted layers go by: activations on the way forward, and once more on the way
 * back, where it replaces them by their gradient. Layers may come in strips of rows.
 */
#ifndef STYLIZE_NETWORK_VGG_RUN_H
#define STYLIZE_NETWORK_VGG_RUN_H

#include <stdbool.h>

#include "core/error.h"
#include "network/pool.h"
#include "network/tensor.h"
#include "network/vgg.h"
#include "network/vgg_plan.h"

typedef struct vgg_run {
    const vgg *network; /* borrowed */
    pooling pooling;
    bool wanted[VGG_MAX_LAYERS]; /* layers that the visitor sees */
    vgg_plan plan;
    unsigned char *arena; /* owned */
    float *scratch;       /* owned */
} vgg_run;

/* Both are called by all threads of a parallel region, which must return together: `rows` are rows
 * y, y + 1, ... of a wanted layer. */
typedef struct vgg_visitor {
    /* Forward, in the order of layers, rows ascending: the activation. */
    void (*observe)(void *user, int layer, int y, const tensor *rows);
    /* Back, deepest layer first, rows ascending: replaces the activation a by dJ/da of the terms
     * that look at this layer. */
    void (*seed)(void *user, int layer, int y, const tensor *rows);
    void *user;
} vgg_visitor;

/* wanted[vgg layer index] marks the layers that the visitor sees; at least one. Without `backward`
 * there is no way back, and less memory. NULL with *err when the picture is too small for a wanted
 * layer (naming it) or memory is short. `network` must outlive the run. */
vgg_run *vgg_run_new(const vgg *network, pooling pooling, int height, int width,
                     const bool wanted[VGG_MAX_LAYERS], bool backward, error *err);
void vgg_run_free(vgg_run *self);

/* Bytes that vgg_run_new allocates for the plan it makes. */
size_t vgg_run_memory(const vgg_plan *plan);

/* Computes the activations of a picture: planes [3][height][width], RGB in [0,1]. */
void vgg_run_forward(vgg_run *self, const float *planes, const vgg_visitor *visitor);

/* After vgg_run_forward of the same planes: writes dJ/d(picture) to gradient [3][height][width]. */
void vgg_run_backward(vgg_run *self, const float *planes, const vgg_visitor *visitor,
                      float *gradient);

#endif
