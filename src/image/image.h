/* SPDX-License-Identifier: MIT
 *
 * Pictures in memory; their files are picture_file.h's.
 *
 * An image is three planes of floats in [0,1], the coded values of the file divided by their
 * maximum (255 or 65535): no gamma or profile conversion takes place, so a file's values pass
 * through unchanged. What the file says about the meaning of its values goes along
 * (properties.h).
 *
 * The planes are what is seen over white paper. Where a picture is not opaque a fourth plane says
 * how much of it there is, and a PNG file gets the colours that give those planes when laid over
 * white: planes = alpha * colour + 1 - alpha. So a change of size needs no care for the
 * colours of what cannot be seen: they are gone, and come back as white.
 */
#ifndef STYLIZE_IMAGE_IMAGE_H
#define STYLIZE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "image/properties.h"
#include "image/record_text.h"

#define IMAGE_CHANNELS 3
#define IMAGE_MOST_PIXELS ((size_t)INT32_MAX) /* that any image can have */

/* The tags here and in vgg.h are the ones that the public stylize.h shows its users. */
typedef struct stylize_image {
    int width, height; /* pixels, >= 1 */
    float *planes;     /* [3][height][width] red, green, blue over white, in [0,1]; owned */
    float *alpha;      /* [height][width] in [0,1], owned; NULL: opaque */
    image_properties properties;
    char *record; /* how it was made, by its file (record_text.h); owned; NULL: it says nothing */
} image;

/* A black opaque image; NULL with *err set when memory is short or the size exceeds
 * IMAGE_MOST_PIXELS. */
image *image_new(int width, int height, error *err);
void image_free(image *self);

/* Gives an opaque image an alpha plane, of zeros. */
bool image_add_alpha(image *self, error *err);

/* Takes the alpha plane away where it is full everywhere. */
void image_drop_full_alpha(image *self);

/* Bytes that an opaque image takes, and what alpha adds. */
size_t image_memory(int width, int height);
size_t image_alpha_memory(int width, int height);

#endif
