/* SPDX-License-Identifier: MIT */
#include "tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bf16_bounds.h"
#include "core/memory.h"
#include "kernel_buffers.h"

static unsigned seed = 7;

static unsigned next_bits(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed;
}

double *random_values(int count) {
    double *values = malloc(((size_t)count + 1) * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < count; i++)
        values[i] = (double)(float)((next_bits() >> 8) / 8388608.0 - 1);
    return values;
}

double *random_kept(size_t bytes, int count) {
    double *values = random_values(count);
    for (int i = 0; i < count; i++)
        values[i] = (double)value_kept(bytes, values[i]);
    return values;
}

float *to_floats(const double *values, int count) {
    float *floats = malloc(((size_t)count + 1) * sizeof *floats);
    assert_non_null(floats);
    for (int i = 0; i < count; i++)
        floats[i] = (float)values[i];
    return floats;
}

double *to_doubles(const float *values, int count) {
    double *doubles = malloc(((size_t)count + 1) * sizeof *doubles);
    assert_non_null(doubles);
    for (int i = 0; i < count; i++)
        doubles[i] = (double)values[i];
    return doubles;
}

double dot(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

double relative_error(const double *values, const double *expected, int count) {
    double errors = 0;
    for (int i = 0; i < count; i++)
        errors += (values[i] - expected[i]) * (values[i] - expected[i]);
    return sqrt(errors / dot(expected, expected, count));
}

tensor tensor_new(size_t value_bytes, int channels, int height, int width) {
    size_t count;
    error err;
    assert_true(tensor_values(channels, height, width, &count));
    void *memory = memory_alloc(count, value_bytes, &err);
    assert_non_null(memory);
    return tensor_view(memory, value_bytes, channels, height, width);
}

void *tensor_memory(const tensor *self) {
    return tensor_at(self, -1, 0, -1);
}

void tensor_free(tensor *self) {
    memory_free(tensor_memory(self));
    *self = (tensor){0};
}

double tensor_get(const tensor *self, int channel, int y, int x) {
    const void *pixel = tensor_at(self, y, channel / CHANNEL_BLOCK, x);
    const int lane = channel % CHANNEL_BLOCK;
    if (self->value_bytes == sizeof(float))
        return (double)((const float *)pixel)[lane];
    return (double)float_of_bits((uint32_t)((const uint16_t *)pixel)[lane] << 16);
}

void tensor_put(const tensor *self, int channel, int y, int x, double value) {
    void *pixel = tensor_at(self, y, channel / CHANNEL_BLOCK, x);
    const float kept = value_kept(self->value_bytes, value);
    if (self->value_bytes == sizeof(float))
        ((float *)pixel)[channel % CHANNEL_BLOCK] = kept;
    else
        ((uint16_t *)pixel)[channel % CHANNEL_BLOCK] = (uint16_t)(bits_of_float(kept) >> 16);
}

tensor tensor_of(size_t value_bytes, const double *values, int channels, int height, int width) {
    const tensor self = tensor_new(value_bytes, channels, height, width);
    for (int i = 0; values && i < channels * height * width; i++) {
        assert_true((double)value_kept(value_bytes, values[i]) == values[i]);
        tensor_put(&self, i / (height * width), i / width % height, i % width, values[i]);
    }
    return self;
}

double *tensor_planar(const tensor *self) {
    const int c = self->channels, h = self->height, w = self->width;
    double *values = malloc((size_t)(c * h * w + 1) * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < c * h * w; i++)
        values[i] = tensor_get(self, i / (h * w), i / w % h, i % w);
    return values;
}

void expect_unused_lanes(const tensor *self) {
    for (int y = 0; y < self->height; y++) {
        for (int c = self->channels; c < self->blocks * CHANNEL_BLOCK; c++) {
            for (int x = 0; x < self->width; x++)
                assert_true(tensor_get(self, c, y, x) == 0);
        }
    }
}

void expect_padding(const tensor *self) {
    expect_unused_lanes(self);
    for (int y = -1; y <= self->height; y++) {
        const bool outside = y < 0 || y == self->height;
        for (int x = -1; x <= self->width; x++) {
            for (int c = 0;
                 (outside || x < 0 || x == self->width) && c < self->blocks * CHANNEL_BLOCK; c++)
                assert_true(tensor_get(self, c, y, x) == 0);
        }
    }
}

void expect_tensor(const tensor *self, const double *expected, double tolerance) {
    const bool rounded = self->value_bytes == sizeof(uint16_t);
    const bound computed = {.most = tolerance};
    double *values = tensor_planar(self);
    for (int i = 0; i < self->channels * self->height * self->width; i++) {
        if (!(fabs(values[i] - expected[i]) <=
              (rounded ? bound_stored(computed, expected[i]).most : tolerance)))
            fail_msg("value %d: %.9g instead of %.9g", i, values[i], expected[i]);
    }
    free(values);
    expect_padding(self);
}

void expect_same_rows(const tensor *a, const tensor *b) {
    assert_int_equal(a->value_bytes, b->value_bytes);
    for (int y = 0; y < a->height; y++) {
        for (int block = 0; block < a->blocks; block++)
            assert_memory_equal(tensor_at(a, y, block, 0), tensor_at(b, y, block, 0),
                                (size_t)(a->width * CHANNEL_BLOCK) * a->value_bytes);
    }
}

/* ---- bitmaps ---- */

/* The bits of a block that belong to channels. */
static unsigned used_bits(int channels, int block) {
    const int left = channels - block * CHANNEL_BLOCK;
    return left < CHANNEL_BLOCK ? (1u << left) - 1 : 0xffff;
}

bitmap bitmap_new(int channels, int words, int height, int width, bool random) {
    size_t bytes;
    error err;
    const int blocks = tensor_blocks(channels);
    assert_true(bitmap_bytes(blocks, words, height, width, &bytes));
    void *memory = memory_alloc(bytes, 1, &err);
    assert_non_null(memory);
    const bitmap self = bitmap_view(memory, blocks, words, height, width);
    for (int y = 0; random && y < height; y++) {
        for (int i = 0; i < blocks * width * words; i++) {
            const int b = i / (width * words);
            bitmap_row(&self, y, b)[i % (width * words)] =
                (uint16_t)(next_bits() >> 12 & used_bits(channels, b));
        }
    }
    return self;
}

void bitmap_free(bitmap *self, int channels) {
    const int edge = self->width * self->words;
    for (int y = -1; y <= self->height; y++) {
        for (int b = 0; b < self->blocks; b++) {
            const uint16_t *row = bitmap_row(self, y, b);
            for (int i = -self->words; i < edge + self->words; i++) {
                const bool inside = y >= 0 && y < self->height && i >= 0 && i < edge;
                assert_int_equal(row[i] & ~(inside ? used_bits(channels, b) : 0), 0);
            }
        }
    }
    memory_free(self->data - self->row_stride - self->words);
    *self = (bitmap){0};
}

int bitmap_bit(const bitmap *self, int channel, int y, int x, int word) {
    return bitmap_row(self, y, channel / CHANNEL_BLOCK)[x * self->words + word] >>
               channel % CHANNEL_BLOCK &
           1;
}
