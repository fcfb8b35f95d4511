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

void color_luma_row(const image *self, int x, int y, int count, float *luma) {
    float rgb[IMAGE_CHANNELS][IMAGE_PIECE];
    for (int done = 0; done < count; done += IMAGE_PIECE) {
        const int some = count - done < IMAGE_PIECE ? count - done : IMAGE_PIECE;
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            image_unpack(self, c, x + done, y, some, rgb[c]);
        for (int i = 0; i < some; i++)
            luma[done + i] = color_luma_of(rgb[0][i], rgb[1][i], rgb[2][i]);
    }
}

void color_luma(const image *self, float *luma) {
    for (int y = 0; y < self->height; y++)
        color_luma_row(self, 0, y, self->width, luma + (size_t)y * (size_t)self->width);
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
double color_gain(color_tone from, color_tone to) {
    const double ratio = from.deviation > 0 ? to.deviation / from.deviation : 1;
    return sqrt(fmin(fmax(ratio, 1 / (MOST_GAIN * MOST_GAIN)), MOST_GAIN * MOST_GAIN));
}

void color_adapt(float *luma, size_t count, color_tone from, color_tone to) {
    const float gain = (float)color_gain(from, to);
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

/* The colour of a luma and of differences from it, which become smaller where they do not fit. */
static inline void compose(float light, const float difference[IMAGE_CHANNELS], float out[]) {
    const float share =
        smaller(share_of(difference[0], light),
                smaller(share_of(difference[1], light), share_of(difference[2], light)));
    for (int c = 0; c < IMAGE_CHANNELS; c++)
        out[c] = clipped(light + share * difference[c]);
}

void color_fit(float color[IMAGE_CHANNELS]) {
    const float luma = color_luma_of(color[0], color[1], color[2]);
    const float difference[] = {color[0] - luma, color[1] - luma, color[2] - luma};
    compose(clipped(luma), difference, color);
}

void color_paint(const image *colors, const float *luma, float *planes) {
    const size_t pixels = area(colors);
    const float *from = colors->planes;
    for (size_t i = 0; i < pixels; i++) {
        const float red = from[i], green = from[pixels + i], blue = from[2 * pixels + i];
        const float old = color_luma_of(red, green, blue);
        float color[IMAGE_CHANNELS];
        compose(luma[i], (const float[]){red - old, green - old, blue - old}, color);
        for (size_t c = 0; c < IMAGE_CHANNELS; c++)
            planes[c * pixels + i] = color[c];
    }
}

void color_tint(const image *colors, float share, float *planes) {
    const size_t pixels = area(colors);
    const float *from = colors->planes;
    for (size_t i = 0; i < pixels; i++) {
        const float luma = color_luma_of(from[i], from[pixels + i], from[2 * pixels + i]);
        float color[IMAGE_CHANNELS];
        for (size_t c = 0; c < IMAGE_CHANNELS; c++)
            color[c] = planes[c * pixels + i] + share * (from[c * pixels + i] - luma);
        color_fit(color);
        for (size_t c = 0; c < IMAGE_CHANNELS; c++)
            planes[c * pixels + i] = color[c];
    }
}
