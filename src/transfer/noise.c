/* SPDX-License-Identifier: MIT */
#include "transfer/noise.h"

#include <math.h>
#include <string.h>

/* Of noise without a style: the mean and the standard deviation of light. */
#define GREY 0.5
#define GREY_DEVIATION 0.15

/* splitmix64 (Steele et al. 2014). */
float noise_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (float)((z ^ (z >> 31)) >> 40) * 0x1p-24f;
}

/* Colours about mid-grey, for what has no style. */
static color_moments grey_colors(void) {
    color_moments self = {0};
    for (int a = 0; a < IMAGE_CHANNELS; a++) {
        self.mean[a] = GREY;
        for (int b = 0; b < IMAGE_CHANNELS; b++)
            self.products[a][b] = GREY * GREY + GREY_DEVIATION * GREY_DEVIATION;
    }
    return self;
}

/* The lower triangle L with L L^T the covariance (Cholesky); rows without variance are zero. */
static void find_factor(const color_moments *colors, double l[IMAGE_CHANNELS][IMAGE_CHANNELS]) {
    double covariance[IMAGE_CHANNELS][IMAGE_CHANNELS];
    color_moments_covariance(colors, covariance);
    for (int a = 0; a < IMAGE_CHANNELS; a++) {
        for (int b = 0; b <= a; b++) {
            double rest = covariance[a][b];
            for (int k = 0; k < b; k++)
                rest -= l[a][k] * l[b][k];
            if (a == b)
                l[a][a] = rest > 1e-12 ? sqrt(rest) : 0;
            else
                l[a][b] = l[b][b] > 0 ? rest / l[b][b] : 0;
        }
    }
}

/* ---- blots ---- */

#define LEAST_BLOTS 3 /* along the longest side */

/* A grid of values laid over the picture, joined smoothly and repeated. */
typedef struct grid {
    uint64_t seed;
    int columns, rows;
} grid;

/* In [-1/2, 1/2). */
static double value_at(const grid *self, int x, int y) {
    uint64_t state =
        self->seed + ((uint64_t)(y % self->rows) << 32 | (uint64_t)(x % self->columns));
    noise_next(&state); /* neighbours have neighbouring states */
    return (double)noise_next(&state) - 0.5;
}

/* Where a pixel lies between the values of a line: its cell, and a smooth share of the next. */
static int place(int i, int pixels, int cells, double *share) {
    const double at = (double)i * cells / pixels, rest = at - floor(at);
    *share = rest * rest * (3 - 2 * rest);
    return (int)at;
}

static void add_grid(const grid *self, float *plane, int width, int height) {
    for (int y = 0; y < height; y++) {
        double down, across;
        const int row = place(y, height, self->rows, &down);
        for (int x = 0; x < width; x++) {
            const int column = place(x, width, self->columns, &across);
            const double above = (1 - across) * value_at(self, column, row) +
                                 across * value_at(self, column + 1, row);
            const double below = (1 - across) * value_at(self, column, row + 1) +
                                 across * value_at(self, column + 1, row + 1);
            plane[(size_t)y * (size_t)width + (size_t)x] +=
                (float)((1 - down) * above + down * below);
        }
    }
}

/* Brings a plane to mean 0 and variance 1. */
static void normalise(float *plane, size_t pixels) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < pixels; i++) {
        sum += (double)plane[i];
        squares += (double)plane[i] * (double)plane[i];
    }
    const double mean = sum / (double)pixels, variance = squares / (double)pixels - mean * mean;
    const double factor = variance > 0 ? 1 / sqrt(variance) : 0;
    for (size_t i = 0; i < pixels; i++)
        plane[i] = (float)(factor * ((double)plane[i] - mean));
}

void noise_fill(float *planes, int width, int height, const color_moments *colors, uint64_t seed) {
    const size_t pixels = (size_t)width * (size_t)height;
    const int longest = width > height ? width : height;
    double l[IMAGE_CHANNELS][IMAGE_CHANNELS];
    memset(planes, 0, IMAGE_CHANNELS * pixels * sizeof *planes);
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        float *plane = planes + c * pixels;
        for (int step = 2; step * LEAST_BLOTS <= longest; step *= 2) {
            const grid blots = {.seed = (uint64_t)(0x1p63f * noise_next(&seed)),
                                .columns = (width + step - 1) / step,
                                .rows = (height + step - 1) / step};
            add_grid(&blots, plane, width, height);
        }
        normalise(plane, pixels);
    }
    find_factor(colors, l);
    for (size_t i = 0; i < pixels; i++) {
        for (size_t a = IMAGE_CHANNELS; a-- > 0;) { /* what it reads is still as it was */
            double value = colors->mean[a];
            for (size_t b = 0; b <= a; b++)
                value += l[a][b] * (double)planes[b * pixels + i];
            planes[a * pixels + i] = (float)fmin(fmax(value, 0), 1);
        }
    }
}

/* Each value by itself. */
static void fill_grey(float *planes, size_t count, uint64_t seed) {
    for (size_t i = 0; i < count; i++)
        planes[i] = (float)GREY + (noise_next(&seed) - 0.5f) / 255;
}

void noise_start(const stage_settings *settings, const stage_inputs *inputs, float *planes) {
    const stage_settings *s = settings;
    const bool styled = s->factors[s->style_kind] > 0;
    const size_t pixels = (size_t)s->frame.width * (size_t)s->frame.height;
    if (s->from_grey) {
        fill_grey(planes, IMAGE_CHANNELS * pixels, s->seed);
        return;
    }
    color_moments colors = {0};
    if (!styled)
        colors = grey_colors();
    for (int i = 0; styled && i < s->style_count; i++) /* as the network sees them */
        color_moments_add_seen(&colors, inputs->styles[i], s->styles[i].share);
    noise_fill(planes, s->frame.width, s->frame.height, &colors, s->seed);
}
