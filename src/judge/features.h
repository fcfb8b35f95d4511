/* SPDX-License-Identifier: MIT
 *
 * What a network says of a picture beside its content and its style:
 *
 *     style     ||G(picture) - G(style)||^2 / ||G(content) - G(style)||^2
 *     content   mean (a(picture) - a(content))^2 / mean a(content)^2
 *
 * with a the activation of a layer and G its Gram matrix, sums over pixels divided by their number.
 *
 * A large picture goes through the network in bands of rows. A band is computed with as many rows
 * above and below as any of its activations sees, and only what belongs to the band counts: so the
 * memory does not grow with the picture's height, and the figures are those of the whole.
 */
#ifndef STYLIZE_JUDGE_FEATURES_H
#define STYLIZE_JUDGE_FEATURES_H

#include <stdbool.h>

#include "image/image.h"
#include "judge/figures.h"
#include "network/vgg.h"

/* Pixels of a band without the rows around it: some hundred MB with a full VGG. */
#define FEATURES_BAND ((size_t)2 << 20)

/* Writes the figures of style and of content at the layers that the network has. `content` is of
 * the picture's size; no side of the three is below STYLIZE_LEAST_SIDE. False with *err when memory
 * is short or a picture too large. */
bool features_judge(figures *self, const vgg *network, const image *content, const image *style,
                    const image *picture, size_t band_pixels, error *err);

#endif
