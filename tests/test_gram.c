/* SPDX-License-Identifier: MIT
 *
 * Gram matrices and the style term's way back, by every kernel set, against double precision: odd
 * channel counts, one pixel, one row, rows longer than a partial sum, networks wide enough to be
 * shared out by blocks, masks, several targets; and the same bits for strips of any heights and any
 * number of threads.
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
static tensor random_tensor(const kernel_set *k, shape s) {
    const int count = s.channels * s.height * s.width;
    const size_t bytes = kernels_activation_bytes(k);
    double *values = random_kept(bytes, count);
    for (int i = 0; i < count; i++)
        values[i] = fabs(values[i]);
    const tensor self = tensor_of(bytes, values, s.channels, s.height, s.width);
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

/* A working memory of its own, placed; layout_free releases it. */
static void walk_gram(void *part, layout *to) {
    gram_layout(part, to);
}

static layout open_masked(gram *self, const kernel_set *k, shape s, bool in_strips,
                          const cost_mask *mask) {
    layout memory;
    error err;
    gram_prepare(self, k, s.channels, s.height, s.width, in_strips, mask);
    assert_true(layout_make(&memory, walk_gram, self, &err));
    return memory;
}

static layout open_gram(gram *self, const kernel_set *k, shape s, bool in_strips) {
    return open_masked(self, k, s, in_strips, NULL);
}

/* The matrix of an activation whose rows come in strips. */
static double *compute(const gram *g, const tensor *a, int strip, int threads) {
    double *matrix = new_matrix(a->channels);
#pragma omp parallel num_threads(threads)
    {
        for (int y = 0; y < a->height; y += strip) {
            const tensor rows = tensor_rows(a, y, a->height - y < strip ? a->height - y : strip);
            gram_add(g, y, &rows);
        }
        gram_finish(g, 0, matrix);
    }
    (void)threads;
    return matrix;
}

