/* SPDX-License-Identifier: MIT
 *
 * Pooling of whole tensors and the way back, by every kernel set, against the reference: odd
 * heights and widths, down to a tensor of which nothing is pooled, ties, and several threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel_buffers.h"
#include "network/pool.h"
#include "reference.h"
#include "tensors.h"

typedef struct shape {
    int channels, height, width;
} shape;

static const shape shapes[] = {{3, 16, 16}, {16, 2, 2},  {20, 2, 31}, {33, 5, 9}, {12, 7, 30},
                               {5, 27, 6},  {17, 8, 15}, {16, 3, 1},  {16, 1, 5}, {64, 12, 3}};

/* The choice of every window: the first maximum, if positive, or every positive pixel. */
static void expect_choice(const bitmap *choice, const double *x, shape s, bool average) {
    for (int i = 0; i < s.channels * choice->height * choice->width; i++) {
        const int c = i / (choice->height * choice->width);
        const int y = i / choice->width % choice->height, column = i % choice->width;
        const double *window = x + (c * s.height + 2 * y) * s.width + 2 * column;
        int best = 0;
        for (int w = 1; w < 4; w++)
            best =
                window[w / 2 * s.width + w % 2] > window[best / 2 * s.width + best % 2] ? w : best;
        for (int w = 0; w < 4; w++)
            assert_int_equal(bitmap_bit(choice, c, y, column, w),
                             window[w / 2 * s.width + w % 2] > 0 && (average || w == best));
    }
}

static void check_pool(const kernel_set *k, shape s, bool average, bool add) {
    const int c = s.channels, h = s.height, w = s.width, area = h * w, pooled = h / 2 * (w / 2);
    const pooling mode = average ? POOLING_AVG : POOLING_MAX;
    const reference_pooling other = average ? REFERENCE_AVERAGE : REFERENCE_MAX;
    const size_t bytes = kernels_activation_bytes(k);
    double *x = random_values(c * area), *g = random_kept(bytes, c * pooled);
    double *seeds = random_kept(bytes, c * area), *expected = random_values(c * area);
    for (int i = 0; i < c * area; i++)
        x[i] = fmax(0, floor(x[i] * 3) / 2); /* after a ReLU, with ties */
    tensor tx = tensor_of(bytes, x, c, h, w), out = tensor_of(bytes, NULL, c, h / 2, w / 2);
    tensor tg = tensor_of(bytes, g, c, h / 2, w / 2), back = tensor_of(bytes, seeds, c, h, w);
    bitmap choice = bitmap_new(c, 4, h / 2, w / 2, false), sign = bitmap_new(c, 1, h, w, false);
    for (int y = 0; y < h; y++) {
        for (int b = 0; b < tx.blocks; b++)
            k->relu(tensor_at(&tx, y, b, 0), tensor_at(&tx, y, b, 0), bitmap_row(&sign, y, b), w);
    }
#pragma omp parallel num_threads(2)
    {
        pool_forward(k, mode, &tx, &out, &choice);
        pool_backward(k, mode, &tg, &choice, &sign, add, &back);
    }
    reference_pool(x, c, h, w, other, expected);
    expect_tensor(&out, expected, 1e-7);
    expect_choice(&choice, x, s, average);
    reference_pool_backward(x, g, c, h, w, other, expected);
    for (int i = 0; i < c * area; i++)
        expected[i] = x[i] > 0 ? expected[i] + (add ? seeds[i] : 0) : 0;
    expect_tensor(&back, expected, 2e-7);
    tensor_free(&tx);
    tensor_free(&out);
    tensor_free(&tg);
    tensor_free(&back);
    bitmap_free(&choice, c);
    bitmap_free(&sign, c);
    free(x);
    free(g);
    free(seeds);
    free(expected);
}

static void check_pools(const kernel_set *k) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int variant = 0; variant < 4; variant++)
            check_pool(k, shapes[i], variant & 1, variant & 2);
    }
}

static void test_pool(void **state) {
    (void)state;
    for_each_set(check_pools);
}

/* Where the gradient of a pooled value goes. */
static void test_share(void **state) {
    (void)state;
    assert_true(pool_share(POOLING_MAX) == 1);
    assert_true(pool_share(POOLING_AVG) == 0.25f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
