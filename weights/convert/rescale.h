/* SPDX-License-Identifier: MIT
 *
 * Bringing every channel of a network to mean activation 1, as Gatys et al. did with theirs.
 *
 * The style cost grows with the fourth power of the activations; only networks whose activations
 * are of one size give the same look with the same alpha and beta. Because ReLU and pooling are
 * homogeneous the change is exact: with m the mean of a channel after its ReLU, its weights and
 * bias are divided by m, and the weights that read it multiplied by the same.
 */
#ifndef STYLIZE_CONVERT_RESCALE_H
#define STYLIZE_CONVERT_RESCALE_H

#include <stdbool.h>

#include "convert/plain_vgg.h"
#include "core/error.h"
#include "image/image.h"

/* The mean activations of every channel: [conv][channel]. */
typedef struct channel_means {
    double *of[VGG_MAX_CONVS]; /* owned */
} channel_means;

/* Mean activations after each ReLU over all pixels of all pictures [count], every picture counting
 * alike. Clearing is needed also after a failure, which sets *err. */
bool channel_means_measure(channel_means *self, const plain_vgg *net, image *const *pictures,
                           int count, error *err);
void channel_means_clear(channel_means *self);

/* Divides every channel by its mean, or, where it is hardly ever active (under a thousandth of the
 * layer's mean), by the layer's. Leaves in `means` what it divided by. */
void plain_vgg_rescale(plain_vgg *self, channel_means *means);

#endif
