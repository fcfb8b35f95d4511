/* SPDX-License-Identifier: MIT */
#include "kernel_buffers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUARD 64 /* values before and after every buffer */
#define GUARD_VALUE 12345

static unsigned seed = 1;

static unsigned next_bits(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed;
}

float random_value(void) {
    const unsigned bits = next_bits();
    return bits >> 29 ? (float)(bits >> 8 & 0xffff) / 32768.0f - 1 : 0;
}

static void *new_block(size_t count, size_t size) {
    void *block = aligned_alloc(64, ((count + 2 * GUARD) * size + 63) / 64 * 64);
    assert_non_null(block);
    return block;
}

static float *new_buffer(size_t count) {
    float *buffer = (float *)new_block(count, sizeof *buffer) + GUARD;
    for (ptrdiff_t i = 0; i < GUARD; i++)
        buffer[-1 - i] = buffer[(ptrdiff_t)count + i] = GUARD_VALUE;
    return buffer;
}

float *buffer_new(size_t count) {
    float *buffer = new_buffer(count);
    for (size_t i = 0; i < count; i++)
        buffer[i] = random_value();
    return buffer;
}

float *buffer_copy(const float *from, size_t count) {
    float *copy = new_buffer(count);
    memcpy(copy, from, count * sizeof *copy);
    return copy;
}

float *buffer_spoiled(size_t count) {
    float *buffer = new_buffer(count);
    for (size_t i = 0; i < count; i++)
        buffer[i] = NAN;
    return buffer;
}

void buffer_free(float *buffer, size_t count) {
    for (ptrdiff_t i = 0; i < GUARD; i++) {
        assert_true(buffer[-1 - i] == GUARD_VALUE);
        assert_true(buffer[(ptrdiff_t)count + i] == GUARD_VALUE);
    }
    free(buffer - GUARD);
}

uint16_t *words_new(size_t count) {
    uint16_t *words = (uint16_t *)new_block(count, sizeof *words) + GUARD;
    for (ptrdiff_t i = -GUARD; i < (ptrdiff_t)count + GUARD; i++)
        words[i] = i < 0 || i >= (ptrdiff_t)count ? GUARD_VALUE : (uint16_t)(next_bits() >> 12);
    return words;
}

uint16_t *words_copy(const uint16_t *from, size_t count) {
    uint16_t *copy = words_new(count);
    memcpy(copy, from, count * sizeof *copy);
    return copy;
}

void words_free(uint16_t *words, size_t count) {
    for (ptrdiff_t i = 0; i < GUARD; i++) {
        assert_true(words[-1 - i] == GUARD_VALUE);
        assert_true(words[(ptrdiff_t)count + i] == GUARD_VALUE);
    }
    free(words - GUARD);
}

void expect_near(const char *what, const kernel_set *k, double value, double expected,
                 double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s %s: %.9g instead of %.9g", k->name, what, value, expected);
}

void for_each_set(kernel_check *check) {
    int sets = 0;
    for (int i = 0; kernels_at(i); i++) {
        if (kernels_supported(kernels_at(i))) {
            check(kernels_at(i));
            sets++;
        }
    }
    assert_true(sets >= 1);
}
