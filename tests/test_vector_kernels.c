/* SPDX-License-Identifier: MIT
 *
 * The kernels for plain vectors (simd/vector_body.h), every set that this processor runs: values in
 * 8 bits, and sums against plain loops in double.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "simd/kernels.h"

enum { PIECE = VECTOR_PIECE, WORDS = PIECE / 4, ROWS = 3 };

static const int counts[] = {64, 128, 192, 960, 1024};
#define COUNTS (int)(sizeof counts / sizeof *counts)

static float noise(float height) {
    static unsigned seed = 5;
    seed = seed * 1664525u + 1013904223u;
    return height * ((float)(seed >> 8) / 8388608.0f - 1);
}

static void expect_near(const char *what, double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.17g instead of %.17g", what, value, expected);
}

/* Runs `check` with every kernel set of both precisions. */
static void each_set(void (*check)(const kernel_set *kernels)) {
    for (int i = 0; kernels_of(PRECISION_FP32, i); i++) {
        if (kernels_supported(kernels_of(PRECISION_FP32, i)))
            check(kernels_of(PRECISION_FP32, i));
    }
    for (int i = 0; kernels_of(PRECISION_BF16, i); i++) {
        if (kernels_supported(kernels_of(PRECISION_BF16, i)))
            check(kernels_of(PRECISION_BF16, i));
    }
}

/* ---- values in 8 bits ---- */

/* The integer that stands for value i of a row. */
static int stored(const uint32_t *words, int i) {
    const uint32_t word = words[i / VECTOR_GROUP * (VECTOR_GROUP / 4) + i % (VECTOR_GROUP / 4)];
    const int byte = (int)(word >> i % VECTOR_GROUP / (VECTOR_GROUP / 4) * 8 & 0xff);
    return byte < 128 ? byte : byte - 256;
}

/* v rounded as the y of a pair that starts from zero; returns the scale. */
static float round_all(const kernel_set *kernels, const float v[PIECE], int integers[PIECE]) {
    static uint32_t words[2][WORDS];
    static float x[PIECE], y[PIECE], new_x[PIECE], scales[2];
    const vector_rows s = {words[0], scales, 0}, to = {words[1], scales + 1, 0};
    double dots[3];
    memset(x, 0, sizeof x);
    memset(y, 0, sizeof y);
    kernels->pair_learn(x, y, new_x, v, &s, &to, PIECE, dots);
    for (int i = 0; i < PIECE; i++) {
        integers[i] = stored(words[1], i);
        assert_true(y[i] == (float)integers[i] * scales[1]);
    }
    return scales[1];
}

/* In units of the scale, which is a power of two: then nothing but the rounding is inexact. */
static void check_rounding(const kernel_set *kernels) {
    static const struct {
        float value;
        int integer;
    } cases[] = {{0, 0},        {-0.0f, 0},     {1, 1},          {-1, -1},     {0.49f, 0},
                 {-0.51f, -1},  {2.5f, 2},      {3.5f, 4},       {-2.5f, -2},  {-3.5f, -4},
                 {126.4f, 126}, {126.75f, 127}, {127, 127},      {-127, -127}, {1e-30f, 0},
                 {63.5f, 64},   {64.5f, 64},    {-126.5f, -126}, {17.25f, 17}};
    const int known = (int)(sizeof cases / sizeof *cases);
    static float v[PIECE];
    static int integers[PIECE];
    for (int shift = 0; shift < VECTOR_GROUP; shift++) { /* in every lane and byte */
        const float unit = ldexpf(1, 3 * shift - 96);
        for (int i = 0; i < PIECE; i++)
            v[i] = unit * cases[(i + shift) % known].value;
        assert_true(round_all(kernels, v, integers) == unit);
        for (int i = 0; i < PIECE; i++) {
            const int expected = cases[(i + shift) % known].integer;
            if (integers[i] != expected)
                fail_msg("%s: %d for %g, not %d", kernels->name, integers[i], (double)(v[i] / unit),
                         expected);
        }
    }
}

/* Pieces that are zero, or too small or large to be told from zero or infinity, become zeros. */
static void check_extremes(const kernel_set *kernels) {
    static const struct {
        float largest;
        bool zeros;
    } cases[] = {{0, true},         {1e-45f, true},   {0x1p-101f, true}, {0x1p-100f, false},
                 {0x1p100f, false}, {0x1p101f, true}, {3e38f, true},     {INFINITY, true}};
    static float v[PIECE];
    static int integers[PIECE];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const float largest = cases[k].largest;
        for (int i = 0; i < PIECE; i++)
            v[i] = i % 5 == 3 ? -largest : largest < 1 ? largest / 4 : 1;
        const float scale = round_all(kernels, v, integers);
        assert_true(cases[k].zeros ? scale == 0 : fabsf(127 * scale / largest - 1) < 1e-6f);
        for (int i = 0; i < PIECE; i++)
            assert_int_equal(integers[i], cases[k].zeros ? 0
                                          : i % 5 == 3   ? -127
                                          : largest < 1  ? 32
                                                         : 0);
    }
}

static void test_rounding(void **state) {
    (void)state;
    each_set(check_rounding);
    each_set(check_extremes);
}

