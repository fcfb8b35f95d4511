/* SPDX-License-Identifier: MIT
 *
 * Change of size through zimg.
 */
#ifndef STYLIZE_IMAGE_RESAMPLE_H
#define STYLIZE_IMAGE_RESAMPLE_H

#include <stddef.h>

#include "image/image.h"

/* A copy of the planes of `source` at width x height (pixels, >= 1), clipped to [0,1]; the caller
 * owns it. The filter is widened by the ratio when shrinking, so no detail aliases. The same size
 * gives the same bits. NULL with *err set when memory is short. */
image *image_resample(const image *source, int width, int height, error *err);

/* Gives `self`, which is opaque, the alpha of `source` at its own size; leaves it opaque where the
 * source is. */
bool image_resample_alpha(image *self, const image *source, error *err);

/* About the most bytes that image_resample has allocated at a time for a source of that size, its
 * result included; image_resample_alpha has less. */
size_t image_resample_memory(int from_width, int from_height, int width, int height);

#endif
