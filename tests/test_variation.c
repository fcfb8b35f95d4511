/* SPDX-License-Identifier: MIT
 *
 * Smoothness as other programs have it against the same once more in double precision, pair by
 * pair, down to pictures of one pixel, row or column; its weight, and the same bits for any number
 * of threads.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "cost/variation.h"
#include "golden.h"

enum { MAX_SIDE = 40, MAX_COUNT = 3 * MAX_SIDE * MAX_SIDE };

static const int sizes[][2] = {{1, 1}, {1, 7}, {9, 1}, {2, 2}, {17, 19}, {16, 33}, {37, 29}};
#define SIZES (sizeof sizes / sizeof *sizes)

static unsigned seed = 23;

/* In steps of 1/16, so that some neighbours are alike. */
static void fill(float *v, int count) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        v[i] = (float)(seed >> 28) / 16.0f;
    }
}

/* ---- in double ---- */

typedef struct naive {
    const double *x;
    double *slope; /* what each pair pulls at is added */
    double weight, value;
    int height, width;
} naive;

static int clamped(int i, int count) {
    return i < 0 ? 0 : i >= count ? count - 1 : i;
}

static ptrdiff_t at(const naive *self, int c, int y, int x) {
    return ((ptrdiff_t)c * self->height + clamped(y, self->height)) * self->width +
           clamped(x, self->width);
}

static void add_pair(naive *self, ptrdiff_t from, ptrdiff_t to, double factor, bool absolute) {
    const double d = self->x[to] - self->x[from];
    const double pull = absolute ? (d > 0 ? 1 : d < 0 ? -1 : 0) : 2 * d;
    self->value += factor * (absolute ? fabs(d) : d * d);
    self->slope[to] += self->weight * factor * pull;
    self->slope[from] -= self->weight * factor * pull;
}

static void add_pixel(naive *self, smoothness_kind kind, int c, int y, int x) {
    const int h = self->height, w = self->width;
    const bool inner = y + 1 < h && x + 1 < w, absolute = kind == SMOOTHNESS_ABSOLUTE;
    const double factor = kind == SMOOTHNESS_STENCIL ? 2.0 / 3 / (3 * h * w) : absolute ? 1 : 0.5;
    if (kind == SMOOTHNESS_SQUARES && !inner)
        return;
    add_pair(self, at(self, c, y, x), at(self, c, y, x + 1), factor, absolute);
    add_pair(self, at(self, c, y, x), at(self, c, y + 1, x), factor, absolute);
}

/* Of a plane with a ring around it. */
static void add_diagonals(naive *self, int c) {
    const double factor = 2.0 / 12 / (3 * (self->height + 1) * (self->width + 1));
    for (int y = -1; y < self->height; y++) {
        for (int x = -1; x < self->width; x++) {
            add_pair(self, at(self, c, y, x), at(self, c, y + 1, x + 1), factor, false);
            add_pair(self, at(self, c, y, x + 1), at(self, c, y + 1, x), factor, false);
        }
    }
}

static double naively(smoothness_kind kind, const double *x, int height, int width, double weight,
                      double *slope) {
    naive self = {x, slope, weight, 0, height, width};
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < height * width; i++)
            add_pixel(&self, kind, c, i / width, i % width);
        if (kind == SMOOTHNESS_STENCIL)
            add_diagonals(&self, c);
    }
    return self.value;
}

/* ---- tests ---- */

/* Value and gradient; the gradient is added to what was there. */
static void check(smoothness_kind kind, int height, int width) {
    static float planes[MAX_COUNT], gradient[MAX_COUNT];
    static double x[MAX_COUNT], expected[MAX_COUNT], rows[3 * MAX_SIDE];
    const double weight = 2.5;
    const int count = 3 * height * width;
    fill(planes, count);
    fill(gradient, count);
    for (int i = 0; i < count; i++) {
        x[i] = (double)planes[i];
        expected[i] = (double)gradient[i];
    }
    const double cost = naively(kind, x, height, width, weight, expected);
    golden_expect_near("J_tv",
                       variation_eval(kind, planes, height, width, 0, weight, gradient, rows), cost,
                       1e-12 * cost);
    for (int i = 0; i < count; i++)
        golden_expect_near("dJ_tv/dG", (double)gradient[i], expected[i], 2e-6);
}

