/* SPDX-License-Identifier: MIT
 *
 * A picture in the colours of another: mean and covariance of its colours become those of the
 * other, by the one map among all that do so which moves colours least (the optimal transport
 * between two normal distributions),
 *
 *     x' = mu_t + A (x - mu),   A = S^-1/2 (S^1/2 S_t S^1/2)^1/2 S^-1/2,   A symmetric
 *
 * of the coded values, which are spaced about as evenly as the eye sees them (docs/method.md). S
 * and S_t have a small multiple of I added, so that roots exist; A raises no contrast beyond a
 * bound, so that a flat picture's noise is not made its content. A share of the way is the same map
 * mixed with x. Colours that do not fit into [0,1] become paler (image/color.h).
 */
#ifndef STYLIZE_IMAGE_RECOLOR_H
#define STYLIZE_IMAGE_RECOLOR_H

#include "image/image.h"

/* Mean colour and mean products of channels: zero at first, then with shares of pictures added;
 * where the shares' sum is 1 they are those of all these pictures' pixels together. */
typedef struct color_moments {
    double mean[IMAGE_CHANNELS];
    double products[IMAGE_CHANNELS][IMAGE_CHANNELS];
} color_moments;

/* Adds a picture. Its pixels count by their alpha, unless that is 0 everywhere. */
void color_moments_add(color_moments *self, const image *picture, double share);

/* The same as it is seen over white: all pixels count alike. */
void color_moments_add_seen(color_moments *self, const image *picture, double share);

void color_moments_covariance(const color_moments *self,
                              double covariance[IMAGE_CHANNELS][IMAGE_CHANNELS]);

/* x' = matrix x + offset. */
typedef struct recoloring {
    double matrix[IMAGE_CHANNELS][IMAGE_CHANNELS];
    double offset[IMAGE_CHANNELS];
} recoloring;

/* A share of the way, in [0,1], from the colours of one to those of another; at 0 the identity. */
recoloring recoloring_between(const color_moments *from, const color_moments *to, double share);

/* luma' = gain luma + lift, and what colours differ from it times `chroma`. */
recoloring recoloring_of_tone(double gain, double lift, double chroma);

/* Recolours a picture of planes; by its alpha, if it has one, so that the paper beneath it stays
 * white. */
void recoloring_apply(const recoloring *self, const image *picture);

#endif
