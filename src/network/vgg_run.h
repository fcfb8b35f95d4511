/* SPDX-License-Identifier: MIT
 *
 * A VGG at work on pictures of one size: forward to the deepest layer wanted and no further, and
 * back to the picture.
 *
 * All memory is allocated when the run is built. The backward pass overwrites each activation with
 * its own gradient, so activations are to be read between vgg_run_forward and the moment their
 * layer's seed returns.
 */
#ifndef STYLIZE_NETWORK_VGG_RUN_H
#define STYLIZE_NETWORK_VGG_RUN_H

#include <stdbool.h>

#include "core/error.h"
#include "network/pool.h"
#include "network/tensor.h"
#include "network/vgg.h"

typedef struct vgg_run {
    const vgg *network; /* borrowed */
    pooling pooling;
    int height, width;
    bool wanted[VGG_MAX_LAYERS];        /* layers that are read or seeded */
    int depth;                          /* the deepest of them */
    tensor input;                       /* [3][height][width], normalised */
    tensor activations[VGG_MAX_LAYERS]; /* relu and pool layers, and conv layers that are wanted */
    float *seed_memory;                 /* of the largest wanted layer */
    winograd_scratch scratch;           /* of the greediest convolution */
} vgg_run;

/* wanted[vgg layer index] marks the layers to be read; at least one. NULL with *err when the
 * picture is too small for a wanted layer (naming it) or memory is short. `network` must outlive
 * the run. */
vgg_run *vgg_run_new(const vgg *network, pooling pooling, int height, int width,
                     const bool wanted[VGG_MAX_LAYERS], error *err);
void vgg_run_free(vgg_run *self);

/* Computes the activations of a picture: planes [3][height][width], RGB in [0,1]. */
void vgg_run_forward(vgg_run *self, const float *planes);

/* The activation of a wanted layer. */
const tensor *vgg_run_activation(const vgg_run *self, int layer);

/* Writes dJ/d(activation of a layer) to `gradient`, of the activation's geometry, and returns true;
 * or returns false where there is none. */
typedef bool vgg_run_seed(void *user, int layer, const tensor *activation, const tensor *gradient);

/* After vgg_run_forward: asks `seed` for every wanted layer, deepest first, and writes
 * dJ/d(picture) to planes [3][height][width]. */
void vgg_run_backward(vgg_run *self, vgg_run_seed *seed, void *user, float *planes);

#endif
