/* SPDX-License-Identifier: MIT
 *
 * What a picture's file says of its pixels besides their values: what their colours mean and how
 * large they are. A result takes it over from its content; nothing here changes a pixel.
 *
 * Only profiles of RGB pixels are kept, because every image is RGB: one of a CMYK or grey file
 * would be wrong for what the pixels have become. A damaged profile, or one larger than
 * PROPERTIES_MOST_PROFILE, is none. EXIF is not kept: its orientation has been applied, and the
 * rest is of the photograph.
 */
#ifndef STYLIZE_IMAGE_PROPERTIES_H
#define STYLIZE_IMAGE_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Bytes: what the markers of a JPEG file have room for, 255 of them. */
#define PROPERTIES_MOST_PROFILE ((size_t)255 * 65519)

typedef enum density_unit {
    DENSITY_UNKNOWN,
    DENSITY_ASPECT, /* only the ratio of the two means anything */
    DENSITY_METRE,  /* pixels per metre */
} density_unit;

/* All zero says nothing. */
typedef struct image_properties {
    uint8_t *profile;    /* ICC profile of RGB pixels, [profile_size], owned; or NULL */
    size_t profile_size; /* bytes */
    /* Of PNG alone, in its units. */
    bool has_srgb, has_gamma, has_chromaticities;
    int srgb_intent;           /* rendering intent, 0..3 */
    int32_t gamma;             /* 1/100000 */
    int32_t chromaticities[8]; /* 1/100000: x and y of white, red, green, blue */
    density_unit density_unit;
    double density[2]; /* horizontal, vertical; > 0 where there is a unit */
} image_properties;

/* Keeps a copy of a profile if it is one of RGB pixels, whole and not too large. False with *err
 * set only when memory is short. */
bool image_properties_set_profile(image_properties *self, const uint8_t *profile, size_t size,
                                  error *err);

/* *self, which has no profile yet, becomes a copy; on failure (memory) one without profile. */
bool image_properties_copy(image_properties *self, const image_properties *source, error *err);

/* Bytes that a copy takes. */
size_t image_properties_memory(const image_properties *self);

/* The unit of a resolution in EXIF and TIFF. */
enum { RESOLUTION_ASPECT = 1, RESOLUTION_INCH, RESOLUTION_CENTIMETRE };

/* Takes the density over from such a resolution, horizontal and vertical; another unit means
 * inches, as it does where none is told. What are no positive numbers, or equal ones without a
 * unit, says nothing. */
void image_properties_set_resolution(image_properties *self, const double resolution[2], int unit);

/* The density as such a resolution, and its unit; 0 where there is no density. What is nearest to a
 * whole number of pixels per inch within the rounding of PNG, which counts in metres, is it. */
int image_properties_resolution(const image_properties *self, double resolution[2]);

void image_properties_clear(image_properties *self);

#endif
