/* SPDX-License-Identifier: MIT
 *
 * Noise that a picture begins with, where it is not to begin with a picture.
 *
 * It has the colours of the styles, mean and covariance, so that neither the mean of a picture nor
 * the colours that go together have to be found: noise whose channels know nothing of each other is
 * a rainbow. And it has blots of every size, equally strong, as pictures have. Of noise in which
 * each pixel stands by itself grain is left that a network hardly sees (docs/pictures.md).
 */
#ifndef STYLIZE_TRANSFER_NOISE_H
#define STYLIZE_TRANSFER_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"
#include "image/recolor.h"
#include "transfer/stage.h"

/* The next of a stream of numbers spread evenly over [0,1). */
float noise_next(uint64_t *state);

/* Planes [3][height][width] of noise, cut to [0,1]. It repeats without a seam. */
void noise_fill(float *planes, int width, int height, const color_moments *colors, uint64_t seed);

/* Noise for a first stage to start from, planes of its size: in the colours of the styles, or grey
 * where the style does not count; or mid-grey but for a level of 255 at most, from which what the
 * content shows comes out as it does with other programs. */
void noise_start(const stage_settings *settings, const stage_inputs *inputs, float *planes);

#endif