static void expect_gram(const gram *g, const tensor *a, int strip, double tolerance) {
    const int c = a->channels, n = a->height * a->width;
    double *expected = new_matrix(c), *values = tensor_planar(a);
    double *matrix = compute(g, a, strip, 2);
    reference_gram(values, c, n, expected);
    for (int i = 0; i < c * c; i++) {
        expect_near("gram", g->kernels, matrix[i], expected[i] / n, tolerance * expected[i] / n);
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
        layout memory = open_gram(&g, k, shapes[i], true);
        for (int strip = 1; strip <= 40; strip += 4) {
            tensor a = random_tensor(k, shapes[i]);
            expect_gram(&g, &a, strip, 2e-6);
            tensor_free(&a);
        }
        layout_free(&memory);
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
    const size_t bytes = kernels_activation_bytes(k);
    for (int i = 0; i < 3 * s.height * s.width; i++)
        values[i] = (double)value_kept(bytes, 0.7);
    tensor a = tensor_of(bytes, values, 3, s.height, s.width);
    gram g;
    layout memory = open_gram(&g, k, s, true);
    expect_gram(&g, &a, s.height, 5e-6);
    expect_gram(&g, &a, 8, 5e-6);
    layout_free(&memory);
    tensor_free(&a);
    free(values);
}

static void test_precision(void **state) {
    (void)state;
    for_each_set(check_precision);
}

/* ---- masks ---- */

static cost_mask new_mask(shape s) {
    cost_mask self = {.height = s.height, .width = s.width};
    double *values = random_values(s.height * s.width);
    for (int i = 0; i < s.height * s.width; i++)
        values[i] = values[i] < -0.5 ? 0 : fabs(values[i]);
    self.weights = to_floats(values, s.height * s.width);
    cost_mask_sum(&self);
    free(values);
    return self;
}

/* The activations of rows as they are kept, times the mask: rounded once more in bf16. */
static void weigh(const kernel_set *k, const cost_mask *mask, double *values, int c) {
    const int n = mask->height * mask->width;
    for (int i = 0; i < c * n; i++)
        values[i] = (double)value_kept(kernels_activation_bytes(k),
                                       (double)((float)values[i] * mask->weights[i % n]));
}

/* The matrix of the activations times the mask, over the sum of its squares. */
static void check_masks(const kernel_set *k) {
    for (size_t i = 0; i < SHAPES; i++) {
        const shape s = shapes[i];
        const int c = s.channels, n = s.height * s.width;
        cost_mask mask = new_mask(s);
        tensor a = random_tensor(k, s);
        double *values = tensor_planar(&a), *expected = new_matrix(c), squares = 0;
        gram g;
        layout memory = open_masked(&g, k, s, false, &mask);
        for (int p = 0; p < n; p++)
            squares += (double)mask.weights[p] * (double)mask.weights[p];
        weigh(k, &mask, values, c);
        double *matrix = compute(&g, &a, s.height, 2);
        reference_gram(values, c, n, expected);
        for (int v = 0; v < c * c; v++) {
            const double there = squares > 0 ? expected[v] / squares : 0;
            expect_near("masked gram", k, matrix[v], there, 2e-6 * there);
        }
        free(matrix);
        free(expected);
        free(values);
        free(mask.weights);
        layout_free(&memory);
        tensor_free(&a);
    }
}

static void test_masks(void **state) {
    (void)state;
    for_each_set(check_masks);
}

/* A mask of ones changes no bit, and one of zeros has the matrix zero. */
static void check_plain_masks(const kernel_set *k) {
    const shape s = {20, 37, 29};
    tensor a = random_tensor(k, s);
    cost_mask mask = new_mask(s);
    gram plain, masked;
    layout memory = open_gram(&plain, k, s, false);
    layout masked_memory = open_masked(&masked, k, s, true, &mask);
    for (int one = 0; one < 2; one++) {
        for (int i = 0; i < s.height * s.width; i++)
            mask.weights[i] = (float)one;
        cost_mask_sum(&mask);
        double *a_matrix = compute(&plain, &a, s.height, 2);
        double *b_matrix = compute(&masked, &a, 8, 2);
        for (int i = 0; i < s.channels * s.channels; i++)
            assert_true(b_matrix[i] == one * a_matrix[i]);
        free(a_matrix);
        free(b_matrix);
    }
    free(mask.weights);
    layout_free(&memory);
    layout_free(&masked_memory);
    tensor_free(&a);
}

static void test_plain_masks(void **state) {
    (void)state;
    for_each_set(check_plain_masks);
}

/* ---- strips ---- */

/* Rows of so different sizes that the order of their sums shows even in double. */
static tensor wild_tensor(const kernel_set *k, shape s) {
    const int count = s.channels * s.height * s.width;
    const size_t bytes = kernels_activation_bytes(k);
    double *values = random_kept(bytes, count);
    for (int i = 0; i < count; i++)
        values[i] = ldexp(fabs(values[i]), i / s.width % s.height * 7 % 41 - 20);
    const tensor self = tensor_of(bytes, values, s.channels, s.height, s.width);
    free(values);
    return self;
}

/* Strips of any heights, none the same as the one before. */
static double *compute_mixed(const gram *g, const tensor *a, int number) {
    double *matrix = new_matrix(a->channels);
#pragma omp parallel num_threads(2)
    {
        for (int y = 0, rows, i = number; y < a->height; y += rows, i++) {
            rows = 1 + i * 5 % 13;
            if (rows > a->height - y)
                rows = a->height - y;
            const tensor some = tensor_rows(a, y, rows);
            gram_add(g, y, &some);
        }
        gram_finish(g, 0, matrix);
    }
    return matrix;
}

static void check_strips(const kernel_set *k, shape s, const cost_mask *mask) {
    const size_t bytes = (size_t)(s.channels * s.channels) * sizeof(double);
    tensor a = wild_tensor(k, s);
    gram whole, strips;
    layout whole_memory = open_masked(&whole, k, s, false, mask);
    layout memory = open_masked(&strips, k, s, true, mask);
    double *expected = compute(&whole, &a, s.height, 2);
    for (int i = 0; i < 6; i++) {
        double *even = compute(&strips, &a, 1 + i * 3, 2), *mixed = compute_mixed(&strips, &a, i);
        assert_memory_equal(even, expected, bytes);
        assert_memory_equal(mixed, expected, bytes);
        free(even);
        free(mixed);
    }
    free(expected);
    layout_free(&memory);
    layout_free(&whole_memory);
    tensor_free(&a);
}

static void check_all_strips(const kernel_set *k) {
    static const int widths[] = {16, 64, 100, 300, 384, 512, 1000};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const shape s = {i % 2 ? 17 : 5, widths[i] < 64 ? 150 : 61, widths[i]};
        cost_mask mask = new_mask(s);
        check_strips(k, s, NULL);
        check_strips(k, s, &mask);
        free(mask.weights);
    }
    check_strips(k, (shape){260, 23, 100}, NULL); /* shared out by blocks */
}

