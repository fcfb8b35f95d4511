/* SPDX-License-Identifier: MIT
 *
 * The kernels of every instruction set that this processor has, against plain loops in double:
 * products, Gram matrices and what goes element by element, and the registry of the sets. Outputs
 * lie between guard values, so a store past the end shows. The other kernels are in
 * test_first_kernels.c, test_pooling_kernels.c and test_winograd.c.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_buffers.h"

#define B CHANNEL_BLOCK

/* ---- products ---- */

/* The value of row i, column j of v u, before what is added to it. */
static double product_value(const product_tile *t, int i, int j) {
    double sum = 0;
    for (int c = 0; c < t->blocks * B; c++)
        sum +=
            (double)t->v[c / B * t->v_block + i * B + c % B] * (double)t->u[c * t->panel * B + j];
    return sum;
}

static void check_product(const kernel_set *k, int rows, int panel, int blocks, bool accumulate) {
    const ptrdiff_t v_block = (rows + 1) * B, m_block = (rows + 2) * B;
    const size_t v_count = (size_t)(v_block * blocks), m_count = (size_t)(m_block * panel);
    const size_t u_count = (size_t)(blocks * B * panel * B);
    float *v = buffer_new(v_count), *u = buffer_new(u_count), *m = buffer_new(m_count);
    float *before = buffer_copy(m, m_count);
    const product_tile tile = {.v = v,
                               .v_block = v_block,
                               .blocks = blocks,
                               .u = u,
                               .m = m,
                               .m_block = m_block,
                               .rows = rows,
                               .panel = panel,
                               .accumulate = accumulate};
    k->product(&tile);
    for (int n = 0; n < (int)m_count; n++) {
        const int block = n / (int)m_block, i = n % (int)m_block / B, lane = n % B;
        if (i < rows)
            expect_near("product", k, (double)m[n],
                        product_value(&tile, i, block * B + lane) +
                            (accumulate ? (double)before[n] : 0),
                        8e-7 * sqrt(blocks * B));
        else
            assert_true(m[n] == before[n]);
    }
    buffer_free(v, v_count);
    buffer_free(u, u_count);
    buffer_free(m, m_count);
    buffer_free(before, m_count);
}

static void check_products(const kernel_set *k) {
    assert_in_range(k->panel, 1, 2);
    assert_true(k->panel == 1 || k->product_rows[1] > 0);
    for (int panel = 1; panel <= k->panel; panel++) {
        for (int rows = 1; rows <= k->product_rows[panel - 1]; rows++) {
            for (int i = 0; i < 6; i++)
                check_product(k, rows, panel, 1 + i / 2 * (i / 2), i % 2);
        }
    }
}

static void test_product(void **state) {
    (void)state;
    for_each_set(check_products);
}

/* ---- Gram matrix ---- */

/* Block 0 with the blocks from `first` on; first 0 is a block with itself, on the diagonal. */
static void check_gram(const kernel_set *k, int first, int blocks, int rows, int width) {
    enum { GRAM_ROW = 80, GUARD_ROWS = 2, LEFT = 5 };
    const ptrdiff_t block = (ptrdiff_t)(width + 1) * B, row = block * 5;
    const size_t count = (size_t)(row * rows);
    float *a = buffer_new(count);
    double gram[B + 2 * GUARD_ROWS][GRAM_ROW];
    assert_true(LEFT + blocks * B < GRAM_ROW && first + blocks <= 5);
    for (int i = 0; i < B + 2 * GUARD_ROWS; i++) {
        for (int j = 0; j < GRAM_ROW; j++)
            gram[i][j] = i - j; /* added to, not replaced */
    }
    k->gram_rows(a, a + first * block, block, blocks, row, rows, width, &gram[GUARD_ROWS][LEFT],
                 GRAM_ROW);
    for (int i = 0; i < B + 2 * GUARD_ROWS; i++) {
        for (int j = 0; j < GRAM_ROW; j++) {
            const int lane = i - GUARD_ROWS, other = j - LEFT;
            const bool inside = lane >= 0 && lane < B && other >= 0 && other < blocks * B;
            double sum = i - j;
            for (int p = 0; inside && p < rows * width; p++) {
                const float *pixel = a + p / width * row + p % width * B;
                sum += (double)pixel[lane] * (double)pixel[(other / B + first) * block + other % B];
            }
            expect_near("gram_rows", k, gram[i][j], sum, inside ? 6e-7 * rows * width : 0);
        }
    }
    buffer_free(a, count);
}

static void check_grams(const kernel_set *k) {
    static const int sizes[][2] = {{1, 1}, {1, 7}, {3, 5}, {4, 33}, {13, 17}, {1, 512}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int blocks = 1; blocks <= k->gram_blocks; blocks++) {
            check_gram(k, 0, blocks, sizes[s][0], sizes[s][1]);
            check_gram(k, 1, blocks, sizes[s][0], sizes[s][1]);
        }
    }
}

static void test_gram(void **state) {
    (void)state;
    for_each_set(check_grams);
}

/* ---- element by element ---- */