static void test_against_pairs(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        for (int kind = SMOOTHNESS_SQUARES; kind <= SMOOTHNESS_STENCIL; kind++)
            check((smoothness_kind)kind, sizes[s][0], sizes[s][1]);
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
    for (int kind = SMOOTHNESS_SQUARES; kind <= SMOOTHNESS_STENCIL; kind++) {
        assert_true(variation_eval((smoothness_kind)kind, planes, MAX_SIDE, MAX_SIDE, 0, 0,
                                   gradient, rows) > 0);
        assert_memory_equal(gradient, before, sizeof gradient);
    }
}

static void test_any_threads(void **state) {
    (void)state;
    static float planes[MAX_COUNT], first[MAX_COUNT], again[MAX_COUNT];
    static double rows[3 * MAX_SIDE];
    const int before = cpu_set_threads(1);
    fill(planes, MAX_COUNT);
    for (int kind = SMOOTHNESS_SQUARES; kind <= SMOOTHNESS_STENCIL; kind++) {
        const smoothness_kind k = (smoothness_kind)kind;
        memset(first, 0, sizeof first);
        memset(again, 0, sizeof again);
        cpu_set_threads(1);
        const double cost = variation_eval(k, planes, MAX_SIDE, MAX_SIDE, 0, 3, first, rows);
        cpu_set_threads(3);
        assert_true(cost == variation_eval(k, planes, MAX_SIDE, MAX_SIDE, 0, 3, again, rows));
        assert_memory_equal(first, again, sizeof first);
    }
    cpu_set_threads(before);
}

/* A picture that is repeated all around has the values and slopes of one without edges: moved in a
 * circle it has the same, moved as it is. */
static void test_without_edges(void **state) {
    (void)state;
    enum { SIDE = 12, MARGIN = 3, INNER = SIDE - 2 * MARGIN };
    static float planes[3 * SIDE * SIDE], moved[3 * SIDE * SIDE];
    for (int kind = SMOOTHNESS_SQUARES; kind <= SMOOTHNESS_STENCIL; kind++) {
        const smoothness_kind k = (smoothness_kind)kind;
        float inner[3 * INNER * INNER], slopes[3 * SIDE * SIDE] = {0},
                                                          others[3 * SIDE * SIDE] = {0};
        double rows[3 * SIDE];
        fill(inner, 3 * INNER * INNER);
        for (int i = 0; i < 3 * SIDE * SIDE; i++) {
            const int c = i / (SIDE * SIDE), y = i / SIDE % SIDE + MARGIN, x = i % SIDE + MARGIN;
            planes[i] = inner[(c * INNER + y % INNER) * INNER + x % INNER];
            moved[i] = inner[(c * INNER + (y + 1) % INNER) * INNER + (x + 2) % INNER];
        }
        const double value = variation_eval(k, planes, SIDE, SIDE, MARGIN, 1, slopes, rows);
        golden_expect("J_tv", variation_eval(k, moved, SIDE, SIDE, MARGIN, 1, others, rows), value,
                      1e-12);
        for (int i = 0; i < 3 * INNER * INNER; i++) {
            const int c = i / (INNER * INNER), y = i / INNER % INNER, x = i % INNER;
            const int there = (c * SIDE + MARGIN + y) * SIDE + MARGIN + x;
            const int here =
                (c * SIDE + MARGIN + (y + 1) % INNER) * SIDE + MARGIN + (x + 2) % INNER;
            golden_expect_near("slope", (double)others[there], (double)slopes[here], 1e-6);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_pairs),
        cmocka_unit_test(test_weight_zero),
        cmocka_unit_test(test_any_threads),
        cmocka_unit_test(test_without_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
