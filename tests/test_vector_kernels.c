/* SPDX-License-Identifier: MIT
 *
 * The kernels for plain vectors (simd/vector_body.h), every set that this processor runs: values in
 * 16 bits, and sums against plain loops in double.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "simd/kernels.h"

enum { PIECE = VECTOR_PIECE, WORDS = PIECE / 2, ROWS = 3 };

static const int counts[] = {32, 64, 96, 992, 1024};
#define COUNTS (int)(sizeof counts / sizeof *counts)

static float noise(float height) {
    static unsigned seed = 5;
    seed = seed * 1664525u + 1013904223u;
    return height * ((float)(seed >> 8) / 8388608.0f - 1);
}

static float from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t to_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static void expect_near(const char *what, double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.17g instead of %.17g", what, value, expected);
}

/* Runs `check` with every kernel set. */
static void each_set(void (*check)(const kernel_set *kernels)) {
    for (int i = 0; kernels_at(i); i++) {
        if (kernels_supported(kernels_at(i)))
            check(kernels_at(i));
    }
}

/* ---- values in 16 bits ---- */

/* v rounded by way of a pair whose start is zero; checks that words and floats say the same. */
static void round_all(const kernel_set *kernels, const float v[PIECE], float rounded[PIECE]) {
    static uint32_t s[WORDS], y[WORDS];
    static float x[PIECE], new_x[PIECE], unpacked[PIECE];
    static const float one = 1;
    double sums[3] = {0};
    memset(x, 0, sizeof x);
    memset(rounded, 0, sizeof x);
    kernels->pair_learn(x, rounded, new_x, v, s, y, PIECE, sums);
    memset(unpacked, 0, sizeof unpacked);
    kernels->half_combine(y, 1, &one, 1, unpacked, unpacked, PIECE);
    assert_memory_equal(unpacked, rounded, sizeof unpacked);
}

static void check_rounding(const kernel_set *kernels) {
    static const uint32_t cases[][2] = {
        {0x3f800000, 0x3f800000},                           /* 1 */
        {0x3f807fff, 0x3f800000},                           /* just below the middle */
        {0x3f808000, 0x3f800000},                           /* ties to even: down */
        {0x3f808001, 0x3f810000},                           /* just above */
        {0x3f818000, 0x3f820000},                           /* and up */
        {0xbf818000, 0xbf820000},                           /* away from zero on either side */
        {0xbf808000, 0xbf800000}, {0x3fffffff, 0x40000000}, /* the exponent grows */
        {0x00000000, 0x00000000}, {0x00000001, 0x00000000}, /* the least of all */
        {0x00018000, 0x00020000}, {0x807fffff, 0x80800000}, /* among the denormal */
        {0x7f7f7fff, 0x7f7f0000}, {0x7f7f8000, 0x7f7f0000}, /* would be infinite */
        {0x7f7fffff, 0x7f7f0000}, {0xff7fffff, 0xff7f0000}, /* FLT_MAX */
        {0x7f800000, 0x7f7f0000}, {0xff800000, 0xff7f0000}, /* a difference of the largest */
    };
    const int known = (int)(sizeof cases / sizeof *cases);
    static float v[PIECE], rounded[PIECE];
    for (int shift = 0; shift < 32; shift++) { /* in every lane and half */
        for (int i = 0; i < PIECE; i++)
            v[i] = from_bits(cases[(i + shift) % known][0]);
        round_all(kernels, v, rounded);
        for (int i = 0; i < PIECE; i++) {
            const uint32_t expected = cases[(i + shift) % known][1];
            if (to_bits(rounded[i]) != expected && (expected << 1 || rounded[i] != 0))
                fail_msg("%s: %08x for %08x", kernels->name, to_bits(rounded[i]), to_bits(v[i]));
        }
    }
}

static void test_rounding(void **state) {
    (void)state;
    each_set(check_rounding);
}

/* A pair of random points: what is stored, what is left in x and gradient, and its sums. */
static void check_pair(const kernel_set *kernels) {
    for (int k = 0; k < COUNTS; k++) {
        static float x[PIECE], g[PIECE], old_x[PIECE], old_g[PIECE], new_x[PIECE], new_g[PIECE];
        static uint32_t words[2][WORDS];
        static float s[PIECE], zero[PIECE];
        static const float one = 1;
        const int n = counts[k];
        double sums[3] = {1, 2, 3}, sy = 1, ss = 2, yy = 3;
        for (int i = 0; i < PIECE; i++) {
            x[i] = old_x[i] = fminf(fmaxf(noise(1), 0), 1);
            new_x[i] = fminf(fmaxf(noise(2), 0), 1);
            g[i] = old_g[i] = noise(3);
            new_g[i] = i % 7 ? noise(3) : 0;
        }
        memset(words, 0xff, sizeof words);
        kernels->pair_learn(x, g, new_x, new_g, words[0], words[1], (size_t)n, sums);
        kernels->half_combine(words[0], 1, &one, 1, zero, s, (size_t)n);
        for (int i = 0; i < n; i++) {
            const bool held = (new_x[i] <= 0 && new_g[i] > 0) || (new_x[i] >= 1 && new_g[i] < 0);
            assert_true(x[i] == (held ? 0 : new_g[i]));
            expect_near("s", (double)s[i], (double)(new_x[i] - old_x[i]),
                        fabs((double)(new_x[i] - old_x[i])) / 256);
            expect_near("y", (double)g[i], (double)(new_g[i] - old_g[i]),
                        fabs((double)(new_g[i] - old_g[i])) / 256);
            sy += (double)s[i] * (double)g[i];
            ss += (double)s[i] * (double)s[i];
            yy += (double)g[i] * (double)g[i];
        }
        expect_near("s.y", sums[0], sy, 1e-11);
        expect_near("s.s", sums[1], ss, 1e-11);
        expect_near("y.y", sums[2], yy, 1e-11);
        for (int i = n; i < PIECE; i++) /* nothing beyond */
            assert_true(x[i] == old_x[i] && g[i] == old_g[i] && words[1][i / 2] == 0xffffffff);
    }
}

static void test_pair(void **state) {
    (void)state;
    each_set(check_pair);
}

/* ---- sums ---- */

static void check_sums(const kernel_set *kernels) {
    static uint32_t words[ROWS][WORDS], unused[WORDS];
    static float rows[ROWS][PIECE], v[PIECE], w[PIECE], x[PIECE], out[PIECE + 1];
    static const float factors[ROWS] = {0.5f, -2, 1.25f};
    double sums[3];
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < PIECE; i++) {
            v[i] = noise(3);
            w[i] = noise(1);
        }
        memset(x, 0, sizeof x);
        kernels->pair_learn(x, rows[r], w, v, unused, words[r], PIECE, sums);
    }
    for (int k = 0; k < COUNTS; k++) {
        const int n = counts[k];
        double v_sums[ROWS] = {1, 2, 3}, w_sums[ROWS] = {4, 5, 6}, again[ROWS] = {1, 2, 3};
        kernels->half_dots(words[0], ROWS, v, w, (size_t)n, v_sums, w_sums);
        kernels->half_dots(words[0], ROWS, v, NULL, (size_t)n, again, NULL);
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
        kernels->half_combine(words[0], ROWS, factors, 3, v, out, (size_t)n);
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
