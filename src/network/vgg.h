/* SPDX-License-Identifier: MIT
 *
 * VGG-16 and VGG-19, convolutional part, of any widths and any depth: the packed weights, and the
 * layer table that everything else walks. Immutable after loading, so threads may share it.
 */
#ifndef STYLIZE_NETWORK_VGG_H
#define STYLIZE_NETWORK_VGG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "network/first_conv.h"
#include "network/vgg_source.h"
#include "network/winograd.h"
#include "simd/kernels.h"

/* Where activations are computed in strips of rows (vgg_plan.h): where they outgrow the caches, as
 * high as fits them, or nowhere. */
enum { VGG_STRIPS_FIT = 0, VGG_STRIPS_NEVER = -1 };

#define VGG_MAX_LAYERS (2 * VGG_MAX_CONVS + VGG_BLOCKS)

typedef enum vgg_layer_kind { VGG_CONV, VGG_RELU, VGG_POOL } vgg_layer_kind;

typedef struct vgg_layer {
    vgg_layer_kind kind;
    char name[8]; /* conv4_2, relu4_2, pool4 */
    int block;    /* 1..5 */
    int conv;     /* index of the convolution that this layer is or follows */
    int channels;
} vgg_layer;

typedef struct stylize_network {
    uint64_t number; /* its own in this process */
    const kernel_set *kernels;
    const vgg_architecture *arch;
    vgg_layer layers[VGG_MAX_LAYERS];
    int layer_count;
    int widths[VGG_MAX_CONVS]; /* output channels of each convolution that the weights have */
    int conv_count;            /* of those, the leading ones that are loaded */
    bool normalized;           /* its channels have mean activation 1 */
    first_conv first;          /* convolution 0, both ways */
    winograd_filter forward[VGG_MAX_CONVS]; /* from convolution 1 on */
    winograd_filter adjoint[VGG_MAX_CONVS];
    winograd_machine machine; /* what the filters are packed for */
    int strip_rows; /* VGG_STRIPS_FIT; others are for tests: rows of a strip, in which then run all
                       blocks that can, or VGG_STRIPS_NEVER */
} vgg;

/* Whether VGG-19 has a layer of that name. */
bool vgg_layer_known(const char *name);

/* Loads a weights file (vgg_file.h says which and what is refused); or packs what a source has. The
 * caller owns the result, which borrows nothing of either. NULL with *err, naming the path. */
vgg *vgg_load(const char *path, const kernel_set *kernels, error *err);
vgg *vgg_new(const vgg_source *source, const kernel_set *kernels, error *err);
void vgg_free(vgg *self);

/* Bytes that a network of that source takes, about: its packed weights, and what packing needs. */
size_t vgg_memory(const vgg_source *source, const kernel_set *kernels);

/* Height or width of a layer, given that of the picture. */
int vgg_layer_side(const vgg *self, int layer, int side);

/* What of the picture the places of a layer see: place i of a line sees `size` pixels from
 * first + i * step on, of which some may lie outside of the picture. */
typedef struct vgg_field {
    int step, size, first; /* pixels */
} vgg_field;
vgg_field vgg_receptive_field(const vgg *self, int layer);

/* The units of a layer along a side of the picture whose fields lie inside of it: from *first on to
 * before *end; all of them where it is too short for any. */
void vgg_units_inside(const vgg *self, int layer, int side, int *first, int *end);

/* The leading convolutions that a layer takes; 0 where the source has no such layer. */
int vgg_convs_to(const vgg_source *source, const char *layer);

/* The index of a layer, or -1 with *err naming the deepest layer that the weights hold, or that was
 * loaded of them. */
int vgg_layer_find(const vgg *self, const char *name, error *err);

#endif
