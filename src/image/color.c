/* SPDX-License-Identifier: MIT */
#include "image/color.h"

#include <math.h>

#define RED 0.2126f
#define BLUE 0.0722f
#define MOST_GAIN 2.0 /* of color_adapt */

static size_t area(const image *self) {
    return (size_t)self->width * (size_t)self->height;
}

/* With the weight of green written as what the others leave, a grey's luma is exact. */
float color_luma_of(float red, float green, float blue) {
    return green + RED * (red - green) + BLUE * (blue - green);
}

void color_luma(const image *self, float *luma) {
    const size_t pixels = area(self);
    const float *red = self->planes, *green = red + pixels, *blue = green + pixels;
    for (size_t i = 0; i < pixels; i++)
        luma[i] = color_luma_of(red[i], green[i], blue[i]);
}

color_tone color_tone_of(const image *self) {
    const size_t pixels = area(self);
    const float *red = self->planes, *green = red + pixels, *blue = green + pixels;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
        const double luma = (double)color_luma_of(red[i], green[i], blue[i]);
        sum += luma;
        squares += luma * luma;
    }
    const double mean = sum / (double)pixels, variance = squares / (double)pixels - mean * mean;
    return (color_tone){mean, variance > 0 ? sqrt(variance) : 0};
}

static inline float clipped(float value) {
    return value > 0 ? (value < 1 ? value : 1) : 0;
}

/* Flat pictures have next to no deviation, and noise is not to become a style. */
static double gain_between(color_tone from, color_tone to) {
    const double ratio = from.deviation > 0 ? to.deviation / from.deviation : 1;
    return sqrt(fmin(fmax(ratio, 1 / (MOST_GAIN * MOST_GAIN)), MOST_GAIN * MOST_GAIN));
}

void color_adapt(float *luma, size_t count, color_tone from, color_tone to) {
    const float gain = (float)gain_between(from, to);
    const float start = (float)to.mean - gain * (float)from.mean;
    for (size_t i = 0; i < count; i++)
        luma[i] = clipped(start + gain * luma[i]);
}

/* The share of a difference from the luma that fits. */
static inline float share_of(float difference, float luma) {
    const float room = difference > 0 ? 1 - luma : luma, wanted = fabsf(difference);
    return wanted > room ? room / wanted : 1;
}

static inline float smaller(float a, float b) {
    return a < b ? a : b;
}

void color_paint(const image *colors, const float *luma, float *planes) {
    const size_t pixels = area(colors);
    const float *from = colors->planes;
    for (size_t i = 0; i < pixels; i++) {
        const float light = luma[i];
        const float old = color_luma_of(from[i], from[pixels + i], from[2 * pixels + i]);
        const float red = from[i] - old, green = from[pixels + i] - old,
                    blue = from[2 * pixels + i] - old;
        const float share =
            smaller(share_of(red, light), smaller(share_of(green, light), share_of(blue, light)));
        planes[i] = clipped(light + share * red);
        planes[pixels + i] = clipped(light + share * green);
        planes[2 * pixels + i] = clipped(light + share * blue);
    }
}
