/* SPDX-License-Identifier: MIT
 *
 * Every kernel of every instruction set that this processor has, on odd sizes, against plain loops
 * in double. Outputs lie between guard values, so a store past the end shows.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "simd/kernels.h"

#define B CHANNEL_BLOCK
#define GUARD 64 /* floats before and after every buffer */
#define GUARD_VALUE 12345.0f

/* ---- buffers ---- */

static unsigned seed = 1;

/* Uniform in [-1, 1); one value in eight is exactly zero. */
static float next_random(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed >> 29 ? (float)(seed >> 8 & 0xffff) / 32768.0f - 1 : 0;
}

/* `count` random floats, aligned, between guards. */
static float *buffer_new(size_t count) {
    const size_t total = (count + 2 * GUARD + 15) / 16 * 16;
    float *memory = aligned_alloc(64, total * sizeof *memory);
    assert_non_null(memory);
    for (size_t i = 0; i < total; i++)
        memory[i] = i < GUARD || i >= GUARD + count ? GUARD_VALUE : next_random();
    return memory + GUARD;
}

static float *buffer_copy(const float *from, size_t count) {
    float *copy = buffer_new(count);
    memcpy(copy, from, count * sizeof *copy);
    return copy;
}

static void buffer_free(float *buffer, size_t count) {
    for (size_t i = 0; i < GUARD; i++) {
        assert_true(buffer[-1 - (ptrdiff_t)i] == GUARD_VALUE);
        assert_true(buffer[count + i] == GUARD_VALUE);
    }
    free(buffer - GUARD);
}

static void expect_near(const char *what, const kernel_set *k, double value, double expected,
                        double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s %s: %.9g instead of %.9g", k->name, what, value, expected);
}

typedef void kernel_check(const kernel_set *k);

static void for_each_set(kernel_check *check) {
    int sets = 0;
    for (int i = 0; kernels_at(i); i++) {
        if (kernels_supported(kernels_at(i))) {
            check(kernels_at(i));
            sets++;
        }
    }
    assert_true(sets >= 1);
}

/* ---- convolution ---- */

typedef struct conv_case {
    int in_channels, out_blocks, taps, width;
    bool bias, add, relu, mask;
} conv_case;

/* The naive value of output (x, channel o); `in` at pixel 0 of the middle row. */
static double conv_value(const conv_row *row, const float *add, const float *mask, int x, int o) {
    const int taps = row->taps * row->taps, pad = row->taps / 2, lanes = row->out_blocks * B;
    double v = row->bias ? (double)row->bias[o] : 0;
    for (int c = 0; c < row->in_channels; c++) {
        const int start = c / B * B;
        const int in_lanes = row->in_channels - start < B ? row->in_channels - start : B;
        for (int t = 0; t < taps; t++) {
            const ptrdiff_t at = (ptrdiff_t)(start * taps + t * in_lanes + c % B) * lanes + o;
            const float *in = row->in + c / B * row->in_block +
                              (t / row->taps - pad) * row->in_row + (x + t % row->taps - pad) * B;
            v += (double)in[c % B] * (double)row->weights[at];
        }
    }
    const ptrdiff_t at = o / B * row->out_block + x * B + o % B;
    if (add)
        v += (double)add[at];
    if (row->relu && v < 0)
        v = 0;
    if (mask && !(mask[at] > 0))
        v = 0;
    return v;
}

static void check_conv(const kernel_set *k, conv_case c) {
    const int blocks = (c.in_channels + B - 1) / B, lanes = c.out_blocks * B;
    const ptrdiff_t in_block = (ptrdiff_t)(c.width + 2) * B, in_row = in_block * blocks;
    const ptrdiff_t out_block = (ptrdiff_t)(c.width + 2) * B;
    const size_t in_count = (size_t)in_row * 3, out_count = (size_t)(out_block * c.out_blocks);
    const size_t weight_count = (size_t)(c.in_channels * c.taps * c.taps * lanes);
    float *in = buffer_new(in_count), *weights = buffer_new(weight_count);
    float *bias = buffer_new((size_t)lanes), *out = buffer_new(out_count);
    float *add = buffer_new(out_count), *mask = buffer_copy(out, out_count);
    const conv_row row = {
        .in = in + in_row + B,
        .in_row = in_row,
        .in_block = in_block,
        .in_channels = c.in_channels,
        .taps = c.taps,
        .weights = weights,
        .bias = c.bias ? bias : NULL,
        .out = out,
        .add = c.add ? add : NULL,
        .mask = c.mask ? out : NULL, /* in place, as the way back does */
        .out_block = out_block,
        .out_blocks = c.out_blocks,
        .width = c.width,
        .relu = c.relu,
    };
    k->conv_row(&row);
    for (int o = 0; o < lanes; o++) {
        for (int x = 0; x < c.width + 2; x++) {
            const ptrdiff_t at = o / B * out_block + x * B + o % B;
            if (x < c.width)
                expect_near("conv_row", k, (double)out[at],
                            conv_value(&row, c.add ? add : NULL, c.mask ? mask : NULL, x, o),
                            1e-6 * c.in_channels * c.taps);
            else
                assert_true(out[at] == mask[at]); /* nothing past the width is touched */
        }
    }
    buffer_free(in, in_count);
    buffer_free(weights, weight_count);
    buffer_free(bias, (size_t)lanes);
    buffer_free(out, out_count);
    buffer_free(add, out_count);
    buffer_free(mask, out_count);
}

