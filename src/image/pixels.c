/* SPDX-License-Identifier: MIT */
#include "image/pixels.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "image/color.h"

#define MOST_CHANNELS 4

/* ---- samples: their largest value stands for 1 ---- */

static size_t sample_size(pixels_sample sample) {
    return sample == PIXELS_FLOAT ? sizeof(float) : sample == PIXELS_U16 ? 2 : 1;
}

static unsigned sample_most(pixels_sample sample) {
    return sample == PIXELS_FLOAT ? 1 : sample == PIXELS_U16 ? UINT16_MAX : UINT8_MAX;
}

static float clip(float value) {
    return value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
}

static double get_sample(const unsigned char *samples, size_t i, pixels_sample sample) {
    uint16_t wide;
    float real;
    switch (sample) {
    case PIXELS_U8:
        return samples[i];
    case PIXELS_U16:
        memcpy(&wide, samples + i * sizeof wide, sizeof wide);
        return wide;
    default:
        memcpy(&real, samples + i * sizeof real, sizeof real);
        return (double)clip(real);
    }
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

static bool format_has_alpha(pixels_format format) {
    return format.channels % 2 == 0;
}

static int format_colors(pixels_format format) {
    return format.channels <= 2 ? 1 : IMAGE_CHANNELS;
}

size_t pixels_row_size(pixels_format format, int width) {
    size_t size = 0;
    const size_t pixel = (size_t)format.channels * sample_size(format.sample);
    return memory_multiply((size_t)width, pixel, &size) ? size : 0;
}

/* One channel of opaque pixels: every `step`th sample. */
static void store_opaque(const unsigned char *samples, size_t step, pixels_sample sample, float *to,
                         size_t width) {
    if (sample == PIXELS_U8) {
        for (size_t x = 0; x < width; x++)
            to[x] = (float)samples[x * step] / UINT8_MAX;
    } else {
        const double most = sample_most(sample);
        for (size_t x = 0; x < width; x++)
            to[x] = (float)(get_sample(samples, x * step, sample) / most);
    }
}

/* Likewise of pixels that `alphas` makes transparent, as seen over white. */
static void store_over_white(const unsigned char *samples, const unsigned char *alphas, size_t step,
                             pixels_sample sample, float *to, size_t width) {
    const double most = sample_most(sample);
    for (size_t x = 0; x < width; x++) {
        const double value = get_sample(samples, x * step, sample);
        const double alpha = get_sample(alphas, x * step, sample);
        /* at most 2^32, so whole numbers are exact up to the division */
        to[x] = (float)((value * alpha + most * (most - alpha)) / (most * most));
    }
}

void pixels_store_row(image *self, int y, pixels_format format, const void *row) {
    const size_t width = (size_t)self->width, plane = width * (size_t)self->height;
    const size_t at = (size_t)y * width, step = (size_t)format.channels;
    const size_t size = sample_size(format.sample), next = format_colors(format) == 1 ? 0 : size;
    const unsigned char *first = row, *alphas = first + (step - 1) * size;
    const bool has_alpha = format_has_alpha(format) && self->alpha;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        float *to = self->planes + c * plane + at;
        if (has_alpha)
            store_over_white(first + c * next, alphas, step, format.sample, to, width);
        else
            store_opaque(first + c * next, step, format.sample, to, width);
    }
    if (has_alpha)
        store_opaque(alphas, step, format.sample, self->alpha + at, width);
}

/* The colour of which `alpha` gives `seen` over white; white where nothing of it will be seen. */
static float color_under(float seen, float alpha, pixels_sample sample) {
    const bool unseen =
        sample == PIXELS_FLOAT ? !(alpha > 0) : !round_sample(clip(alpha), sample_most(sample));
    return unseen ? 1.0f : (float)(((double)seen - 1 + (double)alpha) / (double)alpha);
}

/* The least that the ink on white paper can leave of its white. */
static float over_white(float seen, float alpha) {
    return seen > 1.0f - alpha ? seen : 1.0f - alpha;
}

void pixels_pack_row(const image *self, int y, pixels_format format, void *row) {
    const size_t width = (size_t)self->width, plane = width * (size_t)self->height;
    const size_t at = (size_t)y * width, colors = (size_t)format_colors(format);
    const bool has_alpha = format_has_alpha(format);
    for (size_t x = 0; x < width; x++) {
        const float alpha = self->alpha ? clip(self->alpha[at + x]) : 1.0f;
        float value[IMAGE_CHANNELS];
        for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
            const float seen = self->planes[c * plane + at + x];
            value[c] = clip(!self->alpha ? seen
                            : has_alpha  ? color_under(seen, alpha, format.sample)
                                         : over_white(seen, alpha));
        }
        const size_t first = x * (size_t)format.channels;
        if (colors == 1)
            value[0] = clip(color_luma_of(value[0], value[1], value[2]));
        for (size_t c = 0; c < colors; c++)
            put_sample(row, first + c, value[c], format.sample);
        if (has_alpha)
            put_sample(row, first + colors, alpha, format.sample);
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
    if (format.channels < 1 || format.channels > MOST_CHANNELS)
        return error_set(err, ERROR_USAGE, "a pixel has 1 to %d channels, not %d", MOST_CHANNELS,
                         format.channels);
    if (format.sample != PIXELS_U8 && format.sample != PIXELS_U16 && format.sample != PIXELS_FLOAT)
        return error_set(err, ERROR_USAGE, "unknown kind of samples: %d", (int)format.sample);
    const size_t row = pixels_row_size(format, width);
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
    image *self = image_new(width, height, err);
    if (!self || (format_has_alpha(format) && !image_add_alpha(self, err))) {
        image_free(self);
        return NULL;
    }
    for (int y = 0; y < height; y++)
        pixels_store_row(self, y, format, (const unsigned char *)pixels + (size_t)y * stride);
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
