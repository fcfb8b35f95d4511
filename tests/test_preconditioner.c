/* SPDX-License-Identifier: MIT
 *
 * The preconditioner is what L-BFGS needs it to be: linear, symmetric, positive definite, the same
 * for any number of threads; and it smooths.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "transfer/preconditioner.h"

enum { PLANES = 3, MAX_COUNT = PLANES * 40 * 40 };

static const int sizes[][2] = {{1, 1}, {1, 9}, {2, 3}, {3, 17}, {16, 16}, {37, 29}};
#define SIZES (sizeof sizes / sizeof *sizes)

static unsigned seed = 3;

static void fill(float *v, int count) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)((seed >> 8) / 8388608.0 - 1);
    }
}

static double dot(const float *a, const float *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void walk(void *part, layout *to) {
    preconditioner_layout(part, to);
}

/* Returns the product of both, which comes without `out`, too. */
static double apply_as(const int size[2], bool repeats, const float *in, float *out) {
    preconditioner s;
    layout memory;
    error err;
    preconditioner_prepare(&s, PLANES, size[0], size[1], kernels_best());
    s.repeats = repeats;
    assert_true(layout_make(&memory, walk, &s, &err));
    const double product = preconditioner_apply(&s, in, out);
    assert_true(preconditioner_apply(&s, in, NULL) == product);
    layout_free(&memory);
    return product;
}

static double apply(const int size[2], const float *in, float *out) {
    return apply_as(size, false, in, out);
}

static void test_symmetric_and_positive(void **state) {
    (void)state;
    static float u[MAX_COUNT], v[MAX_COUNT], su[MAX_COUNT], sv[MAX_COUNT];
    for (size_t i = 0; i < SIZES; i++) {
        const int count = PLANES * sizes[i][0] * sizes[i][1];
        for (int round = 0; round < 5; round++) {
            fill(u, count);
            fill(v, count);
            const double product = apply(sizes[i], u, su);
            assert_true(fabs(product - dot(u, su, count)) < 1e-12 * dot(u, u, count));
            apply(sizes[i], v, sv);
            assert_true(fabs(dot(u, sv, count) - dot(su, v, count)) <
                        1e-6 * sqrt(dot(u, u, count) * dot(v, v, count)));
            assert_true(dot(u, su, count) > 0.008 * dot(u, u, count));
        }
    }
}

/* A constant passes whole; of a grey checkerboard, the finest noise, only the identity's share. */
static void test_smooths(void **state) {
    (void)state;
    static float v[MAX_COUNT], sv[MAX_COUNT];
    const int size[2] = {20, 30}, count = PLANES * 20 * 30;
    for (int i = 0; i < count; i++)
        v[i] = 0.7f;
    apply(size, v, sv);
    for (int i = 0; i < count; i++)
        assert_true(fabs((double)sv[i] - 0.7) < 1e-6);
    for (int i = 0; i < count; i++)
        v[i] = (i / 30 + i % 30) % 2 ? 1 : -1;
    apply(size, v, sv);
    for (int i = 10 * 30 + 8; i < 10 * 30 + 22;
         i++) /* away from the border, which repeats itself */
        assert_true(fabs((double)sv[i] - 0.05 * (double)v[i]) < 1e-6);
}

/* One lit pixel spreads; in the others of its plane and, as far as it is light, in all planes. */
static void test_spreads(void **state) {
    (void)state;
    static float v[MAX_COUNT], sv[MAX_COUNT];
    const int size[2] = {12, 10}, plane = 120;
    memset(v, 0, sizeof v);
    v[plane + 2 * 10 + 3] = 1;
    apply(size, v, sv);
    double sum[PLANES] = {0};
    for (int i = 0; i < PLANES * plane; i++)
        sum[i / plane] += (double)sv[i];
    assert_true(fabs(sum[0]) < 1e-6 && fabs(sum[1] - 1) < 1e-6 && fabs(sum[2]) < 1e-6);
}

/* Grain in colours keeps less of itself than grain in light. */
static void test_colors_are_smoother(void **state) {
    (void)state;
    static float v[MAX_COUNT], sv[MAX_COUNT];
    const int size[2] = {20, 30}, plane = 20 * 30, middle = 10 * 30 + 15;
    for (int i = 0; i < plane; i++) {
        v[i] = (i / 30 + i % 30) % 2 ? 1 : -1;
        v[plane + i] = -v[i];
        v[2 * plane + i] = 0;
    }
    apply(size, v, sv);
    assert_true(fabs((double)sv[middle] - 0.01 * (double)v[middle]) < 1e-6);
    assert_true(fabs((double)sv[plane + middle] + 0.01 * (double)v[middle]) < 1e-6);
    assert_true(fabs((double)sv[2 * plane + middle]) < 1e-6);
}

/* Of a picture that repeats S does not know where it begins, and is symmetric all the same. */
static void test_repeats(void **state) {
    (void)state;
    static float u[MAX_COUNT], v[MAX_COUNT], su[MAX_COUNT], sv[MAX_COUNT];
    for (size_t i = 0; i < SIZES; i++) {
        const int height = sizes[i][0], width = sizes[i][1], count = PLANES * height * width;
        const int down = height / 3 + 1, across = width / 2 + 1;
        fill(u, count);
        for (int k = 0; k < count; k++) {
            const int plane = k / (height * width), y = k / width % height, x = k % width;
            v[k] = u[(plane * height + (y + down) % height) * width + (x + across) % width];
        }
        apply_as(sizes[i], true, u, su);
        apply_as(sizes[i], true, v, sv);
        for (int k = 0; k < count; k++) {
            const int plane = k / (height * width), y = k / width % height, x = k % width;
            const float moved =
                su[(plane * height + (y + down) % height) * width + (x + across) % width];
            assert_true(fabs((double)sv[k] - (double)moved) < 1e-6);
        }
        fill(v, count);
        apply_as(sizes[i], true, v, sv);
        assert_true(fabs(dot(u, sv, count) - dot(su, v, count)) <
                    1e-6 * sqrt(dot(u, u, count) * dot(v, v, count)));
        assert_true(dot(u, su, count) > 0.008 * dot(u, u, count));
    }
}

static void test_any_threads(void **state) {
    (void)state;
    static float v[MAX_COUNT], one[MAX_COUNT], more[MAX_COUNT];
    const int before = cpu_set_threads(1);
    fill(v, PLANES * 37 * 29);
    apply(sizes[5], v, one);
    for (int threads = 2; threads <= 3; threads++) {
        cpu_set_threads(threads);
        apply(sizes[5], v, more);
        assert_memory_equal(one, more, PLANES * 37 * 29 * sizeof *one);
    }
    cpu_set_threads(1);
    apply_as(sizes[5], true, v, one);
    cpu_set_threads(3);
    apply_as(sizes[5], true, v, more);
    assert_memory_equal(one, more, PLANES * 37 * 29 * sizeof *one);
    cpu_set_threads(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symmetric_and_positive),
        cmocka_unit_test(test_smooths),
        cmocka_unit_test(test_spreads),
        cmocka_unit_test(test_colors_are_smoother),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
