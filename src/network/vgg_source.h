/* SPDX-License-Identifier: MIT
 *
 * What a VGG is made of: which of the two architectures, how its convolutions are called, how wide
 * they are, what it expects of a picture, and its numbers, wherever they come from.
 */
#ifndef STYLIZE_NETWORK_VGG_SOURCE_H
#define STYLIZE_NETWORK_VGG_SOURCE_H

#include <stdbool.h>

#include "core/error.h"

#define VGG_BLOCKS 5
#define VGG_MAX_CONVS 16
#define VGG_MAX_WIDTH (1 << 16) /* output channels of a convolution that any file may have */

typedef struct vgg_architecture {
    const char *name; /* "vgg16" or "vgg19" */
    int convs_per_block[VGG_BLOCKS];
    int features[VGG_MAX_CONVS]; /* torchvision's features.{n} of each convolution */
    int conv_count;
} vgg_architecture;

extern const vgg_architecture vgg_16, vgg_19;

/* A convolution's block and its number in that, both from 1, and its two names. */
typedef struct vgg_conv_name {
    int block, number;
    char own[32];         /* conv4_2 */
    char torchvision[32]; /* features.21 */
} vgg_conv_name;

vgg_conv_name vgg_conv_name_of(const vgg_architecture *arch, int conv);

/* The network sees (range * X - mean) / std of a picture X in [0,1], in this order of channels. */
typedef struct vgg_input {
    double mean[3], std[3]; /* in the order of channels */
    bool bgr;
    int range; /* 1 or 255 */
} vgg_input;

/* Those of torchvision, and those of Oxford's original weights, as in Caffe and Keras. */
extern const vgg_input vgg_input_torchvision, vgg_input_caffe;

typedef struct vgg_source {
    const vgg_architecture *arch;
    int conv_count;            /* leading convolutions; lower it to load fewer */
    int widths[VGG_MAX_CONVS]; /* output channels of each; the first takes three. Past conv_count
                                * those of the others that there are, or 0 */
    vgg_input input;
    bool normalized; /* its channels have mean activation 1, whatever was published */
    /* Writes a convolution's weights [out][in][3][3] and biases [out], finite numbers. */
    bool (*read)(const void *user, int conv, float *weights, float *biases, error *err);
    const void *user;
} vgg_source;

/* Channels that a convolution takes. */
int vgg_source_inputs(const vgg_source *self, int conv);

#endif