static void test_strips_change_no_bit(void **state) {
    (void)state;
    for_each_set(check_all_strips);
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

/* The target from which the Gram matrix, divided by the area, differs by `difference`. */
static double *target_for(const double *values, int c, int n, double area,
                          const double *difference) {
    double *target = new_matrix(c);
    reference_gram(values, c, n, target);
    for (int i = 0; i < c * c; i++)
        target[i] = target[i] / area - difference[i];
    return target;
}

static double squared_norm(const double *matrix, int c) {
    double norm = 0;
    for (int i = 0; i < c * c; i++)
        norm += matrix[i] * matrix[i];
    return norm;
}

/* Two targets at once, from which the matrix differs by two others; the sum of the scaled
 * differences takes the place of the first. */
static void check_distances(const gram *g, const tensor *rows, const double *values,
                            double *differences[2]) {
    const int c = g->channels, n = g->height * g->width, blocks = tensor_blocks(c);
    static const double scales[2] = {-0.75, 0.5};
    double *targets[2];
    gram_goal goals[2];
    for (int k = 0; k < 2; k++) {
        targets[k] = target_for(values, c, n, gram_area(g), differences[k]);
        goals[k] = (gram_goal){targets[k], scales[k], new_matrix(blocks)};
    }
#pragma omp parallel num_threads(2)
    {
        gram_add(g, 0, rows);
        gram_compare(g, goals, 2);
    }
    for (int k = 0; k < 2; k++) {
        const double norm = squared_norm(differences[k], c);
        double sum = 0;
        for (int i = 0; i < blocks; i++)
            sum += goals[k].distances[i];
        expect_near("distance", g->kernels, sum, norm, 4e-6 * norm);
        free(targets[k]);
        free(goals[k].distances);
    }
    for (int i = 0; i < c * c; i++)
        differences[0][i] = scales[0] * differences[0][i] + scales[1] * differences[1][i];
}

/* What is expected of the gradient at value i of activations a, and how far it may be off. */
static double expected_gradient(const gram *g, const double *a, const double *slope, int i,
                                double *near) {
    const int c = g->channels, n = g->height * g->width;
    const double weight = g->mask ? (double)g->mask->weights[i % n] : 1;
    double sum = 0, sizes = 0;
    for (int j = 0; j < c; j++) {
        const double product = slope[i / n * c + j] * weight * weight * a[j * n + i % n];
        sum += product;
        sizes += fabs(product);
    }
    *near = gram_back_off(g, sizes);
    return sum;
}

/* Twice with one working memory: a comparison leaves nothing of the one before. The second time the
 * derivative is added. */
static void check_gradient(const kernel_set *k, shape s, const cost_mask *mask) {
    const int c = s.channels, n = s.height * s.width;
    gram g;
    layout memory = open_masked(&g, k, s, false, mask);
    for (int round = 0; round < 2; round++) {
        tensor rows = random_tensor(k, s);
        double *a = tensor_planar(&rows), *seen = tensor_planar(&rows);
        double *differences[2] = {random_symmetric(c), random_symmetric(c)};
        tensor gradient = tensor_of(sizeof(float), a, c, s.height, s.width);
        if (mask)
            weigh(k, mask, seen, c);
        check_distances(&g, &rows, seen, differences);
        gram_back(&g, &rows, &gradient, round);
        double *found = tensor_planar(&gradient);
        for (int i = 0; i < c * n; i++) {
            double near;
            const double expected = expected_gradient(&g, a, differences[0], i, &near);
            expect_near("gradient", k, found[i], expected + (round ? a[i] : 0), near);
        }
        expect_padding(&gradient);
        tensor_free(&rows);
        tensor_free(&gradient);
        free(differences[0]);
        free(differences[1]);
        free(found);
        free(seen);
        free(a);
    }
    layout_free(&memory);
}

static void check_gradients(const kernel_set *k) {
    for (size_t i = 0; i < SHAPES; i++) {
        cost_mask mask = new_mask(shapes[i]);
        check_gradient(k, shapes[i], NULL);
        if (mask.squares > 0)
            check_gradient(k, shapes[i], &mask);
        free(mask.weights);
    }
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
        tensor a = random_tensor(k, both[i]);
        double *first = NULL;
        for (int t = 0; t < 4; t++) {
            const int before = cpu_set_threads(threads[t]); /* the tasks are made for so many */
            gram g;
            layout memory = open_gram(&g, k, both[i], true);
            double *again = compute(&g, &a, 8, threads[t]);
            if (first)
                assert_memory_equal(first, again, (size_t)(c * c) * sizeof *first);
            free(first);
            first = again;
            layout_free(&memory);
            cpu_set_threads(before);
        }
        free(first);
        tensor_free(&a);
    }
}

static void test_any_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
}

/* Memory is planned for as many threads as any of these has. */
static int most_threads(void **state) {
    (void)state;
    cpu_set_threads(16);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_precision),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_plain_masks),
        cmocka_unit_test(test_strips_change_no_bit),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, most_threads, NULL);
}
