/* SPDX-License-Identifier: MIT
 *
 * Gram matrices and the style term's way back, by every kernel set, against double precision: odd
 * channel counts, one pixel, one row, rows longer than a partial sum, strips of rows, networks wide
 * enough to be shared out by blocks, and the same bits for any number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cost/gram.h"
#include "kernel_buffers.h"
#include "reference.h"
#include "tensors.h"

typedef struct shape {
    int channels, height, width;
} shape;

static const shape shapes[] = {
    {3, 1, 1},  {5, 1, 7},   {16, 2, 3},  {17, 17, 19}, {20, 5, 40},
    {33, 9, 4}, {48, 30, 5}, {64, 3, 61}, {3, 2, 1100}, {260, 3, 5},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

/* Uniform in [0, 1), as after a ReLU: sums of many grow and lose digits where floats add them. */
static tensor random_tensor(shape s) {
    const int count = s.channels * s.height * s.width;
    double *values = random_values(count);
    for (int i = 0; i < count; i++)
        values[i] = fabs(values[i]);
    const tensor self = tensor_of(values, s.channels, s.height, s.width);
    free(values);
    return self;
}

static double *new_matrix(int channels) {
    double *values = malloc((size_t)(channels * channels) * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < channels * channels; i++)
        values[i] = NAN; /* whatever is not written shows */
    return values;
}

/* ---- the matrix ---- */

/* The matrix of an activation whose rows come in strips. */
static double *compute(const gram *g, const tensor *a, int strip, double pixels, int threads) {
    double *matrix = new_matrix(a->channels);
#pragma omp parallel num_threads(threads)
    {
        for (int y = 0; y < a->height; y += strip) {
            const tensor rows = tensor_rows(a, y, a->height - y < strip ? a->height - y : strip);
            gram_add(g, &rows);
        }
        gram_finish(g, pixels, matrix);
    }
    (void)threads;
    return matrix;
}

static void expect_gram(const gram *g, const tensor *a, int strip, double tolerance) {
    const int c = a->channels, n = a->height * a->width;
    double *expected = new_matrix(c), *values = tensor_planar(a);
    double *matrix = compute(g, a, strip, 7, 2);
    reference_gram(values, c, n, expected);
    for (int i = 0; i < c * c; i++) {
        expect_near("gram", g->kernels, matrix[i], expected[i] / 7, tolerance * expected[i] / 7);
        assert_true(matrix[i] == matrix[i % c * c + i / c]); /* symmetric to the last bit */
    }
    free(matrix);
    free(expected);
    free(values);
}

/* With one working memory: a picture sees nothing of the one before. */
static void check_matrices(const kernel_set *k) {
    for (size_t i = 0; i < SHAPES; i++) {
        gram g;
        error err;
        assert_true(gram_init(&g, k, shapes[i].channels, &err));
        for (int strip = 1; strip <= 40; strip += 4) {
            tensor a = random_tensor(shapes[i]);
            expect_gram(&g, &a, strip, 2e-6);
            tensor_clear(&a);
        }
        gram_clear(&g);
    }
}

static void test_matrix(void **state) {
    (void)state;
    for_each_set(check_matrices);
}

/* Many pixels of one value, where the errors of a sum in float all point one way. */
static void check_precision(const kernel_set *k) {
    const shape s = {3, 160, 640};
    double *values = random_values(3 * s.height * s.width);
    for (int i = 0; i < 3 * s.height * s.width; i++)
        values[i] = 0.7;
    tensor a = tensor_of(values, 3, s.height, s.width);
    gram g;
    error err;
    assert_true(gram_init(&g, k, 3, &err));
    expect_gram(&g, &a, s.height, 5e-6);
    expect_gram(&g, &a, 8, 5e-6);
    gram_clear(&g);
    tensor_clear(&a);
    free(values);
}

static void test_precision(void **state) {
    (void)state;
    for_each_set(check_precision);
}

/* ---- the way back ---- */

/* A random symmetric matrix. */
static double *random_symmetric(int channels) {
    double *matrix = random_values(channels * channels);
    for (int i = 0; i < channels * channels; i++)
        matrix[i] =
            matrix[i / channels < i % channels ? i : i % channels * channels + i / channels];
    return matrix;
}

