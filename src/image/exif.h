/* SPDX-License-Identifier: MIT
 *
 * EXIF, as far as it is of use here: a block laid out like a TIFF file, with how the camera was
 * held, how large a pixel is and a text. Blocks are read as untrusted: what is malformed says
 * nothing.
 */
#ifndef STYLIZE_IMAGE_EXIF_H
#define STYLIZE_IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

#include "image/properties.h"

/* Where the block begins in the EXIF chunk of a WebP file, and *size bytes from there: some writers
 * begin it as the segment of a JPEG file begins. */
const uint8_t *exif_in_chunk(const uint8_t *chunk, size_t *size);

/* The orientation, 1 to 8, of which 1 is upright; 1 when the block says nothing. */
int exif_orientation(const uint8_t *data, size_t size);

/* Fills in the density, where the block tells one. */
void exif_density(const uint8_t *data, size_t size, image_properties *properties);

/* The description of the picture, of *length bytes without the zero that ends it, as a part of the
 * block; NULL where there is none. */
const char *exif_description(const uint8_t *data, size_t size, size_t *length);

/* The bytes of a block that says this density and this text, which may be NULL; 0 where neither is
 * anything to say. Written to data [that size], unless that is NULL. */
size_t exif_write(const image_properties *properties, const char *text, uint8_t *data);

#endif
