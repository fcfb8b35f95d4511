/* SPDX-License-Identifier: MIT */
#include "optimize/vector.h"

#include <stdint.h>
#include <string.h>

#define CHUNKS 256
#define LANES 16 /* independent sums, so that the compiler can vectorise without reordering */

/* Bounds of chunk i: multiples of LANES but for the last end. */
typedef struct range {
    size_t from, to;
} range;

static range chunk_range(size_t count, int chunk) {
    const size_t length = (count / CHUNKS / LANES + 1) * LANES;
    const size_t from = (size_t)chunk * length;
    if (from >= count)
        return (range){count, count};
    return (range){from, count - from < length ? count : from + length};
}

static double sum_chunks(const double sums[CHUNKS]) {
    double total = 0;
    for (int i = 0; i < CHUNKS; i++)
        total += sums[i];
    return total;
}

static double dot_range(const float *a, const float *b, range r) {
    double lanes[LANES] = {0}, sum = 0;
    size_t i = r.from;
    for (; i + LANES <= r.to; i += LANES) {
        for (int j = 0; j < LANES; j++)
            lanes[j] += (double)a[i + (size_t)j] * (double)b[i + (size_t)j];
    }
    for (; i < r.to; i++)
        sum += (double)a[i] * (double)b[i];
    for (int j = 0; j < LANES; j++)
        sum += lanes[j];
    return sum;
}

double vector_dot(const float *a, const float *b, size_t count) {
    double sums[CHUNKS];
#pragma omp parallel for schedule(static)
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        sums[chunk] = dot_range(a, b, chunk_range(count, chunk));
    return sum_chunks(sums);
}

/* Looks at the exponents, which the compiler can do for many values at once. */
static bool range_finite(const float *a, range r) {
    const uint32_t exponent = 0x7f800000;
    uint32_t found = 0;
    for (size_t i = r.from; i < r.to; i++) {
        uint32_t bits;
        memcpy(&bits, a + i, sizeof bits);
        found |= (bits & exponent) == exponent;
    }
    return !found;
}

bool vector_finite(const float *a, size_t count) {
    bool finite = true;
#pragma omp parallel for schedule(static) reduction(&& : finite)
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        finite = finite && range_finite(a, chunk_range(count, chunk));
    return finite;
}

void vector_scale(float *x, double scale, size_t count) {
    const float factor = (float)scale;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        x[i] *= factor;
}

void vector_step(const float *x, double step, const float *direction, float *out, size_t count) {
    const float factor = (float)step;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) {
        const float v = x[i] + factor * direction[i];
        out[i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
}

/* Whether going against the gradient moves x at all. */
static inline int is_free(float x, float gradient) {
    return !((x <= 0 && gradient > 0) | (x >= 1 && gradient < 0));
}

void vector_free_gradient(const float *x, const float *gradient, float *out, size_t count) {
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        out[i] = is_free(x[i], gradient[i]) ? gradient[i] : 0;
}
