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

/* How the epilogue's tensors are passed. */
enum { ADD = 1, RELU = 2, MASK = 4, EPILOGUES = 8 };

typedef struct conv_case {
    int in_channels, out_blocks, taps, width, epilogue;
    bool bias;
    bool in_place; /* `add` and `mask` are the output itself */
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

/* Every output against the naive value, and nothing but the outputs changed. `before` is what the
 * output held. */
static void expect_conv(const kernel_set *k, const conv_row *row, const float *before) {
    const float *add = row->add == row->out ? before : row->add;
    const float *mask = row->mask == row->out ? before : row->mask;
    for (int o = 0; o < row->out_blocks * B; o++) {
        for (int x = 0; x < row->width + 2; x++) {
            const ptrdiff_t at = o / B * row->out_block + x * B + o % B;
            if (x < row->width)
                expect_near("conv_row", k, (double)row->out[at], conv_value(row, add, mask, x, o),
                            1e-6 * row->in_channels * row->taps);
            else
                assert_true(row->out[at] == before[at]);
        }
    }
}

/* Lanes past the true channels are not read: not-a-number in them does no harm. */
static void spoil_unused_lanes(float *in, size_t count, ptrdiff_t in_block, int channels) {
    for (size_t i = 0; i < count; i++) {
        const int block = (int)((ptrdiff_t)i / in_block) % ((channels + B - 1) / B);
        if (block * B + (int)(i % B) >= channels)
            in[i] = NAN;
    }
}

static void check_conv(const kernel_set *k, conv_case c) {
    const int blocks = (c.in_channels + B - 1) / B, lanes = c.out_blocks * B;
    const ptrdiff_t in_block = (ptrdiff_t)(c.width + 2) * B, in_row = in_block * blocks;
    const size_t in_count = (size_t)in_row * 3, out_count = (size_t)(in_block * c.out_blocks);
    const size_t weight_count = (size_t)(c.in_channels * c.taps * c.taps * lanes);
    float *in = buffer_new(in_count), *weights = buffer_new(weight_count);
    float *bias = buffer_new((size_t)lanes), *out = buffer_new(out_count);
    float *add = buffer_new(out_count), *mask = buffer_new(out_count);
    float *before = buffer_copy(out, out_count);
    spoil_unused_lanes(in, in_count, in_block, c.in_channels);
    const conv_row row = {
        .in = in + in_row + B,
        .in_row = in_row,
        .in_block = in_block,
        .in_channels = c.in_channels,
        .taps = c.taps,
        .weights = weights,
        .bias = c.bias ? bias : NULL,
        .out = out,
        .add = !(c.epilogue & ADD) ? NULL
               : c.in_place        ? out
                                   : add,
        .mask = !(c.epilogue & MASK) ? NULL
                : c.in_place         ? out
                                     : mask,
        .out_block = in_block,
        .out_blocks = c.out_blocks,
        .width = c.width,
        .relu = c.epilogue & RELU,
    };
    k->conv_row(&row);
    expect_conv(k, &row, before);
    buffer_free(in, in_count);
    buffer_free(weights, weight_count);
    buffer_free(bias, (size_t)lanes);
    buffer_free(out, out_count);
    buffer_free(add, out_count);
    buffer_free(mask, out_count);
    buffer_free(before, out_count);
}

/* Widths past two of the widest tiles, so that every tile and every division of a row comes up. */
static void check_convs(const kernel_set *k) {
    static const int channels[] = {1, 3, 16, 20, 33};
    for (int blocks = 1; blocks <= k->panel_blocks; blocks++) {
        for (int width = 1; width <= 71; width += width < 31 ? 1 : 8) {
            const int in = channels[width % 5];
            for (int e = 0; e < EPILOGUES; e++)
                check_conv(k, (conv_case){in, blocks, 3, width, e, (width + e) % 3, width & 1});
            check_conv(k, (conv_case){in, blocks, 1, width, 0, width & 1, false});
            check_conv(k, (conv_case){in, blocks, 1, width, ADD, false, true});
        }
    }
}

static void test_conv(void **state) {
    (void)state;
    for_each_set(check_convs);
}

/* ---- Gram matrix ---- */

/* Block 0 with the blocks from `first` on; first 0 is a block with itself, on the diagonal. */
static void check_gram(const kernel_set *k, int first, int blocks, int rows, int width) {
    enum { GRAM_ROW = 80, GUARD_ROWS = 2, LEFT = 5 };
    const ptrdiff_t block = (ptrdiff_t)(width + 1) * B, row = block * 4;
    const size_t count = (size_t)(row * rows);
    float *a = buffer_new(count);
    double gram[B + 2 * GUARD_ROWS][GRAM_ROW];
    for (int i = 0; i < B + 2 * GUARD_ROWS; i++) {
        for (int j = 0; j < GRAM_ROW; j++)
            gram[i][j] = i - j; /* added to, not replaced */
    }
    k->gram_rows(a, a + first * block, block, blocks, row, rows, width, &gram[GUARD_ROWS][LEFT],
                 GRAM_ROW);
    for (int i = 0; i < B + 2 * GUARD_ROWS; i++) {
        for (int j = 0; j < GRAM_ROW; j++) {
            const int lane = i - GUARD_ROWS, other = j - LEFT;
            const bool inside = lane >= 0 && lane < B && other >= 0 && other < blocks * B;
            double sum = i - j;
            for (int p = 0; inside && p < rows * width; p++) {
                const float *pixel = a + p / width * row + p % width * B;
                sum += (double)pixel[lane] * (double)pixel[(other / B + first) * block + other % B];
            }
            expect_near("gram_rows", k, gram[i][j], sum, inside ? 1e-6 * rows * width : 0);
        }
    }
    buffer_free(a, count);
}

static void check_grams(const kernel_set *k) {
    static const int sizes[][2] = {{1, 1}, {1, 7}, {3, 5}, {4, 33}, {13, 17}, {1, 512}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int first = 0; first < 2; first++) {
            check_gram(k, first, 1, sizes[s][0], sizes[s][1]);
            check_gram(k, first, k->gram_blocks, sizes[s][0], sizes[s][1]);
        }
    }
}

