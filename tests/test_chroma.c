/* SPDX-License-Identifier: MIT
 *
 * The smoothness of colours against double precision, down to pictures of one pixel, row or column:
 * it is that of the picture without its grey, and leaves grey alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "cost/chroma.h"
#include "cost/smoothness.h"
#include "golden.h"

enum { MAX_SIDE = 40, PLANE = MAX_SIDE * MAX_SIDE, MAX_COUNT = 3 * PLANE };

static const int sizes[][2] = {{1, 1}, {1, 7}, {9, 1}, {2, 2}, {17, 19}, {16, 33}, {37, 29}};
#define SIZES (sizeof sizes / sizeof *sizes)

static unsigned seed = 29;

static void fill(float *v, int count) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)(seed >> 8) / 16777216.0f;
    }
}

/* Takes the mean of three planes out of each. */
static void remove_grey(double *planes, int plane) {
    for (int i = 0; i < plane; i++) {
        const double grey = (planes[i] + planes[plane + i] + planes[2 * plane + i]) / 3;
        for (int c = 0; c < 3; c++)
            planes[c * plane + i] -= grey;
    }
}

/* Value and gradient; the gradient is added to what was there. */
static void is_smoothness_without_grey(void **state) {
    (void)state;
    static float planes[MAX_COUNT], gradient[MAX_COUNT], before[MAX_COUNT];
    static double x[MAX_COUNT], expected[MAX_COUNT], rows[MAX_SIDE];
    const double weight = 2.5;
    for (size_t s = 0; s < SIZES; s++) {
        const int height = sizes[s][0], width = sizes[s][1], count = 3 * height * width;
        fill(planes, count);
        fill(before, count);
        memcpy(gradient, before, sizeof gradient);
        for (int i = 0; i < count; i++) {
            x[i] = (double)planes[i];
            expected[i] = 0;
        }
        remove_grey(x, height * width);
        const double cost = reference_tv(x, height, width, weight, expected);
        remove_grey(expected, height * width);
        golden_expect_near("J_chroma",
                           chroma_eval(planes, height, width, 0, weight, gradient, rows), cost,
                           1e-12 * (1 + cost));
        for (int i = 0; i < count; i++)
            golden_expect_near("dJ_chroma/dG", (double)gradient[i], (double)before[i] + expected[i],
                               4e-6);
    }
}

/* Grey grain costs nothing; without a weight the gradient is left alone. */
static void leaves_grey_alone(void **state) {
    (void)state;
    static float planes[MAX_COUNT], gradient[MAX_COUNT], before[MAX_COUNT];
    static double rows[MAX_SIDE];
    fill(planes, PLANE);
    memcpy(planes + PLANE, planes, PLANE * sizeof *planes);
    memcpy(planes + 2 * PLANE, planes, PLANE * sizeof *planes);
    golden_expect_near("J_chroma", chroma_eval(planes, MAX_SIDE, MAX_SIDE, 0, 1, gradient, rows), 0,
                       1e-12);
    for (int i = 0; i < MAX_COUNT; i++)
        golden_expect_near("dJ_chroma/dG", (double)gradient[i], 0, 1e-9);
    fill(planes, MAX_COUNT);
    for (int i = 0; i < MAX_COUNT; i++)
        gradient[i] = i % 2 ? -0.0f : 1; /* to which adding nothing shows */
    memcpy(before, gradient, sizeof before);
    const double without = chroma_eval(planes, MAX_SIDE, MAX_SIDE, 0, 0, gradient, rows);
    assert_memory_equal(gradient, before, sizeof gradient);
    assert_true(without > 0);
    assert_true(without == chroma_eval(planes, MAX_SIDE, MAX_SIDE, 0, 1, gradient, rows));
}

static void any_threads(void **state) {
    (void)state;
    static float planes[MAX_COUNT], first[MAX_COUNT], again[MAX_COUNT];
    static double rows[MAX_SIDE];
    const int before = cpu_set_threads(1);
    fill(planes, MAX_COUNT);
    const double cost = chroma_eval(planes, MAX_SIDE, MAX_SIDE, 0, 3, first, rows);
    for (int threads = 2; threads <= 3; threads++) {
        cpu_set_threads(threads);
        memset(again, 0, sizeof again);
        assert_true(cost == chroma_eval(planes, MAX_SIDE, MAX_SIDE, 0, 3, again, rows));
        assert_memory_equal(first, again, sizeof first);
    }
    cpu_set_threads(before);
}

/* With a margin that repeats the picture it is the smoothness without grey, too. */
static void a_margin_counts_for_nothing(void **state) {
    (void)state;
    enum {
        WIDTH = 19,
        HEIGHT = 13,
        MARGIN = 3,
        ALL = WIDTH + 2 * MARGIN,
        HIGH = HEIGHT + 2 * MARGIN
    };
    static float planes[3 * ALL * HIGH], grey[3 * ALL * HIGH], gradient[3 * ALL * HIGH],
        expected[3 * ALL * HIGH];
    static double x[3 * ALL * HIGH], rows[3 * HIGH];
    fill(planes, 3 * HEIGHT * WIDTH);
    for (int i = 3 * ALL * HIGH - 1; i >= 0; i--) { /* spread out from the end */
        const int column = (i % ALL - MARGIN + WIDTH) % WIDTH;
        const int row = (i / ALL % HIGH - MARGIN + HEIGHT) % HEIGHT;
        x[i] = (double)planes[(i / (ALL * HIGH) * HEIGHT + row) * WIDTH + column];
    }
    for (int i = 0; i < 3 * ALL * HIGH; i++)
        planes[i] = (float)x[i];
    remove_grey(x, ALL * HIGH);
    for (int i = 0; i < 3 * ALL * HIGH; i++)
        grey[i] = (float)x[i];
    const double found = chroma_eval(planes, HIGH, ALL, MARGIN, 2, gradient, rows);
    golden_expect("J_chroma", found, smoothness_eval(grey, HIGH, ALL, MARGIN, 2, expected, rows),
                  1e-6);
    for (int i = 0; i < 3 * ALL * HIGH; i++)
        golden_expect_near("dJ_chroma/dG", (double)gradient[i], (double)expected[i], 2e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_smoothness_without_grey),
        cmocka_unit_test(leaves_grey_alone),
        cmocka_unit_test(a_margin_counts_for_nothing),
        cmocka_unit_test(any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
