/* SPDX-License-Identifier: MIT */
#include "judge/surface.h"

#include <assert.h>
#include <math.h>

enum { RING = 4, INNER = 8 }; /* rows of a ring; where the inner one begins */

#define FLAT 1e-6 /* a standard deviation that is rounding */

/* ---- grain ---- */

static double laplacian(const float *at, int width) {
    return (double)at[-1] + (double)at[1] + (double)at[-width] + (double)at[width] -
           4 * (double)*at;
}

speckle speckle_of(const image *self) {
    const int width = self->width, height = self->height;
    const size_t area = (size_t)width * (size_t)height;
    speckle sum = {0, 0};
    for (int y = 1; y < height - 1; y++) {
        const float *row = self->planes + (size_t)y * (size_t)width;
        for (int x = 1; x < width - 1; x++) {
            const double red = laplacian(row + x, width);
            const double green = laplacian(row + area + x, width);
            const double blue = laplacian(row + 2 * area + x, width);
            const double luma = .299 * red + .587 * green + .114 * blue;
            sum.luma += fabs(luma);
            sum.chroma += (fabs(blue - luma) + fabs(red - luma)) / 2;
        }
    }
    if (width < 3 || height < 3)
        return (speckle){NAN, NAN};
    const double count = (double)(width - 2) * (height - 2);
    return (speckle){sum.luma / count, sum.chroma / count};
}

/* ---- edges ---- */

/* Sum over a rectangle, of all three colours. */
static double rectangle_sum(const image *self, int x, int y, int width, int height) {
    double sum = 0;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int row = y; row < y + height; row++) {
            const float *values = self->planes + ((size_t)c * (size_t)self->height + (size_t)row) *
                                                     (size_t)self->width;
            for (int i = x; i < x + width; i++)
                sum += (double)values[i];
        }
    }
    return sum;
}

/* The mean over RING rows and as many columns, on all four sides, `from` pixels from the edge. */
static double ring_mean(const image *self, int from) {
    const int width = self->width, height = self->height;
    const double sum = rectangle_sum(self, 0, from, width, RING) +
                       rectangle_sum(self, 0, height - from - RING, width, RING) +
                       rectangle_sum(self, from, 0, RING, height) +
                       rectangle_sum(self, width - from - RING, 0, RING, height);
    return sum / (2.0 * RING * IMAGE_CHANNELS * (width + height));
}

double border_of(const image *self) {
    if (self->width < INNER + RING || self->height < INNER + RING)
        return NAN;
    return 255 * (ring_mean(self, 0) - ring_mean(self, INNER));
}

/* ---- likeness ---- */

double correlation_of(const image *a, const image *b) {
    const size_t count = IMAGE_CHANNELS * (size_t)a->width * (size_t)a->height;
    double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
    assert(a->width == b->width && a->height == b->height);
    for (size_t i = 0; i < count; i++) {
        mean_a += (double)a->planes[i] / (double)count;
        mean_b += (double)b->planes[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        const double x = (double)a->planes[i] - mean_a, y = (double)b->planes[i] - mean_b;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    const double least = FLAT * FLAT * (double)count;
    return aa < least || bb < least ? NAN : ab / sqrt(aa * bb);
}
