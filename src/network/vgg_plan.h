/* SPDX-License-Identifier: MIT
 *
 * The plan of a run of a VGG on pictures of one size, made from the layer table before anything is
 * allocated: the steps, which tensors live from when to when, and where in one arena each lies. The
 * run (vgg_run.h) follows it.
 *
 * A step is a convolution with the ReLU and pooling that follow. Time goes forward through the
 * steps and back: step i runs at time i and, in the backward pass, at time 2 n - 1 - i. Tensors
 * whose lifetimes do not overlap share memory. What is not asked for is not kept: of an activation
 * its sign remains, of pooled ones the choice in each window, and the activations before a pooling
 * are never stored unless someone wants to see them.
 *
 * Where they would outgrow the caches a block of two convolutions and its pooling runs as a pair,
 * in strips of rows: the activations between the two, which are the largest of the network, exist
 * for one strip at a time, and are recomputed in the backward pass.
 */
#ifndef STYLIZE_NETWORK_VGG_PLAN_H
#define STYLIZE_NETWORK_VGG_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/pool.h"
#include "network/vgg.h"
#include "network/winograd_blocks.h"

/* Of a picture: counts of tiles stay within an int. */
#define VGG_MOST_PIXELS ((size_t)1 << 28)

/* A tensor or bitmap of the arena; bytes = 0 where there is none. */
typedef struct vgg_buffer {
    size_t offset, bytes;
    int channels, height, width;
    int words;       /* of a bitmap's pixel; 0 for a tensor */
    int first, last; /* times */
} vgg_buffer;

/* Rows of a strip's tensor beside the strip's own. */
#define VGG_STRIP_MARGIN 8

typedef struct vgg_step {
    int conv;       /* index of the convolution; of a pair, of its second */
    int conv_layer; /* layer indices; -1 where the run ends before them */
    int relu_layer, pool_layer;
    bool pair;                        /* with the convolution before, in strips */
    int between;                      /* pair: the layer of the ReLU between the two */
    int height, width;                /* of the convolution */
    int strip_rows;                   /* pair */
    vgg_buffer before_relu;           /* the convolution's output, where that is wanted */
    vgg_buffer activation;            /* the ReLU's output, unless it is pooled at once */
    vgg_buffer pooled;                /* the pooling's output */
    vgg_buffer sign;                  /* of the activation */
    vgg_buffer choice;                /* of the pooling */
    vgg_buffer gradient;              /* of the step's output, where that is not wanted itself */
    vgg_buffer activation_gradient;   /* of an activation that is stored, pooled and not wanted */
    vgg_buffer strip, strip_sign;     /* pair: the rows between the two convolutions */
    winograd_blocks forward, adjoint; /* unless conv is 0 */
    winograd_blocks first_forward, first_adjoint; /* pair, unless its first is 0 */
} vgg_step;

typedef struct vgg_plan {
    int height, width;
    bool backward;
    int depth; /* the deepest layer wanted */
    vgg_step steps[VGG_MAX_CONVS];
    int count;
    size_t scratch_bytes; /* of the greediest step */
    int threads;
    size_t arena_bytes;
} vgg_plan;

/* Plans pictures of height x width: forward to the deepest layer wanted (at least one is) and, if
 * `backward`, back to the picture. False with *err set when the picture is too small for a wanted
 * layer, which is named, or sizes overflow. */
bool vgg_plan_make(vgg_plan *self, const vgg *network, int height, int width,
                   const bool wanted[VGG_MAX_LAYERS], bool backward, int threads, error *err);

/* The layer that a step ends with. */
int vgg_step_output(const vgg_step *step);

/* Whether rows of a layer are shown to a visitor in strips. */
bool vgg_plan_in_strips(const vgg_plan *self, int layer);

#endif
