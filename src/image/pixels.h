/* SPDX-License-Identifier: MIT
 *
 * Pictures from and to interleaved pixels: a caller's, or the rows that the codecs take and give.
 *
 * What they are made of says pixels_format.h. An image has what is seen over white (image.h), so a
 * colour comes back from planes exactly where alpha is at least one percent (of 8 bits: where it is
 * not 0), and as white where nothing of it is seen.
 */
#ifndef STYLIZE_IMAGE_PIXELS_H
#define STYLIZE_IMAGE_PIXELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "image/image.h"

/* Row y of an image as pixels of that format, clipped and rounded to the nearest. Without a channel
 * for it, transparency is laid over white; grey is the luma of color.h. NaN becomes 0. */
void pixels_pack_row(const image *self, int y, pixels_format format, void *row);

/* A new image, packed, of pixels [height][width], `stride` bytes from a row to the next; without
 * alpha where all is opaque. NULL with *err, of ERROR_USAGE where that can be no picture: no
 * pixels, sizes below 1, an unknown format, rows that overlap or do not fit into memory. */
image *pixels_read(const void *pixels, int width, int height, size_t stride, pixels_format format,
                   error *err);

/* Writes all rows likewise; what lies between a row's end and the next stays as it is. */
bool pixels_write(const image *self, void *pixels, size_t stride, pixels_format format, error *err);

#endif