static void check_convs(const kernel_set *k) {
    static const int channels[] = {1, 3, 16, 20, 33};
    for (int blocks = 1; blocks <= k->panel_blocks; blocks++) {
        for (int width = 1; width <= 60; width += width < 31 ? 1 : 7) {
            const int in = channels[width % 5];
            check_conv(k, (conv_case){in, blocks, 3, width, .bias = true, .relu = true});
            check_conv(k, (conv_case){in, blocks, 3, width, .add = width % 2, .mask = true});
            check_conv(k, (conv_case){in, blocks, 1, width, .add = true});
        }
    }
}

static void test_conv(void **state) {
    (void)state;
    for_each_set(check_convs);
}

/* ---- Gram matrix ---- */

static void check_gram(const kernel_set *k, int blocks, int rows, int width) {
    enum { GRAM_ROW = 80 };
    const ptrdiff_t block = (ptrdiff_t)(width + 1) * B, row = block * 4;
    const size_t count = (size_t)(row * rows);
    float *a = buffer_new(count);
    double gram[B][GRAM_ROW];
    for (int i = 0; i < B; i++) {
        for (int j = 0; j < GRAM_ROW; j++)
            gram[i][j] = i - j; /* added to, not replaced */
    }
    k->gram_rows(a, a + block, block, blocks, row, rows, width, &gram[0][0], GRAM_ROW);
    for (int i = 0; i < B; i++) {
        for (int j = 0; j < GRAM_ROW; j++) {
            double sum = i - j;
            for (int p = 0; j < blocks * B && p < rows * width; p++) {
                const float *pixel = a + p / width * row + p % width * B;
                sum += (double)pixel[i] * (double)pixel[(j / B + 1) * block + j % B];
            }
            expect_near("gram_rows", k, gram[i][j], sum, 1e-6 * rows * width + 1e-12);
        }
    }
    buffer_free(a, count);
}

static void check_grams(const kernel_set *k) {
    static const int sizes[][2] = {{1, 1}, {1, 7}, {3, 5}, {4, 33}, {13, 17}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        check_gram(k, 1, sizes[s][0], sizes[s][1]);
        check_gram(k, k->gram_blocks, sizes[s][0], sizes[s][1]);
    }
}

static void test_gram(void **state) {
    (void)state;
    for_each_set(check_grams);
}

/* ---- pooling ---- */

/* Values of a few steps only, so that windows have ties. */
static float *steps_new(size_t count) {
    float *buffer = buffer_new(count);
    for (size_t i = 0; i < count; i++)
        buffer[i] = floorf(fabsf(buffer[i]) * 4);
    return buffer;
}

static void pool_window(const float *const in[2], int x, int lane, float window[4]) {
    for (int i = 0; i < 4; i++)
        window[i] = in[i / 2][(2 * x + i % 2) * B + lane];
}

static int first_maximum(const float window[4]) {
    int best = 0;
    for (int i = 1; i < 4; i++)
        best = window[i] > window[best] ? i : best;
    return best;
}

static void check_pool_width(const kernel_set *k, int width) {
    const size_t count = (size_t)(2 * width * B), half = (size_t)(width * B);
    float *in[2] = {steps_new(count), steps_new(count)};
    const float *const rows[2] = {in[0], in[1]};
    float *max = buffer_new(half), *avg = buffer_new(half);
    k->pool_max_row(in[0], in[1], max, width);
    k->pool_avg_row(in[0], in[1], avg, width);
    for (int i = 0; i < width * B; i++) {
        float window[4];
        pool_window(rows, i / B, i % B, window);
        assert_true(max[i] == window[first_maximum(window)]);
        assert_true(avg[i] == (window[0] + window[1] + window[2] + window[3]) / 4);
    }
    buffer_free(in[0], count);
    buffer_free(in[1], count);
    buffer_free(max, half);
    buffer_free(avg, half);
}