static void test_gram(void **state) {
    (void)state;
    for_each_set(check_grams);
}

/* ---- pooling ---- */

/* Values of a few steps only, so that windows have ties; 0 to 3, as after a ReLU, or less. */
static float *steps_new(size_t count, float least) {
    float *buffer = buffer_new(count);
    for (size_t i = 0; i < count; i++)
        buffer[i] = floorf(fabsf(buffer[i]) * 4) + least;
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
    float *in[2] = {steps_new(count, -2), steps_new(count, -2)};
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
    float *in[2] = {steps_new(count, 0), steps_new(count, 0)}, *g = buffer_new(half);
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

/* Zero of either sign counts as not positive. */
static void check_relus(const kernel_set *k) {
    for (size_t count = 16; count <= 112; count += 48) {
        float *in = buffer_new(count), *add = buffer_new(count), *out = buffer_new(count);
        in[0] = 0;
        in[count - 1] = -0.0f;
        k->relu(in, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == (in[i] > 0 ? in[i] : 0));
        k->relu_backward(in, add, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == (in[i] > 0 ? add[i] : 0));
        k->relu_backward(in, NULL, out, count);
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == 0);
        memcpy(out, in, count * sizeof *out);
        k->relu_backward(out, add, out, count); /* in place */
        for (size_t i = 0; i < count; i++)
            assert_true(out[i] == (in[i] > 0 ? add[i] : 0));
        buffer_free(in, count);
        buffer_free(add, count);
        buffer_free(out, count);
    }
}

/* A ReLU hides no broken number: a cost that is not finite must show. */
static void check_not_a_number(const kernel_set *k) {
    static const float weights[B] = {0};
    float in[B] = {[3] = NAN}, out[B];
    k->relu(in, out, B);
    assert_true(isnan(out[3]) && out[2] == 0 && out[4] == 0);
    const conv_row row = {.in = in,
                          .in_channels = 1,
                          .taps = 1,
                          .weights = weights,
                          .out = out,
                          .add = in,
                          .out_blocks = 1,
                          .width = 1,
                          .relu = true};
    k->conv_row(&row);
    assert_true(isnan(out[3]) && out[2] == 0 && out[4] == 0);
    assert_true(isnan(k->difference(in, weights, 1, false, out, B)));
}

static void test_relu(void **state) {
    (void)state;
    for_each_set(check_relus);
    for_each_set(check_not_a_number);
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
            expect_near("sum of difference", k, sum, squares, 4e-6 * squares);
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
