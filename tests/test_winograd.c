/* SPDX-License-Identifier: MIT
 *
 * The two transforms of Winograd's F(4x4, 3x3) by every kernel set, against their matrices in
 * double: every size of a tile that the border cuts, every epilogue, and nothing written beside
 * the results. Whole convolutions are compared in test_conv.c.
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

#define B CHANNEL_BLOCK
enum { ROW = 8 * B, STEP = 3 * B, POINTS = 36, GUARD = 32 };

/* For the points 0, 2/3, -2/3, 3/2, -3/2 and infinity. */
static const double input_matrix[6][6] = {
    {1, 0, -97 / 36.0, 0, 1, 0},        {0, -1.5, -2.25, 2 / 3.0, 1, 0},
    {0, 1.5, -2.25, -2 / 3.0, 1, 0},    {0, -2 / 3.0, -4 / 9.0, 1.5, 1, 0},
    {0, 2 / 3.0, -4 / 9.0, -1.5, 1, 0}, {0, 1, 0, -97 / 36.0, 0, 1},
};
static const double output_matrix[4][6] = {
    {1, -2.25, -2.25, 1, 1, 0},
    {0, -1.5, 1.5, 1.5, -1.5, 0},
    {0, -1, -1, 2.25, 2.25, 0},
    {0, -2 / 3.0, 2 / 3.0, 3.375, -3.375, 1},
};

static unsigned seed = 5;

/* Uniform in [-1, 1); one value in eight is exactly zero. */
static void fill(float *v, int count) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = seed >> 29 ? (float)(seed >> 8 & 0xffff) / 32768.0f - 1 : 0;
    }
}

/* m d m' at row y, column x, of the 6x6 values d of one lane. */
static double transformed(const double m[][6], int y, int x, double d[6][6]) {
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        sum += m[y][i / 6] * d[i / 6][i % 6] * m[x][i % 6];
    return sum;
}

static void expect_near(const kernel_set *k, double value, double expected) {
    if (!(fabs(value - expected) <= 1e-5))
        fail_msg("%s: %.9g instead of %.9g", k->name, value, expected);
}

static void check_input(const kernel_set *k) {
    static float in[6 * ROW], before[GUARD + POINTS * STEP], out[GUARD + POINTS * STEP];
    fill(in, 6 * ROW);
    fill(before, GUARD + POINTS * STEP);
    memcpy(out, before, sizeof out);
    k->winograd_input(in, ROW, out + GUARD, STEP);
    for (int i = 0; i < GUARD + POINTS * STEP; i++) {
        const int at = i - GUARD, point = at / STEP, lane = at % STEP;
        double d[6][6];
        if (at < 0 || lane >= B) {
            assert_true(out[i] == before[i]);
            continue;
        }
        for (int p = 0; p < POINTS; p++)
            d[p / 6][p % 6] = (double)in[p / 6 * ROW + p % 6 * B + lane];
        expect_near(k, (double)out[i], transformed(input_matrix, point / 6, point % 6, d));
    }
}

enum { ADD = 1, RELU = 2, MASK = 4, BIAS = 8, IN_PLACE = 16, VARIANTS = 32 };

static void check_output(const kernel_set *k, int height, int width, int variant) {
    static float in[POINTS * STEP], add[5 * ROW], mask[5 * ROW], bias[B];
    static float before[GUARD + 5 * ROW], memory[GUARD + 5 * ROW];
    float *const out = memory + GUARD;
    fill(in, POINTS * STEP);
    fill(add, 5 * ROW);
    fill(mask, 5 * ROW);
    fill(bias, B);
    fill(before, GUARD + 5 * ROW);
    memcpy(memory, before, sizeof memory);
    const float *const old = before + GUARD;
    const winograd_out tile = {
        .out = out,
        .add = !(variant & ADD)     ? NULL
               : variant & IN_PLACE ? out
                                    : add,
        .mask = !(variant & MASK)    ? NULL
                : variant & IN_PLACE ? out
                                     : mask,
        .row = ROW,
        .height = height,
        .width = width,
        .bias = variant & BIAS ? bias : NULL,
        .relu = variant & RELU,
    };
    k->winograd_output(in, STEP, &tile);
    for (int i = -GUARD; i < 5 * ROW; i++) {
        const int y = i / ROW, x = i % ROW / B, lane = i % B;
        double m[6][6];
        if (i < 0 || y >= height || x >= width) {
            assert_true(out[i] == old[i]);
            continue;
        }
        for (int p = 0; p < POINTS; p++)
            m[p / 6][p % 6] = (double)in[p * STEP + lane];
        double v = transformed(output_matrix, y, x, m) + (variant & BIAS ? (double)bias[lane] : 0);
        if (variant & ADD)
            v += (double)(variant & IN_PLACE ? old : add)[i];
        if (variant & RELU)
            v = fmax(v, 0);
        if (variant & MASK && !((variant & IN_PLACE ? old : mask)[i] > 0))
            v = 0;
        expect_near(k, (double)out[i], v);
    }
}

/* A ReLU hides no broken number. */
static void check_not_a_number(const kernel_set *k) {
    static float in[POINTS * STEP], out[B];
    in[3] = NAN;
    k->winograd_output(in, STEP,
                       &(winograd_out){.out = out, .height = 1, .width = 1, .relu = true});
    assert_true(isnan(out[3]) && out[2] == 0 && out[4] == 0);
}

static void test_input(void **state) {
    (void)state;
    for (int i = 0; kernels_at(i); i++) {
        if (kernels_supported(kernels_at(i)))
            check_input(kernels_at(i));
    }
}

static void test_output(void **state) {
    (void)state;
    for (int i = 0; kernels_at(i); i++) {
        if (!kernels_supported(kernels_at(i)))
            continue;
        for (int variant = 0; variant < VARIANTS; variant++) {
            for (int size = 0; size < 16; size++)
                check_output(kernels_at(i), 1 + size / 4, 1 + size % 4, variant);
        }
        check_not_a_number(kernels_at(i));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
