/* SPDX-License-Identifier: MIT
 *
 * The optimisers' vector arithmetic against plain loops in double, at lengths round the chunks'
 * and lanes' bounds, and the same bits for any number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "optimize/vector.h"
#include "strips.h"

/* The longest is past a second piece of 1024 in each of 256 chunks. */
static const int lengths[] = {1, 15, 16, 17, 255, 4095, 4096, 4097, 8209, 100003, 300007};
#define LENGTHS (int)(sizeof lengths / sizeof *lengths)
#define LONGEST 300007
#define BEYOND 16 /* floats after the end, which stay as they are */

/* x lies in the box, with many values on its bounds; g has many zeros. */
static float x[LONGEST], g[LONGEST], d[LONGEST], out[LONGEST + BEYOND];

static int fill(void **state) {
    (void)state;
    unsigned seed = 9;
    for (int i = 0; i < LONGEST; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = fminf(fmaxf((float)(seed >> 8) / 8388608.0f - 0.5f, 0), 1);
        g[i] = i % 11 ? sinf((float)i) : 0; /* of all sizes, so that sums are not exact */
        d[i] = cosf((float)(3 * i));
    }
    return 0;
}

static void expect_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g instead of %.17g", value, expected);
}

/* Puts 7 beyond the end and, by expect_end, sees that it is still there. */
static void mark_end(int n) {
    for (int i = 0; i < BEYOND; i++)
        out[n + i] = 7;
}

static void expect_end(int n) {
    for (int i = 0; i < BEYOND; i++)
        assert_true(out[n + i] == 7);
}

static void check_sums(int n) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += (double)g[i] * (double)d[i];
        squares += (double)x[i] * (double)x[i];
    }
    expect_near(vector_dot(g, d, (size_t)n), sum, 1e-12 * n);
    expect_near(vector_dot(x, x, (size_t)n), squares, 1e-12 * n);
}

/* One bad value anywhere is seen. */
static void check_finite(int n) {
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    memcpy(out, g, (size_t)n * sizeof *out);
    out[n - 1] = 3e38f; /* and no sum of large ones is taken for it */
    out[n / 2] = 3e38f;
    assert_true(vector_finite(out, (size_t)n));
    for (int k = 0; k <= 300; k++) {
        const int place = (int)((int64_t)(n - 1) * k / 300);
        const float good = out[place];
        out[place] = bad[k % 3];
        assert_false(vector_finite(out, (size_t)n));
        out[place] = good;
    }
    out[n] = NAN;
    assert_true(vector_finite(out, (size_t)n));
}

static void check_plain(int n) {
    mark_end(n);
    memcpy(out, g, (size_t)n * sizeof *out);
    vector_scale(out, 2.5, (size_t)n);
    for (int i = 0; i < n; i++)
        assert_true(out[i] == 2.5f * g[i]);
    expect_end(n);
}

/* Steps end on the box; what would only push against it is not free. */
static void check_box(int n) {
    mark_end(n);
    vector_step(x, -0.5, g, out, (size_t)n);
    for (int i = 0; i < n; i++) {
        assert_true(out[i] >= 0 && out[i] <= 1);
        expect_near((double)out[i], fmin(fmax((double)x[i] - 0.5 * (double)g[i], 0), 1), 1e-7);
    }
    vector_free_gradient(x, g, out, (size_t)n);
    for (int i = 0; i < n; i++) {
        const bool held = (x[i] <= 0 && g[i] > 0) || (x[i] >= 1 && g[i] < 0);
        assert_true(out[i] == (held ? 0 : g[i]));
    }
    expect_end(n);
}

static void test_sums(void **state) {
    (void)state;
    for (int i = 0; i < LENGTHS; i++)
        check_sums(lengths[i]);
}

static void test_finite(void **state) {
    (void)state;
    for (int i = 0; i < LENGTHS; i++)
        check_finite(lengths[i]);
}

static void test_plain(void **state) {
    (void)state;
    for (int i = 0; i < LENGTHS; i++)
        check_plain(lengths[i]);
}

static void test_box(void **state) {
    (void)state;
    for (int i = 0; i < LENGTHS; i++)
        check_box(lengths[i]);
}

static void test_any_threads(void **state) {
    (void)state;
    const int before = cpu_set_threads(0);
    double expected = 0;
    for (int threads = 1; threads <= 3; threads++) {
        cpu_set_threads(threads);
        const double sum = vector_dot(g, d, LONGEST);
        if (threads == 1)
            expected = sum;
        assert_memory_equal(&sum, &expected, sizeof sum);
    }
    cpu_set_threads(before);
}

typedef struct parts {
    size_t count;
    double places[VECTOR_CHUNKS];
} parts;

static void add_part(void *user, vector_range range) {
    parts *self = user;
    vector_dot_range(g, d, self->count, range, self->places);
}

/* A picture in strips of rows of any heights, at widths that cut chunks anywhere. */
static void test_strips(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 16},   {700, 16}, {211, 64}, {101, 100}, {41, 300},
                                   {29, 384}, {17, 512}, {9, 1000}, {100, 1000}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        parts all = {.count = 3 * (size_t)sizes[i][0] * (size_t)sizes[i][1]};
        const double expected = vector_dot(g, d, all.count);
        for (unsigned seed = 1; seed < 6; seed++) {
            for (int k = 0; k < VECTOR_CHUNKS; k++)
                all.places[k] = NAN; /* until it is written */
            strips_each(sizes[i][0], sizes[i][1], seed, add_part, &all);
            const double sum = vector_total(all.places, all.count);
            assert_memory_equal(&sum, &expected, sizeof sum);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),        cmocka_unit_test(test_finite),
        cmocka_unit_test(test_plain),       cmocka_unit_test(test_box),
        cmocka_unit_test(test_any_threads), cmocka_unit_test(test_strips),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
