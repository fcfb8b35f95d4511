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

/* The mean activations of every channel, or what it is divided by: [conv][channel]. */
typedef struct channel_means {
    double *of[VGG_MAX_CONVS]; /* owned */
} channel_means;

/* Mean activations after each ReLU over all pixels of all pictures [count], every picture counting
 * alike. Clearing is needed also after a failure, which sets *err. */
bool channel_means_measure(channel_means *self, const plain_vgg *net, image *const *pictures,
                           int count, error *err);
void channel_means_clear(channel_means *self);

/* Turns means into what to divide by: above 0, and of single precision, as files keep it. Of a
 * channel that is hardly ever active (under a thousandth of the layer's mean) it is the layer's,
 * and always at least a quarter of that. */
void channel_means_make_divisors(channel_means *self, const plain_vgg *net);

/* Divides every channel by its divisor. */
void plain_vgg_rescale(plain_vgg *self, const channel_means *divisors);

#endif