static float largest_of(const float *a, const float *b, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(a[i] - b[i]));
    return largest;
}

/* A pair of random points: what is stored, what is left in x and gradient, and its sums. */
static void check_pair(const kernel_set *kernels) {
    for (int k = 0; k < COUNTS; k++) {
        static float x[PIECE], g[PIECE], old_x[PIECE], old_g[PIECE], new_x[PIECE], new_g[PIECE];
        static uint32_t words[2][WORDS];
        float scales[2];
        const vector_rows s = {words[0], scales, 0}, y = {words[1], scales + 1, 0};
        const int n = counts[k];
        double sums[3] = {1, 2, 3}, sy = 1, ss = 2, yy = 3, dots[3];
        for (int i = 0; i < PIECE; i++) {
            x[i] = old_x[i] = fminf(fmaxf(noise(1), 0), 1);
            new_x[i] = fminf(fmaxf(noise(2), 0), 1);
            g[i] = old_g[i] = noise(3);
            new_g[i] = i % 7 ? noise(3) : 0;
        }
        memset(words, 0xff, sizeof words);
        kernels->pair_learn(x, g, new_x, new_g, &s, &y, (size_t)n, dots);
        kernels->pair_sums(dots, 0, s.scales, y.scales, 0, 1, sums);
        expect_near("scale of s", (double)scales[0], (double)largest_of(new_x, old_x, n) / 127,
                    1e-8);
        expect_near("scale of y", (double)scales[1], (double)largest_of(new_g, old_g, n) / 127,
                    1e-8);
        for (int i = 0; i < n; i++) {
            const bool held = (new_x[i] <= 0 && new_g[i] > 0) || (new_x[i] >= 1 && new_g[i] < 0);
            const double a = stored(words[0], i) * (double)scales[0];
            const double b = stored(words[1], i) * (double)scales[1];
            assert_true(x[i] == (held ? 0 : new_g[i]));
            assert_true(g[i] == (float)b);
            expect_near("s", a, (double)(new_x[i] - old_x[i]), 0.5001 * (double)scales[0]);
            expect_near("y", b, (double)(new_g[i] - old_g[i]), 0.5001 * (double)scales[1]);
            sy += a * b;
            ss += a * a;
            yy += b * b;
        }
        expect_near("s.y", sums[0], sy, 1e-10);
        expect_near("s.s", sums[1], ss, 1e-10);
        expect_near("y.y", sums[2], yy, 1e-10);
        for (int i = n; i < PIECE; i++) /* nothing beyond */
            assert_true(x[i] == old_x[i] && g[i] == old_g[i] && words[1][i / 4] == 0xffffffff);
    }
}

/* Where every value is the largest, sums are as long as they get. */
static void check_longest_sums(const kernel_set *kernels) {
    static float x[PIECE], g[PIECE], new_x[PIECE], new_g[PIECE];
    static uint32_t words[2][WORDS];
    float scales[2];
    const vector_rows s = {words[0], scales, 0}, y = {words[1], scales + 1, 0};
    double dots[3], sums[3] = {0};
    for (int i = 0; i < PIECE; i++) {
        x[i] = g[i] = 0;
        new_x[i] = 127 / 128.0f;
        new_g[i] = i ? 127 : -126;
    }
    kernels->pair_learn(x, g, new_x, new_g, &s, &y, PIECE, dots);
    kernels->pair_sums(dots, 0, s.scales, y.scales, 0, 1, sums);
    assert_true(dots[2] == 1023 * 127 * 127 + 126 * 126);
    assert_true(sums[0] == (1023 * 127 - 126) * 127 / 128.0);
    assert_true(sums[1] == 1024 * 127 * 127 / 128.0 / 128);
    assert_true(sums[2] == 1023 * 127 * 127 + 126 * 126);
}

/* Pieces of a few pairs each, of which one slot is summed. */
static void check_pair_sums(const kernel_set *kernels) {
    enum { PIECES = 5, STEP = 7, PAIRS = 3 };
    static float s_scales[PIECES * PAIRS], y_scales[PIECES * PAIRS];
    static double dots[PIECES * STEP];
    double sums[3] = {1, 2, 3}, expected[3] = {1, 2, 3};
    for (int i = 0; i < PIECES * PAIRS; i++) {
        s_scales[i] = 0.5f + (float)i;
        y_scales[i] = 0.25f * (float)i;
    }
    for (int i = 0; i < PIECES * STEP; i++)
        dots[i] = 1 + i * i;
    for (int i = 0; i < PIECES; i++) {
        const double s = (double)s_scales[i * PAIRS + 1], y = (double)y_scales[i * PAIRS + 1];
        expected[0] += s * y * dots[i * STEP];
        expected[1] += s * s * dots[i * STEP + 1];
        expected[2] += y * y * dots[i * STEP + 2];
    }
    kernels->pair_sums(dots, STEP, s_scales + 1, y_scales + 1, PAIRS, PIECES, sums);
    for (int i = 0; i < 3; i++)
        assert_true(sums[i] == expected[i]); /* all of these are exact */
}

