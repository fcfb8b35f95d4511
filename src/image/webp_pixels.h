/* SPDX-License-Identifier: MIT
 *
 * What webp.c and webp_frames.c share: a picture on its way into libwebp's encoder.
 */
#ifndef STYLIZE_IMAGE_WEBP_PIXELS_H
#define STYLIZE_IMAGE_WEBP_PIXELS_H

#include <stdbool.h>
#include <webp/encode.h>

#include "core/error.h"
#include "image/image.h"

/* Gives `picture`, which has been initialised, the pixels; the caller frees it in any case. False
 * with *err, naming the path, also where a side is too long for the format. */
bool webp_pixels_import(WebPPicture *picture, const image *self, const char *path, error *err);

/* Says why `picture` could not be encoded. Returns false. */
bool webp_pixels_refuse(const WebPPicture *picture, const char *path, error *err);

#endif
