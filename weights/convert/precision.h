/* SPDX-License-Identifier: MIT
 *
 * Whether a network's weights may be stored as F16, at half the size.
 *
 * They may when the gradient of the default cost with rounded weights is that with exact ones to
 * within PRECISION_BAR of its norm, which is the engine's own bar against its reference
 * (docs/method.md), and when no weight is too large for F16. The cost is that of one picture in
 * the manner of another, at the layers of the default that the network has.
 */
#ifndef STYLIZE_CONVERT_PRECISION_H
#define STYLIZE_CONVERT_PRECISION_H

#include <stdbool.h>

#include "convert/plain_vgg.h"
#include "core/error.h"
#include "image/image.h"

#define PRECISION_BAR 5e-3

/* Whether no weight or bias is beyond a limit, such as HALF_MAX. */
bool plain_vgg_within(const plain_vgg *self, float limit);

/* *difference = |gradient of the rounded network - that of *self| / |that of *self|. */
bool plain_vgg_half_difference(const plain_vgg *self, const image *content, const image *style,
                               double *difference, error *err);

#endif