static void test_pair(void **state) {
    (void)state;
    each_set(check_pair_sums);
    each_set(check_pair);
    each_set(check_longest_sums);
}

/* ---- sums ---- */

static void check_sums(const kernel_set *kernels) {
    static uint32_t words[ROWS][WORDS], unused[WORDS];
    static float rows[ROWS][PIECE], v[PIECE], w[PIECE], x[PIECE], out[PIECE + 1];
    static const float factors[ROWS] = {0.5f, -2, 1.25f};
    float scales[ROWS + 1];
    const vector_rows all = {words[0], scales, 0}, s = {unused, scales + ROWS, 0};
    double dots[3];
    for (int r = 0; r < ROWS; r++) {
        const vector_rows y = {words[r], scales + r, 0};
        for (int i = 0; i < PIECE; i++) {
            v[i] = noise((float)r + 1);
            w[i] = noise(1);
        }
        memset(x, 0, sizeof x);
        kernels->pair_learn(x, rows[r], w, v, &s, &y, PIECE, dots);
    }
    for (int k = 0; k < COUNTS; k++) {
        const int n = counts[k];
        double v_sums[ROWS] = {1, 2, 3}, w_sums[ROWS] = {4, 5, 6}, again[ROWS] = {1, 2, 3};
        kernels->rows_dot(&all, ROWS, v, w, (size_t)n, v_sums, w_sums);
        kernels->rows_dot(&all, ROWS, v, NULL, (size_t)n, again, NULL);
        for (int r = 0; r < ROWS; r++) {
            double expected[2] = {r + 1, r + 4};
            for (int i = 0; i < n; i++) {
                expected[0] += (double)rows[r][i] * (double)v[i];
                expected[1] += (double)rows[r][i] * (double)w[i];
            }
            expect_near("row.v", v_sums[r], expected[0], 2e-6 * n);
            expect_near("row.w", w_sums[r], expected[1], 2e-6 * n);
            assert_true(again[r] == v_sums[r]);
        }
        out[n] = 7;
        kernels->rows_combine(&all, ROWS, factors, 3, v, out, (size_t)n);
        for (int i = 0; i < n; i++) {
            double expected = 3 * (double)v[i];
            for (int r = 0; r < ROWS; r++)
                expected += (double)factors[r] * (double)rows[r][i];
            expect_near("sum of rows", (double)out[i], expected, 1e-5);
        }
        assert_true(out[n] == 7);
    }
}

static void test_sums(void **state) {
    (void)state;
    each_set(check_sums);
}

/* Any width and alignment. */
static void check_rows(const kernel_set *kernels) {
    static float data[3][300], out[301];
    static const float weights[3] = {0.25f, -1.5f, 3};
    for (int i = 0; i < 900; i++)
        data[i / 300][i % 300] = noise(1);
    for (int width = 1; width < 290; width++) {
        const float *const rows[3] = {data[0] + width % 5, data[1], data[2] + 1};
        double sum = 0;
        out[width] = 7;
        kernels->weighted_sum(rows, weights, 3, out, (size_t)width);
        for (int i = 0; i < width; i++) {
            const double expected =
                0.25 * (double)rows[0][i] - 1.5 * (double)rows[1][i] + 3 * (double)rows[2][i];
            expect_near("weighted", (double)out[i], expected, 1e-6);
            sum += (double)rows[0][i] * (double)rows[2][i];
        }
        assert_true(out[width] == 7);
        expect_near("dot", kernels->dot(rows[0], rows[2], (size_t)width), sum, 1e-12);
    }
}

static void test_rows(void **state) {
    (void)state;
    each_set(check_rows);
}

/* ---- the step ---- */

static void check_step(const kernel_set *kernels) {
    static float x[PIECE], g[PIECE], d[PIECE], out[PIECE];
    for (int k = 0; k < COUNTS; k++) {
        const int n = counts[k];
        double sums[2] = {1, 2}, slope = 1, predicted = 2;
        int held_count = 0;
        for (int i = 0; i < PIECE; i++) {
            x[i] = fminf(fmaxf(noise(2), 0), 1);
            g[i] = i % 7 ? noise(2) : 0;
            d[i] = noise(1);
            out[i] = 7;
        }
        kernels->box_step(x, g, d, 0.75f, out, (size_t)n, sums);
        for (int i = 0; i < n; i++) {
            const bool held = (x[i] <= 0 && g[i] > 0) || (x[i] >= 1 && g[i] < 0);
            const double move = held ? 0 : -(double)d[i];
            held_count += held;
            assert_true(out[i] >= 0 && out[i] <= 1);
            expect_near("step", (double)out[i], fmin(fmax((double)x[i] + 0.75 * move, 0), 1), 1e-7);
            slope += (double)g[i] * move;
            predicted += (double)g[i] * (double)(out[i] - x[i]);
        }
        assert_true(held_count > n / 8);
        expect_near("slope", sums[0], slope, 1e-11);
        expect_near("predicted", sums[1], predicted, 1e-11);
        assert_true(n == PIECE || out[n] == 7);
    }
}

static void test_step(void **state) {
    (void)state;
    each_set(check_step);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounding), cmocka_unit_test(test_pair), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
