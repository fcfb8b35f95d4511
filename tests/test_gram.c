/* SPDX-License-Identifier: MIT
 *
 * Gram matrices and the style term's way back, by every kernel set, against double precision: odd
 * channel counts, one pixel, one row, rows longer than a partial sum, networks wide enough to be
 * shared out by blocks, and the same bits for any number of threads.
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
#include "engine.h"

static unsigned seed = 11;

/* Uniform in [0, 1), as after a ReLU: sums of many grow and lose digits where floats add them. */
static float next_random(void) {
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f;
}

static tensor random_tensor(int channels, int height, int width) {
    tensor self;
    error err;
    assert_true(tensor_init(&self, channels, height, width, &err));
    for (int y = 0; y < height; y++) {
        for (int i = 0; i < channels * width; i++) {
            const int c = i / width, x = i % width;
            tensor_row(&self, y, c / CHANNEL_BLOCK)[x * CHANNEL_BLOCK + c % CHANNEL_BLOCK] =
                next_random();
        }
    }
    return self;
}

static double *new_doubles(int count) {
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < count; i++)
        values[i] = NAN; /* whatever is not written shows */
    return values;
}

typedef struct shape {
    int channels, height, width;
} shape;

static const shape shapes[] = {
    {3, 1, 1},  {5, 1, 7},   {16, 2, 3},  {17, 17, 19}, {20, 5, 40},
    {33, 9, 4}, {48, 30, 5}, {64, 3, 61}, {3, 2, 1100}, {260, 3, 5},
};

typedef void shape_check(const kernel_set *kernels, shape s);

static void for_each(shape_check *check) {
    for (int k = 0; kernels_at(k); k++) {
        for (size_t i = 0; kernels_supported(kernels_at(k)) && i < sizeof shapes / sizeof *shapes;
             i++)
            check(kernels_at(k), shapes[i]);
    }
}

static void expect_gram(const gram *g, const tensor *activation, double tolerance) {
    const int c = activation->channels, n = activation->height * activation->width;
    double *matrix = new_doubles(c * c), *expected = new_doubles(c * c);
    double *values = tensor_planar(activation);
    reference_gram(values, c, n, expected);
    gram_compute(g, activation, matrix);
    for (int i = 0; i < c * c; i++) {
        golden_expect("gram", matrix[i], expected[i], tolerance);
        assert_true(matrix[i] == matrix[i % c * c + i / c]); /* symmetric to the last bit */
    }
    free(matrix);
    free(expected);
    free(values);
}

/* Twice with one working memory: the second picture sees nothing of the first. */
static void check_matrix(const kernel_set *kernels, shape s) {
    gram g;
    error err;
    assert_true(gram_init(&g, kernels, s.channels, s.height, &err));
    for (int i = 0; i < 2; i++) {
        tensor activation = random_tensor(s.channels, s.height, s.width);
        expect_gram(&g, &activation, 3e-6);
        tensor_clear(&activation);
    }
    gram_clear(&g);
}

static void test_matrix(void **state) {
    (void)state;
    for_each(check_matrix);
}

/* Many pixels of one value, where the errors of a sum in float all point one way. */
static void test_precision(void **state) {
    (void)state;
    enum { HEIGHT = 160, WIDTH = 640 };
    for (int k = 0; kernels_at(k); k++) {
        gram g;
        error err;
        if (!kernels_supported(kernels_at(k)))
            continue;
        tensor activation = random_tensor(3, HEIGHT, WIDTH);
        for (int y = 0; y < HEIGHT; y++) {
            for (int i = 0; i < 3 * WIDTH; i++)
                tensor_row(&activation, y, 0)[i / 3 * CHANNEL_BLOCK + i % 3] = 0.7f;
        }
        assert_true(gram_init(&g, kernels_at(k), 3, HEIGHT, &err));
        expect_gram(&g, &activation, 5e-6);
        gram_clear(&g);
        tensor_clear(&activation);
    }
}

/* Lanes past the true channels stay zero: the tensors that follow rely on it. */
static void expect_unused_lanes(const tensor *t) {
    for (int y = 0; y < t->height; y++) {
        for (int i = 0; i < t->width * t->blocks * CHANNEL_BLOCK; i++) {
            const int lane = i % CHANNEL_BLOCK, block = i / (t->width * CHANNEL_BLOCK);
            const float value = tensor_row(t, y, block)[i % (t->width * CHANNEL_BLOCK)];
            assert_true(block * CHANNEL_BLOCK + lane < t->channels || value == 0);
        }
    }
}

static void check_gradient(const kernel_set *kernels, shape s) {
    const int c = s.channels, n = s.height * s.width;
    gram g;
    error err;
    tensor activation = random_tensor(c, s.height, s.width);
    tensor gradient = random_tensor(c, s.height, s.width);
    double *matrix = new_doubles(c * c), *a = tensor_planar(&activation);
    double *before = tensor_planar(&gradient);
    assert_true(gram_init(&g, kernels, c, s.height, &err));
    for (int i = 0; i < c * c; i++)
        matrix[i] = i / c < i % c ? (double)next_random() - 0.5 : 0;
    for (int i = 0; i < c * c; i++)
        matrix[i] += matrix[i % c * c + i / c]; /* symmetric */
    for (int accumulate = 1; accumulate >= 0; accumulate--) {
        gram_gradient(&g, matrix, -0.75, &activation, &gradient, accumulate);
        double *values = tensor_planar(&gradient);
        for (int i = 0; i < c * n; i++) {
            double expected = accumulate ? before[i] : 0;
            for (int k = 0; k < c; k++)
                expected -= 0.75 * matrix[i / n * c + k] * a[k * n + i % n];
            golden_expect_near("gradient", values[i], expected, 1e-6 * (c + 1));
        }
        free(values);
        expect_unused_lanes(&gradient);
    }
    gram_clear(&g);
    tensor_clear(&activation);
    tensor_clear(&gradient);
    free(matrix);
    free(before);
    free(a);
}

static void test_gradient(void **state) {
    (void)state;
    for_each(check_gradient);
}

/* Two shapes: one that is shared out by rows, one by blocks. */
static void test_any_threads(void **state) {
    (void)state;
    static const shape both[] = {{20, 37, 29}, {260, 3, 5}};
    for (int i = 0; i < 2; i++) {
        const int count = both[i].channels * both[i].channels;
        double *first = new_doubles(count), *again = new_doubles(count);
        tensor activation = random_tensor(both[i].channels, both[i].height, both[i].width);
        for (int threads = 1; threads <= 3; threads++) {
            gram g;
            error err;
            cpu_set_threads(threads);
            assert_true(gram_init(&g, kernels_best(), both[i].channels, activation.height, &err));
            gram_compute(&g, &activation, threads == 1 ? first : again);
            gram_clear(&g);
            if (threads > 1)
                assert_memory_equal(first, again, (size_t)count * sizeof *first);
        }
        cpu_set_threads(1);
        tensor_clear(&activation);
        free(first);
        free(again);
    }
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_precision),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
