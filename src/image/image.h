/* SPDX-License-Identifier: MIT
 *
 * Pictures in memory and their files.
 *
 * An image is three planes of floats in [0,1], the coded values of the file divided by their
 * maximum (255 or 65535): no gamma or profile conversion takes place, so a file's values pass
 * through unchanged. What the file says about the meaning of its values goes along
 * (properties.h).
 *
 * The planes are what is seen over white paper. Where a picture is not opaque a fourth plane says
 * how much of it there is, and a PNG file gets the colours that give those planes when laid over
 * white: planes = alpha * colour + 1 - alpha. So a change of size needs no care for the
 * colours of what cannot be seen: they are gone, and come back as white. A file whose alpha is full
 * everywhere is read as one that has none.
 *
 * Files are recognised by content when read and by extension when written. Orientation tags are
 * applied when reading; grey and palette files become RGB, and CMYK files by the plain formula
 * (1 - C)(1 - K), whatever their profile says.
 */
#ifndef STYLIZE_IMAGE_IMAGE_H
#define STYLIZE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "image/properties.h"

#define IMAGE_CHANNELS 3
#define IMAGE_MOST_PIXELS ((size_t)INT32_MAX) /* that any image can have */

/* The tags here and in vgg.h are the ones that the public stylize.h shows its users. */
typedef struct stylize_image {
    int width, height; /* pixels, >= 1 */
    float *planes;     /* [3][height][width] red, green, blue over white, in [0,1]; owned */
    float *alpha;      /* [height][width] in [0,1], owned; NULL: opaque */
    image_properties properties;
} image;

typedef enum image_format { IMAGE_UNKNOWN, IMAGE_PNG, IMAGE_JPEG } image_format;

#define IMAGE_JPEG_MOST_SIDE 65500 /* pixels: what libjpeg takes */

typedef struct image_write_options {
    int depth;   /* bits of a sample: 8, or 16 for PNG alone */
    int quality; /* of JPEG, 1..100 */
} image_write_options;

/* A black opaque image; NULL with *err set when memory is short or the size exceeds
 * IMAGE_MOST_PIXELS. */
image *image_new(int width, int height, error *err);
void image_free(image *self);

/* Gives an opaque image an alpha plane, of zeros. */
bool image_add_alpha(image *self, error *err);

/* Bytes that an opaque image takes, and what alpha adds. */
size_t image_memory(int width, int height);
size_t image_alpha_memory(int width, int height);

/* The format that a path's extension asks for (.png, .jpg, .jpeg in either case). */
image_format image_format_of_path(const char *path);

/* Reads a PNG or JPEG file; the caller owns the result. NULL with *err naming the path when the
 * file is missing, no regular picture, truncated, corrupt, or its header tells of more pixels than
 * max_pixels: then no memory has been taken. */
image *image_read(const char *path, size_t max_pixels, error *err);

/* The same from an open stream, which is called `name` in errors and stays open. */
image *image_read_stream(FILE *file, const char *name, size_t max_pixels, error *err);

/* Encodes in memory: PNG, RGB or with alpha RGBA; or JPEG 4:4:4, over white. Values are clipped to
 * [0,1] and rounded to the nearest of 0..255 (0..65535). `name` is for errors, which are of
 * ERROR_USAGE where the options are impossible. The caller frees *data [size], which is NULL on
 * failure. */
bool image_encode(const image *self, image_format format, const image_write_options *options,
                  const char *name, char **data, size_t *size, error *err);

/* Encodes to the format of the path's extension and writes the file, whole or not at all
 * (output_file.h). */
bool image_write(const image *self, const char *path, const image_write_options *options,
                 error *err);

#endif
