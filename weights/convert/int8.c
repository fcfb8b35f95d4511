/* SPDX-License-Identifier: MIT */
#include "convert/int8.h"

#include <math.h>

#include "weights/weights_file.h"

enum { MOST = 127, REACHES = 11, STEPS = 2 * (REACHES - 1) /* from 0 to the largest weight */ };
enum { SIDE = 3 };

static signed char nearest(double value, float scale) {
    const double units = round(value / (double)scale);
    return (signed char)fmax(-MOST, fmin(MOST, units));
}

static double squared_error(const float *values, size_t count, float scale) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double off = nearest((double)values[i], scale) * (double)scale - (double)values[i];
        sum += off * off;
    }
    return sum;
}

/* The scale of weights [count]. */
static float best_scale(const float *values, size_t count) {
    float largest = 0, best = 1; /* of weights that are all 0 or next to it */
    double least = INFINITY;
    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(values[i]));
    for (int i = 0; i < REACHES; i++) {
        const float scale = (float)((double)largest * (STEPS - i) / (STEPS * MOST));
        if (scale < WEIGHTS_SCALE_LEAST)
            continue;
        const double off = squared_error(values, count, scale);
        if (off < least) {
            least = off;
            best = scale;
        }
    }
    return best;
}

static void round_filter(const float *filter, float scale, signed char *integers) {
    const double r = INT8_CORRELATION;
    double wanted[SIDE + 1][SIDE + 1] = {{0}}; /* what goes over the edge is lost */
    for (int i = 0; i < INT8_TAPS; i++)
        wanted[i / SIDE][i % SIDE] = (double)filter[i];
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            const signed char integer = nearest(wanted[y][x], scale);
            const double off = wanted[y][x] - integer * (double)scale;
            wanted[y][x + 1] += r * off;
            wanted[y + 1][x] += r * off;
            wanted[y + 1][x + 1] -= r * r * off;
            *integers++ = integer;
        }
    }
}

float int8_round(const float *filters, size_t count, signed char *integers) {
    const float scale = best_scale(filters, count * INT8_TAPS);
    for (size_t i = 0; i < count; i++)
        round_filter(filters + i * INT8_TAPS, scale, integers + i * INT8_TAPS);
    return scale;
}
