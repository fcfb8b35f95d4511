/* SPDX-License-Identifier: MIT
 *
 * Pictures in memory and their files.
 *
 * An image is three planes of floats in [0,1], the coded values of the file divided by their
 * maximum: no gamma or profile conversion takes place, so value/255 of an 8-bit file passes through
 * unchanged. Files are recognised by content when read and by extension when written. Orientation
 * tags are applied when reading; grey and palette files become RGB, 16-bit files are reduced to 8
 * bits, and transparent pixels are composed over white.
 */
#ifndef STYLIZE_IMAGE_IMAGE_H
#define STYLIZE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"

#define IMAGE_CHANNELS 3
#define IMAGE_MAX_PIXELS ((size_t)1 << 28) /* more is refused before anything is allocated */

typedef struct image {
    int width, height; /* pixels, >= 1 */
    float *planes;     /* [3][height][width] red, green, blue, in [0,1]; owned */
} image;

typedef enum image_format { IMAGE_UNKNOWN, IMAGE_PNG, IMAGE_JPEG } image_format;

#define IMAGE_JPEG_MOST_SIDE 65500 /* pixels: what libjpeg takes */

/* A black image; NULL with *err set when memory is short or the size exceeds IMAGE_MAX_PIXELS. */
image *image_new(int width, int height, error *err);
void image_free(image *self);

/* Bytes that an image takes. */
size_t image_memory(int width, int height);

/* The format that a path's extension asks for (.png, .jpg, .jpeg in either case). */
image_format image_format_of_path(const char *path);

/* Reads a PNG or JPEG file; the caller owns the result. NULL with *err naming the path when the
 * file is missing, no regular picture, truncated, corrupt, or over IMAGE_MAX_PIXELS. */
image *image_read(const char *path, error *err);

/* The same from an open stream, which is called `name` in errors and stays open. */
image *image_read_stream(FILE *file, const char *name, error *err);

/* Encodes in memory: PNG 8-bit RGB, or JPEG 4:4:4 of quality 95. Values are clipped to [0,1] and
 * rounded to the nearest of 0..255. `name` is for errors. The caller frees *data [size], which is
 * NULL on failure. */
bool image_encode(const image *self, image_format format, const char *name, char **data,
                  size_t *size, error *err);

/* Encodes to the format of the path's extension and writes the file, whole or not at all
 * (output_file.h). */
bool image_write(const image *self, const char *path, error *err);

#endif
