/* SPDX-License-Identifier: MIT
 *
 * Gram matrices and means where a mask leaves little: runs of zeros, rows without a pixel, a single
 * one; by every kernel set against double precision, in strips and by any number of threads. Blends
 * of several pictures, and the way back, which is nothing outside of the mask.
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
#include "cost/gram.h"
#include "gram_back.h"
#include "kernel_buffers.h"
#include "tensors.h"

enum { MOST_CHANNELS = 260, PATTERNS = 7 };

typedef struct shape {
    int channels, height, width;
} shape;

/* The fourth has more rows than are kept at once. */
static const shape shapes[] = {{5, 1, 7},     {17, 29, 19}, {33, 9, 61},
                               {20, 80, 200}, {3, 3, 1100}, {260, 6, 23}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* The weight of a pixel: runs of ones and of halves, some rows, a corner, single pixels, nothing.
 */
static float weight_at(int pattern, shape s, int x, int y) {
    switch (pattern) {
    case 0:
        return x / 5 % 3 == 1 ? 1 : x / 5 % 3 == 2 ? 0.5f : 0;
    case 1:
        return y % 7 == 3 ? (float)(x % 4) / 4 : 0;
    case 2:
        return 2 * x < s.width && 2 * y > s.height ? 1 : 0;
    case 3:
        return x == s.width - 1 && y == s.height - 1 ? 0.75f : 0;
    case 4:
        return x == 0 && y == 0 ? 1 : 0;
    case 5:
        return (x * 7 + y * 3) % 11 == 0 ? 0.25f : 0;
    default:
        return 0;
    }
}

static cost_mask new_mask(int pattern, shape s) {
    cost_mask self = {.height = s.height, .width = s.width};
    self.weights = malloc((size_t)(s.height * s.width) * sizeof(float));
    assert_non_null(self.weights);
    for (int i = 0; i < s.height * s.width; i++)
        self.weights[i] = weight_at(pattern, s, i % s.width, i / s.width);
    cost_mask_sum(&self);
    return self;
}

typedef struct problem {
    shape shape;
    gram gram;
    layout memory;
    cost_mask mask;
    tensor a;
    double *values; /* of a */
} problem;

static void walk(void *part, layout *to) {
    gram_layout(part, to);
}

/* Activations as after a ReLU; the same for one seed. */
static void take_values(problem *self, const kernel_set *k, unsigned seed) {
    const shape s = self->shape;
    const int count = s.channels * s.height * s.width;
    unsigned state = seed;
    self->values = random_values(count);
    for (int i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        self->values[i] =
            (double)value_kept(kernels_activation_bytes(k), (double)(state >> 8) / (1 << 24));
    }
    self->a = tensor_of(kernels_activation_bytes(k), self->values, s.channels, s.height, s.width);
}

static void drop_values(problem *self) {
    tensor_free(&self->a);
    free(self->values);
}

static void open_problem(problem *self, const kernel_set *k, shape s, int pattern) {
    error err;
    self->shape = s;
    self->mask = new_mask(pattern, s);
    take_values(self, k, 1);
    gram_prepare(&self->gram, k, s.channels, s.height, s.width, true, &self->mask);
    self->gram.means = true;
    assert_true(layout_make(&self->memory, walk, &self->gram, &err));
}

static void close_problem(problem *self) {
    layout_free(&self->memory);
    drop_values(self);
    free(self->mask.weights);
}

/* In strips of so many rows; shares as of gram_finish. */
static void compute(const problem *self, int strip, int threads, double share, double *matrix,
                    double *means) {
#pragma omp parallel num_threads(threads)
    {
        for (int y = 0; y < self->shape.height; y += strip) {
            const int left = self->shape.height - y;
            const tensor rows = tensor_rows(&self->a, y, left < strip ? left : strip);
            gram_add(&self->gram, y, &rows);
        }
        gram_finish(&self->gram, share, matrix);
        gram_finish_means(&self->gram, share, means);
    }
    (void)threads;
}

/* The same pixel by pixel, of values that are rounded where rows are kept times the mask. */
static void compute_in_double(const problem *self, double *matrix, double *means) {
    const int c = self->shape.channels, n = self->shape.height * self->shape.width;
    const size_t bytes = kernels_activation_bytes(self->gram.kernels);
    double kept[MOST_CHANNELS];
    memset(matrix, 0, (size_t)(c * c) * sizeof *matrix);
    memset(means, 0, (size_t)c * sizeof *means);
    for (int p = 0; p < n && self->mask.squares > 0; p++) {
        const float weight = self->mask.weights[p];
        for (int i = 0; i < c; i++) {
            kept[i] = (double)value_kept(bytes, (double)((float)self->values[i * n + p] * weight));
            means[i] += (double)weight * kept[i] / self->mask.squares;
        }
        for (int i = 0; weight > 0 && i < c * c; i++)
            matrix[i] += kept[i / c] * kept[i % c] / self->mask.squares;
    }
}

static void expect_sums(const problem *self, const double *matrix, const double *means,
                        const double *wanted, const double *wanted_means) {
    const int c = self->shape.channels;
    for (int i = 0; i < c * c; i++)
        expect_near("masked gram", self->gram.kernels, matrix[i], wanted[i], 3e-6 * wanted[i]);
    for (int i = 0; i < c; i++)
        expect_near("masked mean", self->gram.kernels, means[i], wanted_means[i],
                    3e-6 * wanted_means[i]);
}

static double *new_matrix(double value) {
    double *self = malloc(MOST_CHANNELS * MOST_CHANNELS * sizeof *self);
    assert_non_null(self);
    for (int i = 0; i < MOST_CHANNELS * MOST_CHANNELS; i++)
        self[i] = value;
    return self;
}

static void check_sums(const kernel_set *k) {
    double *matrix = new_matrix(NAN), *wanted = new_matrix(0);
    double means[MOST_CHANNELS], wanted_means[MOST_CHANNELS];
    for (int i = 0; i < SHAPES * PATTERNS; i++) {
        problem self;
        open_problem(&self, k, shapes[i / PATTERNS], i % PATTERNS);
        compute_in_double(&self, wanted, wanted_means);
        for (int strip = 1; strip <= 40; strip += 13) {
            compute(&self, strip, 2, 0, matrix, means);
            expect_sums(&self, matrix, means, wanted, wanted_means);
        }
        close_problem(&self);
    }
    free(matrix);
    free(wanted);
}

static void test_sums(void **state) {
    (void)state;
    for_each_set(check_sums);
}

/* ---- threads and strips ---- */

static void check_bits(const kernel_set *k) {
    double *first = new_matrix(0), *again = new_matrix(0);
    double first_means[MOST_CHANNELS], means[MOST_CHANNELS];
    for (int i = 0; i < 2 * PATTERNS; i++) {
        const shape s = shapes[i < PATTERNS ? 1 : SHAPES - 1];
        for (int threads = 1; threads <= 4; threads++) {
            const int before = cpu_set_threads(threads); /* the tasks are made for so many */
            problem self;
            open_problem(&self, k, s, i % PATTERNS);
            compute(&self, threads == 1 ? s.height : 3 * threads, threads, 0, again, means);
            close_problem(&self);
            cpu_set_threads(before);
            if (threads == 1) {
                memcpy(first, again, MOST_CHANNELS * MOST_CHANNELS * sizeof *first);
                memcpy(first_means, means, sizeof means);
            }
            const size_t count = (size_t)(s.channels * s.channels);
            assert_memory_equal(first, again, count * sizeof *first);
            assert_memory_equal(first_means, means, (size_t)s.channels * sizeof *means);
        }
    }
    free(first);
    free(again);
}

static void test_any_threads(void **state) {
    (void)state;
    for_each_set(check_bits);
}

/* ---- blends ---- */

/* Shares of three pictures add up in the matrix and the means; without one the last is all. */
static void check_blends(const kernel_set *k) {
    static const double shares[] = {0.5, 0.125, 0.375};
    double *matrix = new_matrix(0), *sum = new_matrix(0), *one = new_matrix(0);
    double means[MOST_CHANNELS] = {0}, sum_means[MOST_CHANNELS] = {0}, one_means[MOST_CHANNELS];
    problem self;
    open_problem(&self, k, shapes[1], 0);
    for (int i = 0; i < 3; i++) {
        if (i) {
            drop_values(&self);
            take_values(&self, k, 1 + (unsigned)i);
        }
        compute_in_double(&self, one, one_means);
        for (int v = 0; v < self.shape.channels * self.shape.channels; v++)
            sum[v] += shares[i] * one[v];
        for (int v = 0; v < self.shape.channels; v++)
            sum_means[v] += shares[i] * one_means[v];
        compute(&self, 8, 2, shares[i], matrix, means);
    }
    expect_sums(&self, matrix, means, sum, sum_means);
    compute(&self, 8, 2, 0, matrix, means);
    expect_sums(&self, matrix, means, one, one_means);
    close_problem(&self);
    free(matrix);
    free(sum);
    free(one);
}

static void test_blends(void **state) {
    (void)state;
    for_each_set(check_blends);
}

/* ---- the way back ---- */

/* What is expected at value i, and how far it may be off. */
static double slope_at(const problem *self, const double *matrix, const double *constants, int i,
                       double *off) {
    const int c = self->shape.channels, n = self->shape.height * self->shape.width;
    const double weight = (double)self->mask.weights[i % n], square = weight * weight;
    double sum = constants[i / n], sizes = fabs(sum);
    for (int j = 0; j < c; j++) {
        const double product = matrix[i / n * c + j] * self->values[j * n + i % n];
        sum += product;
        sizes += fabs(product);
    }
    *off = gram_back_off(&self->gram, square * sizes);
    return square * sum;
}

/* Outside of the mask it is zero, or what was there when it is added: to the bit. */
static void check_way_back(const kernel_set *k, shape s, int pattern) {
    const int c = s.channels, n = s.height * s.width;
    problem self;
    open_problem(&self, k, s, pattern);
    double *matrix = random_values(c * c), *constants = random_values(c);
    for (int i = 0; i < c * c; i++)
        matrix[i] = matrix[i / c < i % c ? i : i % c * c + i / c];
#pragma omp parallel num_threads(2)
    gram_set_gradient(&self.gram, matrix, constants);
    for (int add = 0; add < 2; add++) {
        double *before = random_values(c * n);
        tensor out = tensor_of(sizeof(float), before, c, s.height, s.width);
        gram_back(&self.gram, &self.a, &out, add);
        double *found = tensor_planar(&out);
        for (int i = 0; i < c * n; i++) {
            const double base = add ? before[i] : 0;
            double off;
            const double wanted = slope_at(&self, matrix, constants, i, &off);
            if (self.mask.weights[i % n] > 0)
                expect_near("way back", k, found[i], base + wanted, off);
            else
                assert_true(found[i] == base);
        }
        expect_padding(&out);
        tensor_free(&out);
        free(before);
        free(found);
    }
    free(matrix);
    free(constants);
    close_problem(&self);
}

static void check_ways_back(const kernel_set *k) {
    for (int i = 0; i < SHAPES * PATTERNS; i++)
        check_way_back(k, shapes[i / PATTERNS], i % PATTERNS);
}

static void test_way_back(void **state) {
    (void)state;
    for_each_set(check_ways_back);
}

/* Memory is planned for as many threads as any of these has. */
static int most_threads(void **state) {
    (void)state;
    cpu_set_threads(2);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_any_threads),
        cmocka_unit_test(test_blends),
        cmocka_unit_test(test_way_back),
    };
    return cmocka_run_group_tests(tests, most_threads, NULL);
}
