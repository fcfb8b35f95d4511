/* SPDX-License-Identifier: MIT */
#include "image/pixels.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "image/color.h"

static float clip(float value) {
    return value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
}

static unsigned round_sample(float value, unsigned most) {
    return (unsigned)(value * (float)most + 0.5f);
}

/* value in [0,1] */
static void put_sample(unsigned char *samples, size_t i, float value, pixels_sample sample) {
    uint16_t wide;
    switch (sample) {
    case PIXELS_U8:
        samples[i] = (unsigned char)round_sample(value, UINT8_MAX);
        break;
    case PIXELS_U16:
        wide = (uint16_t)round_sample(value, UINT16_MAX);
        memcpy(samples + i * sizeof wide, &wide, sizeof wide);
        break;
    default:
        memcpy(samples + i * sizeof value, &value, sizeof value);
    }
}

/* ---- rows ---- */

/* The colour of which `alpha` gives `seen` over white; white where nothing of it will be seen. */
static float color_under(float seen, float alpha, pixels_format format) {
    const bool unseen = format.sample == PIXELS_FLOAT
                            ? !(alpha > 0)
                            : !round_sample(clip(alpha), pixels_format_most(format));
    return unseen ? 1.0f : (float)(((double)seen - 1 + (double)alpha) / (double)alpha);
}

/* The least that the ink on white paper can leave of its white. */
static float over_white(float seen, float alpha) {
    return seen > 1.0f - alpha ? seen : 1.0f - alpha;
}

/* What goes into a row from some pixels of a picture. */
typedef struct piece {
    float seen[IMAGE_CHANNELS][IMAGE_PIECE], alpha[IMAGE_PIECE];
    bool transparent; /* alpha is set */
} piece;

/* Pixel i of the piece becomes pixel `at` of the row. */
static void pack_pixel(const piece *self, size_t i, pixels_format format, void *row, size_t at) {
    const bool has_alpha = pixels_format_has_alpha(format), grey = pixels_format_is_grey(format);
    const float alpha = self->transparent ? clip(self->alpha[i]) : 1.0f;
    const size_t first = at * (size_t)format.channels, colors = grey ? 1 : IMAGE_CHANNELS;
    float value[IMAGE_CHANNELS];
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        const float seen = self->seen[c][i];
        value[c] = clip(!self->transparent ? seen
                        : has_alpha        ? color_under(seen, alpha, format)
                                           : over_white(seen, alpha));
    }
    if (grey)
        value[0] = clip(color_luma_of(value[0], value[1], value[2]));
    for (size_t c = 0; c < colors; c++)
        put_sample(row, first + c, value[c], format.sample);
    if (has_alpha)
        put_sample(row, first + colors, alpha, format.sample);
}

void pixels_pack_row(const image *self, int y, pixels_format format, void *row) {
    piece part;
    part.transparent = image_has_alpha(self);
    for (int x = 0; x < self->width; x += IMAGE_PIECE) {
        const int count = self->width - x < IMAGE_PIECE ? self->width - x : IMAGE_PIECE;
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            image_unpack(self, c, x, y, count, part.seen[c]);
        if (part.transparent)
            image_unpack(self, PIXELS_ALPHA, x, y, count, part.alpha);
        for (int i = 0; i < count; i++)
            pack_pixel(&part, (size_t)i, format, row, (size_t)x + (size_t)i);
    }
}

/* ---- pictures ---- */

static bool check(const void *pixels, int width, int height, size_t stride, pixels_format format,
                  error *err) {
    size_t rows = 0;
    if (!pixels)
        return error_set(err, ERROR_USAGE, "the pointer to the pixels is NULL");
    if (width < 1 || height < 1)
        return error_set(err, ERROR_USAGE, "a picture cannot have %d x %d pixels", width, height);
    if (format.channels < 1 || format.channels > PIXELS_MOST_CHANNELS)
        return error_set(err, ERROR_USAGE, "a pixel has 1 to %d channels, not %d",
                         PIXELS_MOST_CHANNELS, format.channels);
    if (format.sample != PIXELS_U8 && format.sample != PIXELS_U16 && format.sample != PIXELS_FLOAT)
        return error_set(err, ERROR_USAGE, "unknown kind of samples: %d", (int)format.sample);
    const size_t row = pixels_format_row_size(format, width);
    if (!row || stride < row)
        return error_set(err, ERROR_USAGE,
                         "a stride of %zu bytes is too small: a row of %d pixels takes %zu", stride,
                         width, row);
    if (!memory_multiply(stride, (size_t)height, &rows) || rows > PTRDIFF_MAX)
        return error_set(err, ERROR_USAGE, "%d rows of %zu bytes exceed the address space", height,
                         stride);
    return true;
}

image *pixels_read(const void *pixels, int width, int height, size_t stride, pixels_format format,
                   error *err) {
    if (!check(pixels, width, height, stride, format, err))
        return NULL;
    image *self = image_new_packed(width, height, format, err);
    if (!self)
        return NULL;
    for (int y = 0; y < height; y++)
        memcpy(image_packed_at(self, 0, y), (const unsigned char *)pixels + (size_t)y * stride,
               pixels_format_row_size(format, width));
    image_drop_full_alpha(self);
    return self;
}

bool pixels_write(const image *self, void *pixels, size_t stride, pixels_format format,
                  error *err) {
    if (!check(pixels, self->width, self->height, stride, format, err))
        return false;
    for (int y = 0; y < self->height; y++)
        pixels_pack_row(self, y, format, (unsigned char *)pixels + (size_t)y * stride);
    return true;
}
