/* SPDX-License-Identifier: MIT
 *
 * Square roots of matrices and their inverses, by every kernel set: of random ones of known
 * eigenvalues, of any number of channels, and the same bits for any number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cost/matrix_root.h"
#include "kernel_buffers.h"
#include "tensors.h"

typedef struct problem {
    matrix_space space;
    float *in, *product;
} problem;

static const kernel_set *kernels;
static int channels;

static void walk(void *part, layout *to) {
    problem *self = part;
    matrix_space_layout(&self->space, kernels, channels, to);
    self->in = matrix_take(channels, to);
    self->product = matrix_take(channels, to);
}

/* In place of a matrix m: (I - 2 v v^T) m (I - 2 v v^T), |v| = 1. */
static void reflect(double *m, int n, const double *v) {
    for (int side = 0; side < 2; side++) {
        const int down = side ? 1 : n, right = side ? n : 1;
        for (int j = 0; j < n; j++) {
            double product = 0;
            for (int i = 0; i < n; i++)
                product += v[i] * m[i * down + j * right];
            for (int i = 0; i < n; i++)
                m[i * down + j * right] -= 2 * v[i] * product;
        }
    }
}

/* A root with eigenvalues from 3 down to 3 * least in equal ratios, in random directions. */
static double *make_root(int n, double least) {
    double *root = calloc((size_t)(n * n), sizeof *root);
    assert_non_null(root);
    for (int i = 0; i < n; i++)
        root[i * n + i] = 3 * pow(least, n > 1 ? (double)i / (n - 1) : 0);
    for (int k = 0; k < 3; k++) {
        double *v = random_values(n);
        const double length = sqrt(dot(v, v, n));
        for (int i = 0; i < n; i++)
            v[i] /= length;
        reflect(root, n, v);
        free(v);
    }
    return root;
}

static float *at(float *matrix, int i, int j) {
    return &matrix[matrix_at(channels, i, j)];
}

/* matrix = root root */
static void fill(const problem *self, const double *root) {
    const int n = channels;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            *at(self->in, i, j) = (float)dot(root + i * n, root + j * n, n);
    }
}

static matrix_roots roots_by(const problem *self, int threads) {
    matrix_roots found;
#pragma omp parallel num_threads(threads)
    {
        const matrix_roots mine = matrix_root(&self->space, self->in, 0);
        matrix_product(&self->space, mine.root, mine.inverse, self->product);
#pragma omp single
        found = mine;
    }
    (void)threads;
    return found;
}

/* Nothing in the lanes and rows past the last channel. */
static void expect_padding_zero(const float *matrix) {
    const int side = (channels + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK * CHANNEL_BLOCK;
    for (int i = 0; i < side; i++) {
        for (int j = 0; j < side; j++)
            assert_true((i < channels && j < channels) || matrix[matrix_at(channels, i, j)] == 0);
    }
}

/* Small eigenvalues lose digits: an error of fp32 in the matrix counts the more the less they are.
 */
static void check_roots(const problem *self, double least) {
    const int n = channels;
    double *root = make_root(n, least);
    fill(self, root);
    const matrix_roots found = roots_by(self, 2);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            const ptrdiff_t place = matrix_at(n, i, j);
            expect_near("root", kernels, sqrt(found.scale) * (double)found.root[place],
                        root[i * n + j], 6e-6 / least);
            expect_near("root times inverse", kernels, (double)self->product[place], i == j,
                        6e-6 / least);
        }
    }
    expect_padding_zero(found.root);
    expect_padding_zero(found.inverse);
    free(root);
}

static void check_threads(const problem *self) {
    const size_t bytes = (size_t)matrix_at(channels, channels - 1, channels - 1) * sizeof(float);
    float *first = malloc(bytes + 1);
    assert_non_null(first);
    for (int threads = 1; threads <= 5; threads += 2) {
        const matrix_roots found = roots_by(self, threads);
        if (threads == 1)
            memcpy(first, found.inverse, bytes);
        assert_memory_equal(first, found.inverse, bytes);
    }
    free(first);
}

/* A matrix of zeros has a root. Its inverse is none, and no step is made that gains nothing:
 * each would multiply that by 1.5. */
static void check_zero(const problem *self) {
    for (int i = 0; i < channels; i++) {
        for (int j = 0; j < channels; j++)
            *at(self->in, i, j) = 0;
    }
    const matrix_roots found = roots_by(self, 1);
    assert_true(found.scale == 0);
    for (int i = 0; i < channels; i++)
        assert_true(found.root[matrix_at(channels, i, i)] == 0 &&
                    found.inverse[matrix_at(channels, i, i)] <= 1.5f);
}

static void check_set(const kernel_set *k) {
    static const int sizes[] = {1, 5, 16, 33, 48, 130};
    kernels = k;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        problem self;
        layout memory;
        error err;
        channels = sizes[i];
        assert_true(layout_make(&memory, walk, &self, &err));
        check_roots(&self, 1);
        check_roots(&self, 0.3);
        check_roots(&self, 3e-3); /* 1e-5 in the matrix */
        check_threads(&self);
        check_zero(&self);
        layout_free(&memory);
    }
}

static void test_roots(void **state) {
    (void)state;
    for_each_set(check_set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
