/* SPDX-License-Identifier: MIT
 *
 * Quotients are taken in floats where divisor and dividend are whole numbers that floats hold
 * exactly, which are then the nearest ones; a quotient in double that is rounded again is the same
 * (a double has more than twice the digits).
 */
#include "image/pixels_format.h"

#include <string.h>

#include "core/memory.h"

#define MOST_PRODUCT ((unsigned)UINT8_MAX * UINT8_MAX)

size_t pixels_format_sample_size(pixels_format self) {
    return self.sample == PIXELS_FLOAT ? sizeof(float) : self.sample == PIXELS_U8 ? 1 : 2;
}

size_t pixels_format_pixel_size(pixels_format self) {
    return (size_t)self.channels * pixels_format_sample_size(self);
}

size_t pixels_format_row_size(pixels_format self, int width) {
    size_t size = 0;
    return memory_multiply((size_t)width, pixels_format_pixel_size(self), &size) ? size : 0;
}

unsigned pixels_format_most(pixels_format self) {
    static const unsigned most[] = {[PIXELS_U8] = UINT8_MAX,
                                    [PIXELS_U16] = UINT16_MAX,
                                    [PIXELS_FLOAT] = 1,
                                    [PIXELS_PRODUCT] = MOST_PRODUCT};
    return most[self.sample];
}

static float clip(float value) {
    return value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
}

static unsigned get_word(const uint8_t *samples, size_t i) {
    uint16_t word;
    memcpy(&word, samples + i * sizeof word, sizeof word);
    return word;
}

static float get_float(const uint8_t *samples, size_t i) {
    float value;
    memcpy(&value, samples + i * sizeof value, sizeof value);
    return clip(value);
}

/* ---- every `step`th sample ---- */

/* The steps that there are, each by itself, are faster. */
static inline void bytes_at_steps(const uint8_t *samples, size_t step, size_t count, float *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = (float)samples[i * step] / UINT8_MAX;
}

static void unpack_bytes(const uint8_t *samples, size_t step, size_t count, float *to) {
    switch (step) {
    case 1:
        bytes_at_steps(samples, 1, count, to);
        break;
    case 3:
        bytes_at_steps(samples, 3, count, to);
        break;
    case 4:
        bytes_at_steps(samples, 4, count, to);
        break;
    default:
        bytes_at_steps(samples, step, count, to);
    }
}

/* A product that is none, because somebody lies, is 1 at most. */
static void unpack_words(const uint8_t *samples, size_t step, unsigned most, size_t count,
                         float *to) {
    for (size_t i = 0; i < count; i++) {
        const unsigned word = get_word(samples, i * step);
        to[i] = (float)(word < most ? word : most) / (float)most;
    }
}

static void unpack_floats(const uint8_t *samples, size_t step, size_t count, float *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = get_float(samples, i * step);
}

static void unpack_opaque(pixels_format self, const uint8_t *samples, size_t count, float *to) {
    const size_t step = (size_t)self.channels;
    if (self.sample == PIXELS_U8)
        unpack_bytes(samples, step, count, to);
    else if (self.sample == PIXELS_FLOAT)
        unpack_floats(samples, step, count, to);
    else
        unpack_words(samples, step, pixels_format_most(self), count, to);
}

/* ---- over white ---- */

static void unpack_bytes_over_white(const uint8_t *samples, const uint8_t *alphas, size_t step,
                                    size_t count, float *to) {
    const int most = UINT8_MAX;
    for (size_t i = 0; i < count; i++) {
        const int value = samples[i * step], alpha = alphas[i * step];
        to[i] = (float)(value * alpha + most * (most - alpha)) / (float)(most * most);
    }
}

/* At most 2^32, so whole numbers are exact up to the division. */
static float over_white(double value, double alpha, double most) {
    return (float)((value * alpha + most * (most - alpha)) / (most * most));
}

static void unpack_over_white(pixels_format self, const uint8_t *samples, const uint8_t *alphas,
                              size_t count, float *to) {
    const size_t step = (size_t)self.channels;
    if (self.sample == PIXELS_U8) {
        unpack_bytes_over_white(samples, alphas, step, count, to);
        return;
    }
    const bool real = self.sample == PIXELS_FLOAT;
    const double most = pixels_format_most(self);
    for (size_t i = 0; i < count; i++) {
        const size_t at = i * step;
        to[i] = real ? over_white((double)get_float(samples, at), (double)get_float(alphas, at), 1)
                     : over_white(get_word(samples, at), get_word(alphas, at), most);
    }
}

/* ---- all ---- */

void pixels_format_unpack(pixels_format self, const void *pixels, int channel, size_t count,
                          float *to) {
    const size_t size = pixels_format_sample_size(self);
    const uint8_t *first = pixels, *alphas = first + (size_t)(self.channels - 1) * size;
    if (channel == PIXELS_ALPHA && !pixels_format_has_alpha(self)) {
        for (size_t i = 0; i < count; i++)
            to[i] = 1;
        return;
    }
    const uint8_t *samples = channel == PIXELS_ALPHA       ? alphas
                             : pixels_format_is_grey(self) ? first
                                                           : first + (size_t)channel * size;
    if (channel == PIXELS_ALPHA || !pixels_format_has_alpha(self))
        unpack_opaque(self, samples, count, to);
    else
        unpack_over_white(self, samples, alphas, count, to);
}

bool pixels_format_is_opaque(pixels_format self, const void *pixels, size_t count) {
    const size_t step = (size_t)self.channels, most = pixels_format_most(self);
    const uint8_t *samples = pixels;
    samples += (step - 1) * pixels_format_sample_size(self);
    for (size_t i = 0; i < count; i++) {
        const size_t at = i * step;
        if (self.sample == PIXELS_FLOAT ? get_float(samples, at) < 1
            : self.sample == PIXELS_U8  ? samples[at] < most
                                        : get_word(samples, at) < most)
            return false;
    }
    return true;
}
