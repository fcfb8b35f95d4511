/* SPDX-License-Identifier: MIT
 *
 * Pictures in memory; their files are picture_file.h's.
 *
 * The values of an image are in [0,1], the coded values of its file divided by their maximum: no
 * gamma or profile conversion takes place, so a file's values pass through unchanged. What the file
 * says about the meaning of its values goes along (properties.h).
 *
 * They are what is seen over white paper. Where a picture is not opaque a fourth channel says how
 * much of it there is, and a PNG file gets the colours that give those values when laid over white:
 * seen = alpha * colour + 1 - alpha. So a change of size needs no care for the colours of what
 * cannot be seen: they are gone, and come back as white.
 *
 * What is computed is kept as planes of floats. A picture that somebody brings, in a file or as
 * pixels, may be large and is soon made small: it is packed, interleaved pixels as it came
 * (pixels_format.h), of which image_unpack gives any part as floats.
 */
#ifndef STYLIZE_IMAGE_IMAGE_H
#define STYLIZE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "image/pixels_format.h"
#include "image/properties.h"
#include "image/record_text.h"

#define IMAGE_CHANNELS 3
#define IMAGE_MOST_PIXELS ((size_t)INT32_MAX) /* that any image can have */

enum { IMAGE_PIECE = 512 }; /* pixels that are unpacked at a time, on a stack */

/* The tags here and in vgg.h are the ones that the public stylize.h shows its users. */
typedef struct stylize_image {
    int width, height; /* pixels, >= 1 */
    float *planes;     /* [3][height][width] red, green, blue over white, in [0,1]; owned */
    float *alpha;      /* [height][width] in [0,1], owned; NULL: opaque */
    void *packed;      /* or, without planes: [height][width] of `format`, owned */
    pixels_format format;
    image_properties properties;
    char *record; /* how it was made, by its file (record_text.h); owned; NULL: it says nothing */
} image;

/* A black opaque image of planes; NULL with *err set when memory is short or the size exceeds
 * IMAGE_MOST_PIXELS. */
image *image_new(int width, int height, error *err);
void image_free(image *self);

/* Gives an opaque image of planes an alpha plane, of zeros. */
bool image_add_alpha(image *self, error *err);

/* A packed image, whose pixels are not set; likewise. */
image *image_new_packed(int width, int height, pixels_format format, error *err);

/* Pixel x of row y of a packed image, where the others of the row follow. */
void *image_packed_at(const image *self, int x, int y);

/* Takes the alpha channel of a packed image away where it is full everywhere. */
void image_drop_full_alpha(image *self);

bool image_has_alpha(const image *self);

/* `count` values of row y from x on: red, green or blue (0..2), or PIXELS_ALPHA, which is 1 where
 * there is none. */
void image_unpack(const image *self, int channel, int x, int y, int count, float *to);

/* Bytes that an opaque image of planes takes, what alpha adds, and what a packed one takes. */
size_t image_memory(int width, int height);
size_t image_alpha_memory(int width, int height);
size_t image_packed_memory(int width, int height, pixels_format format);

#endif