/* The activations of some pixels, in the order of a copy whose blocks are `step` pixels apart. */
static void expect_copied(const float *copy, const tensor *before, int y, int x, int pixels,
                          int step) {
    for (int b = 0; b < before->blocks; b++)
        assert_memory_equal(copy + (ptrdiff_t)b * step * CHANNEL_BLOCK,
                            tensor_row(before, y, b) + x * CHANNEL_BLOCK,
                            (size_t)(pixels * CHANNEL_BLOCK) * sizeof *copy);
}

/* The target from which the Gram matrix, divided by n, differs by `difference`. */
static double *target_for(const double *values, int c, int n, const double *difference) {
    double *target = new_matrix(c);
    reference_gram(values, c, n, target);
    for (int i = 0; i < c * c; i++)
        target[i] = target[i] / n - difference[i];
    return target;
}

static double squared_norm(const double *matrix, int c) {
    double norm = 0;
    for (int i = 0; i < c * c; i++)
        norm += matrix[i] * matrix[i];
    return norm;
}

static double compare(const gram *g, const tensor *rows, const double *target) {
    const int blocks = tensor_blocks(g->channels);
    double *distances = new_matrix(blocks), sum = 0;
#pragma omp parallel num_threads(2)
    {
        gram_add(g, rows);
        gram_compare(g, rows->height * rows->width, target, -0.75, distances);
    }
    for (int i = 0; i < blocks; i++)
        sum += distances[i];
    free(distances);
    return sum;
}

/* Twice with one working memory: a comparison leaves nothing of the one before. */
static void check_gradient(const kernel_set *k, shape s) {
    const int c = s.channels, n = s.height * s.width, most = gram_gradient_pixels(k, c);
    const size_t copy_count = (size_t)(tensor_blocks(c) * most * CHANNEL_BLOCK);
    gram g;
    error err;
    assert_true(gram_init(&g, k, c, &err));
    for (int round = 0; round < 2; round++) {
        tensor rows = random_tensor(s);
        double *matrix = random_symmetric(c), *a = tensor_planar(&rows);
        tensor before = tensor_of(a, c, s.height, s.width);
        double *expected = random_values(c * n);
        float *copy = buffer_spoiled(copy_count);
        double *target = target_for(a, c, n, matrix);
        const double norm = squared_norm(matrix, c);
        expect_near("distance", k, compare(&g, &rows, target), norm, 4e-6 * norm);
        for (int y = 0; y < s.height; y++) {
            for (int x = 0, pixels; x < s.width; x += pixels) {
                pixels = gram_gradient(&g, &rows, y, x, copy);
                assert_true(pixels >= 1 && pixels <= most && x + pixels <= s.width);
                expect_copied(copy, &before, y, x, pixels, most);
            }
        }
        for (int i = 0; i < c * n; i++) {
            expected[i] = 0;
            for (int j = 0; j < c; j++)
                expected[i] -= 0.75 * matrix[i / n * c + j] * a[j * n + i % n];
        }
        expect_tensor(&rows, expected, 1e-6 * sqrt(c));
        buffer_free(copy, copy_count);
        tensor_clear(&rows);
        tensor_clear(&before);
        free(matrix);
        free(target);
        free(expected);
        free(a);
    }
    gram_clear(&g);
}

static void check_gradients(const kernel_set *k) {
    for (size_t i = 0; i < SHAPES; i++)
        check_gradient(k, shapes[i]);
}

static void test_gradient(void **state) {
    (void)state;
    for_each_set(check_gradients);
}

/* ---- threads ---- */

/* Two shapes: one that is shared out by rows, one by blocks. */
static void check_threads(const kernel_set *k) {
    static const shape both[] = {{20, 37, 29}, {260, 3, 5}};
    static const int threads[] = {1, 2, 3, 16};
    for (int i = 0; i < 2; i++) {
        const int c = both[i].channels;
        tensor a = random_tensor(both[i]);
        double *first = NULL;
        gram g;
        error err;
        assert_true(gram_init(&g, k, c, &err));
        for (int t = 0; t < 4; t++) {
            double *again = compute(&g, &a, 8, 1, threads[t]);
            if (first)
                assert_memory_equal(first, again, (size_t)(c * c) * sizeof *first);
            free(first);
            first = again;
        }
        free(first);
        gram_clear(&g);
        tensor_clear(&a);
    }
}

static void test_any_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_precision),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
