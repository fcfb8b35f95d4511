/* SPDX-License-Identifier: MIT */
#include "optimize/vector.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define LANES 16 /* independent sums, so that the compiler can vectorise without reordering */

/* Values of a chunk, a multiple of LANES; the last one may be shorter, and there may be fewer. */
static size_t chunk_length(size_t count) {
    return (count / VECTOR_CHUNKS / LANES + 1) * LANES;
}

/* Chunks that begin before value i. */
static size_t chunks_before(size_t i, size_t count) {
    return (i + chunk_length(count) - 1) / chunk_length(count);
}

static vector_range chunk_range(size_t count, size_t chunk) {
    const size_t length = chunk_length(count), from = chunk * length;
    return (vector_range){from, count - from < length ? count : from + length};
}

static double dot_chunk(const float *a, const float *b, vector_range r) {
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

void vector_dot_range(const float *a, const float *b, size_t count, vector_range range,
                      double places[VECTOR_CHUNKS]) {
    const size_t first = chunks_before(range.from, count), end = chunks_before(range.to, count);
    assert(range.from <= range.to && range.to <= count);
#pragma omp parallel for schedule(static)
    for (size_t chunk = first; chunk < end; chunk++)
        places[chunk] = dot_chunk(a, b, chunk_range(count, chunk));
}

double vector_total(const double places[VECTOR_CHUNKS], size_t count) {
    const size_t chunks = chunks_before(count, count);
    double total = 0;
    for (size_t i = 0; i < chunks; i++)
        total += places[i];
    return total;
}

double vector_dot(const float *a, const float *b, size_t count) {
    double places[VECTOR_CHUNKS];
    vector_dot_range(a, b, count, (vector_range){0, count}, places);
    return vector_total(places, count);
}

/* Looks at the exponents, which the compiler can do for many values at once. */
static bool range_finite(const float *a, vector_range r) {
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
    const size_t chunks = chunks_before(count, count);
    bool finite = true;
#pragma omp parallel for schedule(static) reduction(&& : finite)
    for (size_t chunk = 0; chunk < chunks; chunk++)
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
