/* SPDX-License-Identifier: MIT
 *
 * The smoothness term against double precision, down to pictures of one pixel, row or column; its
 * weight, and the same bits for any number of threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "cost/smoothness.h"
#include "golden.h"

enum { MAX_SIDE = 40, MAX_COUNT = 3 * MAX_SIDE * MAX_SIDE };

static const int sizes[][2] = {{1, 1}, {1, 7}, {9, 1}, {2, 2}, {17, 19}, {16, 33}, {37, 29}};
#define SIZES (sizeof sizes / sizeof *sizes)

static unsigned seed = 23;

static void fill(float *v, int count) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)(seed >> 8) / 16777216.0f;
    }
}

/* Value and gradient; the gradient is added to what was there. */
static void test_against_the_reference(void **state) {
    (void)state;
    static float planes[MAX_COUNT], gradient[MAX_COUNT], before[MAX_COUNT];
    static double x[MAX_COUNT], expected[MAX_COUNT], rows[3 * MAX_SIDE];
    const double weight = 2.5;
    for (size_t s = 0; s < SIZES; s++) {
        const int height = sizes[s][0], width = sizes[s][1], count = 3 * height * width;
        fill(planes, count);
        fill(before, count);
        memcpy(gradient, before, sizeof gradient);
        for (int i = 0; i < count; i++) {
            x[i] = (double)planes[i];
            expected[i] = (double)before[i];
        }
        const double cost = reference_tv(x, height, width, weight, expected);
        golden_expect("J_tv", smoothness_eval(planes, height, width, 0, weight, gradient, rows),
                      cost, 1e-12);
        for (int i = 0; i < count; i++)
            golden_expect_near("dJ_tv/dG", (double)gradient[i], expected[i], 2e-6);
    }
}

/* Without a weight the value is told all the same, and the gradient is left alone. */
static void test_weight_zero(void **state) {
    (void)state;
    static float planes[MAX_COUNT], gradient[MAX_COUNT], before[MAX_COUNT];
    static double rows[3 * MAX_SIDE];
    fill(planes, MAX_COUNT);
    fill(before, MAX_COUNT);
    memcpy(gradient, before, sizeof gradient);
    const double without = smoothness_eval(planes, MAX_SIDE, MAX_SIDE, 0, 0, gradient, rows);
    assert_memory_equal(gradient, before, sizeof gradient);
    assert_true(without > 0);
    assert_true(without == smoothness_eval(planes, MAX_SIDE, MAX_SIDE, 0, 1, gradient, rows));
    assert_memory_not_equal(gradient, before, sizeof gradient);
}

/* By hand: differences of 1 and 2 to the right, 2 and 3 down, over an area of 4. */
static void test_by_hand(void **state) {
    (void)state;
    const float planes[12] = {0, 1, 2, 4}; /* red; green and blue are flat */
    float gradient[12] = {0};
    double rows[6];
    golden_expect("J_tv", smoothness_eval(planes, 2, 2, 0, 1, gradient, rows),
                  (1 + 4 + 4 + 9) / 4.0, 1e-12);
    const float expected[12] = {-1.5f, -1, 0, 2.5f};
    for (int i = 0; i < 12; i++)
        golden_expect_near("dJ_tv/dG", (double)gradient[i], (double)expected[i], 1e-6);
}

static void test_any_threads(void **state) {
    (void)state;
    static float planes[MAX_COUNT], first[MAX_COUNT], again[MAX_COUNT];
    static double rows[3 * MAX_SIDE];
    const int before = cpu_set_threads(1);
    fill(planes, MAX_COUNT);
    const double cost = smoothness_eval(planes, MAX_SIDE, MAX_SIDE, 0, 3, first, rows);
    for (int threads = 2; threads <= 3; threads++) {
        cpu_set_threads(threads);
        memset(again, 0, sizeof again);
        assert_true(cost == smoothness_eval(planes, MAX_SIDE, MAX_SIDE, 0, 3, again, rows));
        assert_memory_equal(first, again, sizeof first);
    }
    cpu_set_threads(before);
}

/* A picture in a margin that repeats it: each pixel has four neighbours, and the margin counts for
 * nothing. */
static void test_repeating(void **state) {
    (void)state;
    enum { WIDTH = 19, HEIGHT = 13, MARGIN = 3, ALL = WIDTH + 2 * MARGIN, COUNT = 3 * ALL * ALL };
    static float inner[3 * WIDTH * HEIGHT], planes[COUNT], gradient[COUNT];
    static double rows[3 * ALL];
    const int height = HEIGHT + 2 * MARGIN;
    double cost = 0, slope[3 * WIDTH * HEIGHT] = {0};
    fill(inner, 3 * WIDTH * HEIGHT);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const int row = i / WIDTH * WIDTH, plane = i / (WIDTH * HEIGHT) * (WIDTH * HEIGHT);
        const int beside[2] = {row + (i + 1 - row) % WIDTH,
                               plane + (i - plane + WIDTH) % (WIDTH * HEIGHT)};
        for (int k = 0; k < 2; k++) {
            const double d = (double)inner[beside[k]] - (double)inner[i];
            cost += d * d / (WIDTH * HEIGHT);
            slope[beside[k]] += 3 * 2 * d / (WIDTH * HEIGHT);
            slope[i] -= 3 * 2 * d / (WIDTH * HEIGHT);
        }
    }
    for (int i = 0; i < 3 * height * ALL; i++) {
        const int x = (i % ALL - MARGIN + WIDTH) % WIDTH;
        const int y = (i / ALL % height - MARGIN + HEIGHT) % HEIGHT;
        planes[i] = inner[(i / (ALL * height) * HEIGHT + y) * WIDTH + x];
    }
    golden_expect("J_tv", smoothness_eval(planes, height, ALL, MARGIN, 3, gradient, rows), cost,
                  1e-12);
    for (int i = 0; i < 3 * height * ALL; i++) {
        const int x = i % ALL - MARGIN, y = i / ALL % height - MARGIN;
        const bool in = x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT;
        const int at = (i / (ALL * height) * HEIGHT + y) * WIDTH + x;
        golden_expect_near("dJ_tv/dG", (double)gradient[i], in ? slope[at] : 0, 2e-6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_reference),
        cmocka_unit_test(test_weight_zero),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_repeating),
        cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
