/* SPDX-License-Identifier: MIT
 *
 * Pictures from and to interleaved pixels: a caller's, or the rows that the codecs take and give.
 *
 * A pixel has 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) samples, each of 8 or 16 bits in
 * the machine's byte order, or a float in [0,1]. Alpha is not multiplied into the colours; an image
 * keeps what is seen over white (image.h), so a colour comes back from it exactly where alpha is at
 * least one percent (of 8 bits: where it is not 0), and as white where nothing of it is seen.
 */
#ifndef STYLIZE_IMAGE_PIXELS_H
#define STYLIZE_IMAGE_PIXELS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "image/image.h"

typedef enum pixels_sample { PIXELS_U8, PIXELS_U16, PIXELS_FLOAT } pixels_sample;

typedef struct pixels_format {
    int channels; /* 1..4 */
    pixels_sample sample;
} pixels_format;

/* Bytes of a row, at least 1; 0 where they do not fit a size_t. */
size_t pixels_row_size(pixels_format format, int width);

/* Row y of an image from pixels of that format, which need no alignment. Floats are clipped to
 * [0,1], NaN becomes 0. An opaque pixel gives exactly its value divided by the largest. An alpha
 * channel is ignored where the image has no alpha plane. */
void pixels_store_row(image *self, int y, pixels_format format, const void *row);

/* Row y of an image as pixels of that format, clipped and rounded to the nearest. Without a channel
 * for it, transparency is laid over white; grey is the luma of color.h. NaN becomes 0. */
void pixels_pack_row(const image *self, int y, pixels_format format, void *row);

/* A new image of pixels [height][width], `stride` bytes from a row to the next; without alpha where
 * all is opaque. NULL with *err, of ERROR_USAGE where that can be no picture: no pixels, sizes
 * below 1, an unknown format, rows that overlap or do not fit into memory. */
image *pixels_read(const void *pixels, int width, int height, size_t stride, pixels_format format,
                   error *err);

/* Writes all rows likewise; what lies between a row's end and the next stays as it is. */
bool pixels_write(const image *self, void *pixels, size_t stride, pixels_format format, error *err);

#endif
