/* SPDX-License-Identifier: MIT */
#include "transfer/start.h"

#include <assert.h>
#include <math.h>

#include "transfer/noise.h"
#include "transfer/regions.h"

/* How far noise lies from mid-grey. */
#define NOISE_AMPLITUDE 0.15f

#define LEAST_GAIN 0.5 /* of the contrast of a plane; at most 1: its noise would grow, too */

/* Measured: docs/pictures.md. More of it is less work, and grain of the photograph. */
#define DETAIL_SHARE 0.25f

static inline float clipped(float value) {
    return value > 0 ? (value < 1 ? value : 1) : 0;
}

void start_mix_noise(float *planes, size_t pixels, double share, uint64_t seed) {
    const float noise = (float)share;
    for (size_t i = 0; i < IMAGE_CHANNELS * pixels; i++)
        planes[i] = (1 - noise) * planes[i] +
                    noise * (0.5f + 2 * NOISE_AMPLITUDE * (noise_next(&seed) - 0.5f));
}

typedef struct tone {
    double mean, deviation;
} tone;

/* Of a plane, or of where it has weight. */
static tone tone_of(const float *plane, const float *weights, size_t pixels) {
    double area = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
        const double weight = weights ? (double)weights[i] : 1, value = (double)plane[i];
        area += weight;
        sum += weight * value;
        squares += weight * value * value;
    }
    if (area <= 0)
        return (tone){0};
    const double mean = sum / area, variance = squares / area - mean * mean;
    return (tone){mean, variance > 0 ? sqrt(variance) : 0};
}

/* Whether there is anything of a region. */
static bool has_weight(const float *weights, size_t pixels) {
    double sum = 0;
    for (size_t i = 0; i < pixels; i++)
        sum += (double)weights[i];
    return sum > 0;
}

void start_add_tones(start_tones *self, const image *picture, const float *weights, double share) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    if (weights && !has_weight(weights, pixels))
        weights = NULL;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        const tone found = tone_of(picture->planes + c * pixels, weights, pixels);
        self->mean[c] += share * found.mean;
        self->deviation[c] += share * found.deviation;
    }
}

/* value * factor + base */
typedef struct change {
    float factor, base;
} change;

static change change_between(tone from, double mean, double deviation, double share) {
    const double ratio = from.deviation > 0 ? deviation / from.deviation : 1;
    const double gain = fmin(fmax(ratio, LEAST_GAIN), 1);
    return (change){(float)(1 + share * (gain - 1)), (float)(share * (mean - gain * from.mean))};
}

/* Regions do not overlap, so that their changes add up. */
static void recolor_where(float *plane, const float *where, const change *changes, int count,
                          size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        const float before = plane[i];
        float value = before;
        for (int r = 0; r < count; r++)
            value += where[(size_t)r * pixels + i] *
                     (changes[r].base + changes[r].factor * before - before);
        plane[i] = clipped(value);
    }
}

void start_recolor(float *planes, size_t pixels, const start_tones *to, const float *where,
                   int count, double share) {
    assert(count <= REGIONS_MOST);
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        float *plane = planes + c * pixels;
        change changes[REGIONS_MOST];
        for (int r = 0; r < count; r++)
            changes[r] =
                change_between(tone_of(plane, where ? where + (size_t)r * pixels : NULL, pixels),
                               to[r].mean[c], to[r].deviation[c], share);
        if (where) {
            recolor_where(plane, where, changes, count, pixels);
            continue;
        }
        for (size_t i = 0; i < pixels; i++)
            /* analysed: there is at least one */
            plane[i] = clipped(changes->base + changes->factor * plane[i]);
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
