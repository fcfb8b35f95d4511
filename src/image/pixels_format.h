/* SPDX-License-Identifier: MIT
 *
 * What interleaved pixels are made of, and their values as floats.
 *
 * A pixel has 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) samples, each of 8 or 16 bits in
 * the machine's byte order, or a float in [0,1]. Alpha is not multiplied into the colours.
 */
#ifndef STYLIZE_IMAGE_PIXELS_FORMAT_H
#define STYLIZE_IMAGE_PIXELS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last of them are of 16 bits as well: products of two bytes, as of a colour of CMYK and its
 * black. */
typedef enum pixels_sample { PIXELS_U8, PIXELS_U16, PIXELS_FLOAT, PIXELS_PRODUCT } pixels_sample;

enum { PIXELS_MOST_CHANNELS = 4, PIXELS_ALPHA = 3 /* the channel of a picture, by its number */ };

typedef struct pixels_format {
    int channels; /* 1..4 */
    pixels_sample sample;
} pixels_format;

static inline bool pixels_format_has_alpha(pixels_format self) {
    return self.channels % 2 == 0;
}

static inline bool pixels_format_is_grey(pixels_format self) {
    return self.channels <= 2;
}

/* Bytes of a sample and of a pixel. */
size_t pixels_format_sample_size(pixels_format self);
size_t pixels_format_pixel_size(pixels_format self);

/* Bytes of a row, at least 1; 0 where they do not fit a size_t. */
size_t pixels_format_row_size(pixels_format self, int width);

/* The value that stands for 1. */
unsigned pixels_format_most(pixels_format self);

/* Whether the alpha of `count` pixels is full, of such that have one. */
bool pixels_format_is_opaque(pixels_format self, const void *pixels, size_t count);

/* A channel of `count` pixels, which need no alignment, as floats in [0,1]: red, green or blue as
 * seen over white, or PIXELS_ALPHA, which is 1 where there is none. An opaque pixel gives exactly
 * its value divided by the largest. Floats are clipped to [0,1], NaN becomes 0. */
void pixels_format_unpack(pixels_format self, const void *pixels, int channel, size_t count,
                          float *to);

#endif
