/* SPDX-License-Identifier: MIT */
#include "transfer/start.h"

#include <math.h>

/* How much of a start with noise is noise, and how far that lies from mid-grey. */
#define NOISE_SHARE 0.6f
#define NOISE_AMPLITUDE 0.15f

#define LEAST_GAIN 0.5 /* of the contrast of a plane; at most 1: its noise would grow, too */

/* Measured: docs/pictures.md. More of it is less work, and grain of the photograph. */
#define DETAIL_SHARE 0.25f

static inline float clipped(float value) {
    return value > 0 ? (value < 1 ? value : 1) : 0;
}

/* A stream of numbers spread evenly over [0,1): splitmix64 (Steele et al. 2014). */
static float next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (float)((z ^ (z >> 31)) >> 40) * 0x1p-24f;
}

void start_mix_noise(float *planes, size_t pixels, uint64_t seed) {
    for (size_t i = 0; i < IMAGE_CHANNELS * pixels; i++)
        planes[i] = (1 - NOISE_SHARE) * planes[i] +
                    NOISE_SHARE * (0.5f + 2 * NOISE_AMPLITUDE * (next_random(&seed) - 0.5f));
}

typedef struct tone {
    double mean, deviation;
} tone;

static tone tone_of(const float *plane, size_t pixels) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
        sum += (double)plane[i];
        squares += (double)plane[i] * (double)plane[i];
    }
    const double mean = sum / (double)pixels, variance = squares / (double)pixels - mean * mean;
    return (tone){mean, variance > 0 ? sqrt(variance) : 0};
}

void start_recolor(float *planes, size_t pixels, const image *style) {
    const size_t style_pixels = (size_t)style->width * (size_t)style->height;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        float *plane = planes + c * pixels;
        const tone from = tone_of(plane, pixels),
                   to = tone_of(style->planes + c * style_pixels, style_pixels);
        const double ratio = from.deviation > 0 ? to.deviation / from.deviation : 1;
        const double gain = fmin(fmax(ratio, LEAST_GAIN), 1);
        const float factor = (float)gain, base = (float)(to.mean - gain * from.mean);
        for (size_t i = 0; i < pixels; i++)
            plane[i] = clipped(base + factor * plane[i]);
    }
}

void start_add_detail(float *planes, const float *content, const float *coarse, size_t pixels) {
    const float share = DETAIL_SHARE / IMAGE_CHANNELS;
    for (size_t i = 0; i < pixels; i++) {
        float light = 0;
        for (size_t at = i; at < IMAGE_CHANNELS * pixels; at += pixels)
            light += share * (content[at] - coarse[at]);
        for (size_t at = i; at < IMAGE_CHANNELS * pixels; at += pixels)
            planes[at] = clipped(planes[at] + light);
    }
}
