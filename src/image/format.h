/* SPDX-License-Identifier: MIT
 *
 * The formats of picture files, what they have room for, and how a file's name asks for one.
 */
#ifndef STYLIZE_IMAGE_FORMAT_H
#define STYLIZE_IMAGE_FORMAT_H

#include <stdbool.h>

#include "core/error.h"

typedef enum image_format {
    IMAGE_UNKNOWN,
    IMAGE_PNG,
    IMAGE_JPEG,
    IMAGE_WEBP,
    IMAGE_TIFF,
} image_format;

#define IMAGE_JPEG_MOST_SIDE 65500 /* pixels: what libjpeg takes */
#define IMAGE_WEBP_MOST_SIDE 16383

#define IMAGE_EXTENSIONS ".png, .jpg, .jpeg, .webp, .tif or .tiff"

/* The format that a path's extension asks for, in capitals or not. */
image_format image_format_of_path(const char *path);

/* Whether a picture of width x height fits into a format at `depth` bits a sample; what is none
 * of them takes none. If not, *err says why `name` cannot be written: of ERROR_USAGE but for the
 * size. */
bool image_format_fits(image_format format, int width, int height, int depth, const char *name,
                       error *err);

#endif