/* The way back in place, with and without something to add. */
static void check_unpool_width(const kernel_set *k, int width, bool max, bool with_add) {
    const size_t count = (size_t)(2 * width * B), half = (size_t)(width * B);
    float *in[2] = {steps_new(count), steps_new(count)}, *g = buffer_new(half);
    float *out[2] = {buffer_copy(in[0], count), buffer_copy(in[1], count)};
    float *add[2] = {buffer_new(count), buffer_new(count)};
    const float *const rows[2] = {in[0], in[1]};
    (max ? k->unpool_max_row : k->unpool_avg_row)(out[0], out[1], g, with_add ? add[0] : NULL,
                                                  with_add ? add[1] : NULL, width);
    for (int i = 0; i < width * B; i++) {
        float window[4];
        pool_window(rows, i / B, i % B, window);
        for (int w = 0; w < 4; w++) {
            const int at = (2 * (i / B) + w % 2) * B + i % B;
            float expected = max ? (w == first_maximum(window) ? g[i] : 0) : 0.25f * g[i];
            expected += with_add ? add[w / 2][at] : 0;
            assert_true(out[w / 2][at] == (window[w] > 0 ? expected : 0));
        }
    }
    for (int r = 0; r < 2; r++) {
        buffer_free(in[r], count);
        buffer_free(out[r], count);
        buffer_free(add[r], count);
    }
    buffer_free(g, half);
}

static void check_pools(const kernel_set *k) {
    for (int width = 1; width <= 19; width += 3) {
        check_pool_width(k, width);
        for (int i = 0; i < 4; i++)
            check_unpool_width(k, width, i & 1, i & 2);
    }
}

static void test_pool(void **state) {
    (void)state;
    for_each_set(check_pools);
}

/* ---- element by element ---- */

static void check_relus(const kernel_set *k) {
    for (size_t count = 16; count <= 112; count += 48) {
        float *in = buffer_new(count), *add = buffer_new(count), *out = buffer_new(count);
        k->relu(in, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == (in[i] > 0 ? in[i] : 0));
        memcpy(out, in, count * sizeof *out);
        k->relu_backward(out, add, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == (in[i] > 0 ? add[i] : 0));
        k->relu_backward(in, NULL, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == 0);
        buffer_free(in, count);
        buffer_free(add, count);
        buffer_free(out, count);
    }
}

static void test_relu(void **state) {
    (void)state;
    for_each_set(check_relus);
}

static void check_differences(const kernel_set *k) {
    static const size_t counts[] = {16, 48, 4096, 8208, 12304};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const size_t count = counts[c];
        float *a = buffer_new(count), *b = buffer_new(count), *g = buffer_new(count);
        float *before = buffer_copy(g, count);
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            double squares = 0;
            memcpy(g, before, count * sizeof *g);
            const double sum = k->difference(a, b, 0.37f, accumulate, g, count);
            for (size_t i = 0; i < count; i++) {
                const double d = (double)a[i] - (double)b[i];
                squares += d * d;
                expect_near("difference", k, (double)g[i],
                            0.37 * d + (accumulate ? (double)before[i] : 0), 1e-6);
            }
            expect_near("sum of difference", k, sum, squares, 1e-6 * squares);
        }
        buffer_free(a, count);
        buffer_free(b, count);
        buffer_free(g, count);
        buffer_free(before, count);
    }
}

static void test_difference(void **state) {
    (void)state;
    for_each_set(check_differences);
}

/* ---- the registry ---- */

static void test_registry(void **state) {
    (void)state;
    const char *names = kernels_compiled();
    int count = 0;
    for (; kernels_at(count); count++)
        assert_non_null(strstr(names, kernels_at(count)->name));
    assert_string_equal(kernels_at(count - 1)->name, "generic");
    assert_true(kernels_supported(kernels_at(count - 1)));
    assert_true(kernels_supported(kernels_best()));

    for (int i = 0; i < count; i++) {
        const kernel_set *set = kernels_at(i);
        assert_int_equal(setenv("STYLIZE_ISA", set->name, 1), 0);
        if (kernels_supported(set))
            assert_ptr_equal(kernels_best(), set);
        else
            assert_ptr_not_equal(kernels_best(), set);
    }
    setenv("STYLIZE_ISA", "pentium", 1);
    assert_true(kernels_supported(kernels_best()));
    unsetenv("STYLIZE_ISA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),       cmocka_unit_test(test_gram),
        cmocka_unit_test(test_pool),       cmocka_unit_test(test_relu),
        cmocka_unit_test(test_difference), cmocka_unit_test(test_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