/* Zero of either sign counts as not positive. */
static void check_relu(const kernel_set *k, int pixels) {
    const size_t count = (size_t)(pixels * B);
    float *in = buffer_new(count), *out = buffer_new(count);
    uint16_t *sign = words_new((size_t)pixels);
    in[0] = 0;
    in[count - 1] = -0.0f;
    k->relu(in, out, sign, pixels);
    for (int i = 0; i < pixels * B; i++) {
        assert_true(out[i] == (in[i] > 0 ? in[i] : 0));
        assert_int_equal(word_bit(sign[i / B], i % B), in[i] > 0);
    }
    buffer_free(in, count);
    buffer_free(out, count);
    words_free(sign, (size_t)pixels);
}

static void check_keep(const kernel_set *k, int pixels) {
    const size_t count = (size_t)(pixels * B);
    float *out = buffer_new(count), *before = buffer_copy(out, count);
    uint16_t *sign = words_new((size_t)pixels), *same = words_copy(sign, (size_t)pixels);
    k->keep(sign, out, pixels);
    for (int i = 0; i < pixels * B; i++)
        assert_true(out[i] == (word_bit(sign[i / B], i % B) ? before[i] : 0));
    assert_memory_equal(sign, same, (size_t)pixels * sizeof *sign);
    buffer_free(out, count);
    buffer_free(before, count);
    words_free(sign, (size_t)pixels);
    words_free(same, (size_t)pixels);
}

static void check_relus(const kernel_set *k) {
    for (int pixels = 1; pixels <= 19; pixels += 3) {
        check_relu(k, pixels);
        check_keep(k, pixels);
    }
    k->relu(NULL, NULL, NULL, 0); /* no pixels: nothing is touched */
    k->keep(NULL, NULL, 0);
}

static void test_relu(void **state) {
    (void)state;
    for_each_set(check_relus);
}

static void check_differences(const kernel_set *k) {
    static const size_t counts[] = {16, 48, 4096, 8208, 12304};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const size_t count = counts[c];
        float *a = buffer_new(count), *b = buffer_new(count), *g = buffer_new(count);
        float *before = buffer_copy(g, count);
        for (int variant = 0; variant < 3; variant++) { /* the last in place of a */
            double squares = 0;
            const bool accumulate = variant == 1;
            memcpy(g, variant == 2 ? a : before, count * sizeof *g);
            const double sum = k->difference(variant == 2 ? g : a, b, 0.37f, accumulate, g, count);
            for (size_t i = 0; i < count; i++) {
                const double d = (double)a[i] - (double)b[i];
                squares += d * d;
                expect_near("difference", k, (double)g[i],
                            0.37 * d + (accumulate ? (double)before[i] : 0), 3e-7);
            }
            expect_near("sum of difference", k, sum, squares, 2e-6 * squares);
        }
        buffer_free(a, count);
        buffer_free(b, count);
        buffer_free(g, count);
        buffer_free(before, count);
    }
}

static void test_difference(void **state) {
    (void)state;
    for_each_set(check_differences);
}

/* A cost that is not finite must show: a ReLU hides no broken number, and no sum does. */
static void check_not_a_number(const kernel_set *k) {
    static const float zeros[B * B] = {0};
    float in[B] = {[3] = NAN}, out[B];
    double gram[B * B] = {0};
    uint16_t sign;
    k->relu(in, out, &sign, 1);
    assert_true(isnan(out[3]) && out[2] == 0 && out[4] == 0);
    assert_int_equal(sign, 0);
    assert_true(isnan(k->difference(in, zeros, 1, false, out, B)));
    assert_true(isnan(out[3]) && out[2] == 0);
    k->product(&(product_tile){.v = in, .blocks = 1, .u = zeros, .m = out, .rows = 1, .panel = 1});
    assert_true(isnan(out[0]) && isnan(out[15]));
    k->gram_rows(in, in, B, 1, B, 1, 1, gram, B);
    assert_true(isnan(gram[3]) && isnan(gram[3 * B]) && gram[2] == 0 && gram[2 * B + 2] == 0);
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

/* ---- the registry ---- */

static void test_registry(void **state) {
    (void)state;
    const char *names = kernels_compiled();
    int count = 0;
    for (; kernels_at(count); count++)
        assert_non_null(strstr(names, kernels_at(count)->name));
    assert_string_equal(kernels_at(count - 1)->name, "generic");
    assert_true(kernels_supported(kernels_at(count - 1)));
    assert_null(kernels_at(-1));

    unsetenv("STYLIZE_ISA");
    int best = 0;
    while (!kernels_supported(kernels_at(best)))
        best++;
    assert_ptr_equal(kernels_best(), kernels_at(best));
#ifdef __aarch64__ /* all of them have it */
    assert_string_equal(kernels_best()->name, "neon");
#endif

    for (int i = 0; i < count; i++) {
        const kernel_set *set = kernels_at(i);
        assert_int_equal(setenv("STYLIZE_ISA", set->name, 1), 0);
        if (kernels_supported(set))
            assert_ptr_equal(kernels_best(), set);
        else
            assert_ptr_not_equal(kernels_best(), set);
    }
    setenv("STYLIZE_ISA", "pentium", 1);
    assert_true(kernels_supported(kernels_best()));
    unsetenv("STYLIZE_ISA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),      cmocka_unit_test(test_gram),
        cmocka_unit_test(test_relu),         cmocka_unit_test(test_difference),
        cmocka_unit_test(test_not_a_number), cmocka_unit_test(test_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
