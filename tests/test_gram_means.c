/* SPDX-License-Identifier: MIT
 *
 * Means of the channels beside a Gram matrix, and a way back by any matrix and constants, by every
 * kernel set against double precision: odd channel counts, one pixel, rows longer than a partial
 * sum, and masks.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "cost/gram.h"
#include "gram_back.h"
#include "kernel_buffers.h"
#include "style_in_double.h"
#include "tensors.h"

enum { MOST_CHANNELS = 260 };

typedef struct problem {
    gram gram;
    layout memory;
    cost_mask mask;
    tensor a;
    double *values; /* of a */
    int c, n;
} problem;

static void walk(void *part, layout *to) {
    gram_layout(part, to);
}

/* Activations in [0,1), a mask with zeros in it. */
static void open_problem(problem *self, const kernel_set *k, int c, int height, int width,
                         bool masked) {
    error err;
    *self = (problem){.c = c, .n = height * width, .mask = {.height = height, .width = width}};
    const size_t bytes = kernels_activation_bytes(k);
    self->values = random_kept(bytes, c * self->n);
    for (int i = 0; i < c * self->n; i++)
        self->values[i] = fabs(self->values[i]);
    self->a = tensor_of(bytes, self->values, c, height, width);
    double *weights = random_values(self->n);
    for (int i = 0; i < self->n; i++)
        weights[i] = i && weights[i] < -0.5 ? 0 : fabs(weights[i]);
    self->mask.weights = to_floats(weights, self->n);
    free(weights);
    cost_mask_sum(&self->mask);
    gram_prepare(&self->gram, k, c, height, width, true, masked ? &self->mask : NULL);
    self->gram.means = true;
    assert_true(layout_make(&self->memory, walk, &self->gram, &err));
}

static void close_problem(problem *self) {
    layout_free(&self->memory);
    tensor_free(&self->a);
    free(self->values);
    free(self->mask.weights);
}

/* In strips, twice: the second time sees nothing of the first. Rows are kept times the mask: in
 * bf16 each value is then off by 2^-8 of itself, and so is their mean, all being positive. */
static void check_means(problem *self) {
    double means[MOST_CHANNELS], expected[MOST_CHANNELS];
    const bool rounded = self->gram.mask && self->gram.kernels->precision == PRECISION_BF16;
    const double near = rounded ? 0x1p-8 + 2e-6 : 2e-6;
    means_in_double(self->gram.mask, self->values, self->c, self->n, expected);
    for (int round = 0; round < 2; round++) {
        double *matrix = random_values(self->c * self->c);
#pragma omp parallel num_threads(2)
        {
            for (int y = 0; y < self->a.height; y += 3) {
                const int left = self->a.height - y;
                const tensor rows = tensor_rows(&self->a, y, left < 3 ? left : 3);
                gram_add(&self->gram, y, &rows);
            }
            gram_finish(&self->gram, 0, matrix);
            gram_finish_means(&self->gram, 0, means);
        }
        for (int i = 0; i < self->c; i++)
            expect_near("mean", self->gram.kernels, means[i], expected[i], near * expected[i]);
        free(matrix);
    }
}

/* The first of two rounds overwrites, the second adds. */
static void check_way_back(problem *self) {
    const int c = self->c, n = self->n;
    double *matrix = random_values(c * c), *constants = random_values(c);
    tensor out = tensor_new(sizeof(float), c, self->a.height, self->a.width);
    for (int i = 0; i < c * c; i++)
        matrix[i] = matrix[i / c < i % c ? i : i % c * c + i / c];
#pragma omp parallel num_threads(2)
    gram_set_gradient(&self->gram, matrix, constants);
    for (int round = 0; round < 2; round++)
        gram_back(&self->gram, &self->a, &out, round);
    double *found = tensor_planar(&out);
    for (int i = 0; i < c * n; i++) {
        const double weight = self->gram.mask ? (double)self->mask.weights[i % n] : 1;
        double sum = constants[i / n], sizes = fabs(sum);
        for (int j = 0; j < c; j++) {
            const double product = matrix[i / n * c + j] * self->values[j * n + i % n];
            sum += product;
            sizes += fabs(product);
        }
        expect_near("way back", self->gram.kernels, found[i], 2 * weight * weight * sum,
                    gram_back_off(&self->gram, 2 * weight * weight * sizes));
    }
    expect_padding(&out);
    tensor_free(&out);
    free(found);
    free(matrix);
    free(constants);
}

static void check_set(const kernel_set *k) {
    static const int shapes[][3] = {{3, 1, 1},   {5, 1, 7},    {17, 17, 19}, {33, 9, 4},
                                    {64, 3, 61}, {3, 2, 1100}, {260, 3, 5},  {20, 37, 300}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int masked = 0; masked < 2; masked++) {
            problem self;
            open_problem(&self, k, shapes[i][0], shapes[i][1], shapes[i][2], masked);
            check_means(&self);
            check_way_back(&self);
            close_problem(&self);
        }
    }
}

static void test_means_and_way_back(void **state) {
    (void)state;
    for_each_set(check_set);
}

/* Outside the mask the gradient becomes zero, in its own channels and no others. */
static void check_others_stay(const kernel_set *k) {
    enum { CHANNELS = 2 * CHANNEL_BLOCK, MORE = 3 * CHANNEL_BLOCK, WIDTH = 6, PIXELS = 2 * WIDTH };
    static const float weights[PIXELS] = {0, 0, 1, 0.5f, 1, 0, 0, 0, 0, 0, 0, 0};
    problem self;
    double before[MORE * PIXELS];
    open_problem(&self, k, CHANNELS, 2, WIDTH, true);
    for (int i = 0; i < PIXELS; i++)
        self.mask.weights[i] = weights[i];
    for (int i = 0; i < MORE * PIXELS; i++)
        before[i] = 7;
    cost_mask_sum(&self.mask);
    double *matrix = random_values(CHANNELS * CHANNELS), *constants = random_values(CHANNELS);
    gram_set_gradient(&self.gram, matrix, constants);
    tensor out = tensor_of(sizeof(float), before, MORE, 2, WIDTH);
    gram_back(&self.gram, &self.a, &out, false);
    double *found = tensor_planar(&out);
    for (int i = 0; i < MORE * PIXELS; i++) {
        if (i / PIXELS >= CHANNELS)
            assert_true(found[i] == 7);
        else
            assert_true(weights[i % PIXELS] > 0 ? found[i] != 7 : found[i] == 0);
    }
    free(found);
    free(matrix);
    free(constants);
    tensor_free(&out);
    close_problem(&self);
}

static void test_others_stay(void **state) {
    (void)state;
    for_each_set(check_others_stay);
}

/* Memory is planned for as many threads as any of these has. */
static int most_threads(void **state) {
    (void)state;
    cpu_set_threads(2);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_and_way_back),
        cmocka_unit_test(test_others_stay),
    };
    return cmocka_run_group_tests(tests, most_threads, NULL);
}
