/* SPDX-License-Identifier: MIT
 *
 * A network in plain arrays: what the readers fill, rescaling changes and the writer writes.
 */
#ifndef STYLIZE_CONVERT_PLAIN_VGG_H
#define STYLIZE_CONVERT_PLAIN_VGG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/vgg_source.h"

typedef struct plain_vgg {
    const vgg_architecture *arch;
    int conv_count;
    int widths[VGG_MAX_CONVS];
    vgg_input input;
    float *weights[VGG_MAX_CONVS]; /* [out][in][3][3], owned, as are biases [out] */
    float *biases[VGG_MAX_CONVS];
} plain_vgg;

/* Allocates zeros for a convolution, whose width and inputs are known. */
bool plain_vgg_alloc_conv(plain_vgg *self, int conv, error *err);

/* Of whatever there is; zeroed before it is filled, so also after a failure. */
void plain_vgg_clear(plain_vgg *self);

/* Reads a source, up to conv5_1 or `all`. Clearing is needed either way. */
bool plain_vgg_read(plain_vgg *self, const vgg_source *source, bool all, error *err);

/* The network as a source, valid as long as it is. */
vgg_source plain_vgg_source(const plain_vgg *self);

/* Values of a convolution's weights, and channels that it takes. */
size_t plain_vgg_weight_count(const plain_vgg *self, int conv);
int plain_vgg_inputs(const plain_vgg *self, int conv);

/* Convolutions up to conv5_1, the deepest that the default layers look at. */
int plain_vgg_cut(const vgg_architecture *arch);

#endif
