/* SPDX-License-Identifier: MIT */
#include "kernel_buffers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bf16_bounds.h"

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

/* ---- values ---- */

float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

float value_kept(size_t bytes, double value) {
    return (float)(bytes == sizeof(uint16_t) ? bf16_round(value) : value);
}

value_buffer values_new(size_t bytes, size_t count) {
    const bool halves = bytes == sizeof(uint16_t);
    value_buffer self = {.bytes = bytes, .count = count, .floats = buffer_new(count)};
    self.data = halves ? (void *)words_new(count) : (void *)buffer_new(count);
    values_write(&self);
    return self;
}

void values_write(value_buffer *self) {
    for (size_t i = 0; i < self->count; i++) {
        self->floats[i] = value_kept(self->bytes, (double)self->floats[i]);
        if (self->bytes == sizeof(uint16_t))
            ((uint16_t *)self->data)[i] = (uint16_t)(bits_of_float(self->floats[i]) >> 16);
    }
    if (self->bytes == sizeof(float))
        memcpy(self->data, self->floats, self->count * sizeof *self->floats);
}

void values_read(value_buffer *self) {
    for (size_t i = 0; self->bytes == sizeof(uint16_t) && i < self->count; i++)
        self->floats[i] = float_of_bits((uint32_t)((uint16_t *)self->data)[i] << 16);
    if (self->bytes == sizeof(float))
        memcpy(self->floats, self->data, self->count * sizeof *self->floats);
}

void values_free(value_buffer *self) {
    if (self->bytes == sizeof(uint16_t))
        words_free(self->data, self->count);
    else
        buffer_free(self->data, self->count);
    buffer_free(self->floats, self->count);
    *self = (value_buffer){0};
}

/* ---- the sets ---- */

static const char *precision_name(const kernel_set *k) {
    return k->precision == PRECISION_BF16 ? "bf16" : "fp32";
}

void expect_near(const char *what, const kernel_set *k, double value, double expected,
                 double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s %s %s: %.9g instead of %.9g", k->name, precision_name(k), what, value,
                 expected);
}

void expect_kept(const char *what, const kernel_set *k, size_t bytes, double value, double expected,
                 double tolerance) {
    const bound computed = {.most = tolerance};
    expect_near(what, k, value, expected,
                bytes == sizeof(uint16_t) ? bound_stored(computed, expected).most : tolerance);
}

void for_each_set(kernel_check *check) {
    for (int i = 0; i < 2; i++) {
        const precision which = i ? PRECISION_BF16 : PRECISION_FP32;
        int sets = 0;
        for (int n = 0; kernels_of(which, n); n++) {
            if (kernels_supported(kernels_of(which, n))) {
                check(kernels_of(which, n));
                sets++;
            }
        }
        assert_true(sets >= 1);
    }
}

void for_best_sets(kernel_check *check) {
    check(kernels_best());
    check(kernels_best_of(PRECISION_BF16));
}
