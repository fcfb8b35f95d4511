/* SPDX-License-Identifier: MIT
 *
 * The kernels of every instruction set that this processor has, against plain loops in double:
 * products, Gram matrices and what goes element by element, and the registry of the sets. Outputs
 * lie between guard values, so a store past the end shows. The other kernels are in
 * test_first_kernels.c, test_pooling_kernels.c and test_winograd.c, the roundings of bf16 in
 * test_bf16_kernels.c.
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

#include "bf16_bounds.h"
#include "kernel_buffers.h"

#define B CHANNEL_BLOCK

/* ---- products ---- */

/* What a tile multiplies, as floats, and where column j of channel c is in u: with operands in bf16
 * two channels go side by side. */
typedef struct factors {
    const value_buffer *v, *u;
    int together;
} factors;

static double column_value(const product_tile *t, const factors *f, int c, int j) {
    const int row = c / f->together * f->together;
    return (double)f->u->floats[(row * t->panel * B) + j * f->together + c % f->together];
}

/* The value of row i, column j of v u, before what is added to it; and the sum of absolute values.
 */
static double product_value(const product_tile *t, const factors *f, int i, int j, double *sizes) {
    double sum = 0;
    *sizes = 0;
    for (int c = 0; c < t->blocks * B; c++) {
        const double product =
            (double)f->v->floats[c / B * t->v_block + i * B + c % B] * column_value(t, f, c, j);
        sum += product;
        *sizes += fabs(product);
    }
    return sum;
}

static void expect_product(const kernel_set *k, const product_tile *t, const factors *f,
                           const float *before, size_t count) {
    const float *m = t->m;
    for (int n = 0; n < (int)count; n++) {
        const int block = n / (int)t->m_block, i = n % (int)t->m_block / B, lane = n % B;
        double sizes;
        if (i >= t->rows) {
            assert_true(m[n] == before[n]);
            continue;
        }
        const double added = t->accumulate ? (double)before[n] : 0;
        const double value = product_value(t, f, i, block * B + lane, &sizes);
        expect_near("product", k, (double)m[n], value + added,
                    k->bf16_products ? bound_sum(t->blocks * B + 1, sizes + fabs(added))
                                     : 8e-7 * sqrt(t->blocks * B));
    }
}

static void check_product(const kernel_set *k, int rows, int panel, int blocks, bool accumulate) {
    const ptrdiff_t v_block = (rows + 1) * B, m_block = (rows + 2) * B;
    const size_t m_count = (size_t)(m_block * panel), bytes = kernels_operand_bytes(k);
    value_buffer v = values_new(bytes, (size_t)(v_block * blocks));
    value_buffer u = values_new(bytes, (size_t)(blocks * B * panel * B));
    const factors f = {.v = &v, .u = &u, .together = k->bf16_products ? 2 : 1};
    float *m = buffer_new(m_count), *before = buffer_copy(m, m_count);
    const product_tile tile = {.v = v.data,
                               .v_block = v_block,
                               .blocks = blocks,
                               .u = u.data,
                               .m = m,
                               .m_block = m_block,
                               .rows = rows,
                               .panel = panel,
                               .accumulate = accumulate};
    k->product(&tile);
    expect_product(k, &tile, &f, before, m_count);
    values_free(&v);
    values_free(&u);
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

enum { GRAM_ROW = 80, GUARD_ROWS = 2, LEFT = 5, GRAM_SIDE = B + 2 * GUARD_ROWS };

/* Rows of pixels of five channel blocks, [row][block][pixel][16], and the same as gram_rows takes
 * them: places of a pixel or a pair of them, with one to spare in each block. */
typedef struct gram_pixels {
    value_buffer pixels, packed;
    int rows, width, places;
    ptrdiff_t block, row; /* floats or pairs of pixels */
} gram_pixels;

static gram_pixels pixels_new(const kernel_set *k, int rows, int width) {
    const int together = k->bf16_products ? 2 : 1, places = (width + together - 1) / together;
    gram_pixels self = {.rows = rows, .width = width, .places = places};
    self.block = (ptrdiff_t)(places + 1) * B;
    self.row = 5 * self.block;
    self.pixels = values_new(kernels_activation_bytes(k), (size_t)(rows * 5 * width * B));
    self.packed = values_new(kernels_operand_bytes(k), (size_t)(rows * self.row * together));
    for (int i = 0; i < rows * 5; i++)
        k->gram_pack(values_at(&self.pixels, (ptrdiff_t)i * width * B), width,
                     values_at(&self.packed, i * self.block * together));
    return self;
}

/* Channel `lane` of a block, at pixel number p of all rows. */
static double gram_value(const gram_pixels *self, int block, int p, int lane) {
    const int row = p / self->width * 5 + block;
    return (double)self->pixels.floats[(row * self->width + p % self->width) * B + lane];
}

/* What is found where the matrix was 0. */
static void expect_gram(const kernel_set *k, const gram_pixels *a, int first, int i, int j,
                        double value) {
    double sum = 0, sizes = 0;
    for (int p = 0; p < a->rows * a->width; p++) {
        const double product = gram_value(a, 0, p, i) * gram_value(a, first + j / B, p, j % B);
        sum += product;
        sizes += fabs(product);
    }
    expect_near("gram_rows", k, value, sum,
                k->bf16_products ? bound_sum(a->rows * a->places * 2, sizes) + 1e-14
                                 : 6e-7 * a->rows * a->width);
}

/* Block 0 with the blocks from `first` on; first 0 is a block with itself, on the diagonal. */
static void check_gram(const kernel_set *k, int first, int blocks, int rows, int width) {
    gram_pixels a = pixels_new(k, rows, width);
    double gram[GRAM_SIDE][GRAM_ROW];
    assert_true(LEFT + blocks * B < GRAM_ROW && first + blocks <= 5);
    for (int i = 0; i < GRAM_SIDE * GRAM_ROW; i++)
        gram[i / GRAM_ROW][i % GRAM_ROW] = i / GRAM_ROW - i % GRAM_ROW; /* added to, not replaced */
    const size_t bytes = k->bf16_products ? 2 * a.packed.bytes : a.packed.bytes;
    const unsigned char *data = a.packed.data;
    k->gram_rows(data, data + (size_t)(first * a.block) * bytes, a.block, blocks, a.row, rows,
                 a.places, &gram[GUARD_ROWS][LEFT], GRAM_ROW);
    for (int i = 0; i < GRAM_SIDE; i++) {
        for (int j = 0; j < GRAM_ROW; j++) {
            const int lane = i - GUARD_ROWS, other = j - LEFT;
            const bool inside = lane >= 0 && lane < B && other >= 0 && other < blocks * B;
            if (inside)
                expect_gram(k, &a, first, lane, other, gram[i][j] - (i - j));
            else
                assert_true(gram[i][j] == i - j);
        }
    }
    values_free(&a.pixels);
    values_free(&a.packed);
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
    const size_t count = (size_t)(pixels * B), bytes = kernels_activation_bytes(k);
    value_buffer in = values_new(bytes, count), out = values_new(bytes, count);
    uint16_t *sign = words_new((size_t)pixels);
    in.floats[0] = 0;
    in.floats[count - 1] = -0.0f;
    values_write(&in);
    k->relu(in.data, out.data, sign, pixels);
    values_read(&out);
    for (int i = 0; i < pixels * B; i++) {
        assert_true(out.floats[i] == (in.floats[i] > 0 ? in.floats[i] : 0));
        assert_int_equal(word_bit(sign[i / B], i % B), in.floats[i] > 0);
    }
    values_free(&in);
    values_free(&out);
    words_free(sign, (size_t)pixels);
}

static void check_keep(const kernel_set *k, int pixels) {
    const size_t count = (size_t)(pixels * B);
    value_buffer out = values_new(kernels_activation_bytes(k), count);
    float *before = buffer_copy(out.floats, count);
    uint16_t *sign = words_new((size_t)pixels), *same = words_copy(sign, (size_t)pixels);
    k->keep(sign, out.data, pixels);
    values_read(&out);
    for (int i = 0; i < pixels * B; i++)
        assert_true(out.floats[i] == (word_bit(sign[i / B], i % B) ? before[i] : 0));
    assert_memory_equal(sign, same, (size_t)pixels * sizeof *sign);
    values_free(&out);
    buffer_free(before, count);
    words_free(sign, (size_t)pixels);
    words_free(same, (size_t)pixels);
}

/* The values are so few bits apart that fp32 adds them without an error: what is kept is exact. */
static void check_add(const kernel_set *k, int pixels) {
    const size_t count = (size_t)(pixels * B), bytes = kernels_activation_bytes(k);
    value_buffer in = values_new(bytes, count), out = values_new(bytes, count);
    float *before = buffer_copy(out.floats, count);
    k->add(in.data, out.data, pixels);
    values_read(&out);
    for (size_t i = 0; i < count; i++)
        assert_true(out.floats[i] == value_kept(bytes, (double)before[i] + (double)in.floats[i]));
    values_free(&in);
    values_free(&out);
    buffer_free(before, count);
}

static void check_relus(const kernel_set *k) {
    for (int pixels = 1; pixels <= 19; pixels += 3) {
        check_relu(k, pixels);
        check_keep(k, pixels);
        check_add(k, pixels);
    }
    k->relu(NULL, NULL, NULL, 0); /* no pixels: nothing is touched */
    k->keep(NULL, NULL, 0);
    k->add(NULL, NULL, 0);
}

static void test_relu(void **state) {
    (void)state;
    for_each_set(check_relus);
}

static void check_differences(const kernel_set *k) {
    static const size_t counts[] = {16, 48, 4096, 8208, 12304};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const size_t count = counts[c];
        float *a = buffer_new(count), *g = buffer_new(count);
        value_buffer b = values_new(kernels_activation_bytes(k), count);
        float *before = buffer_copy(g, count);
        for (int variant = 0; variant < 3; variant++) { /* the last in place of a */
            double squares = 0;
            const bool accumulate = variant == 1;
            memcpy(g, variant == 2 ? a : before, count * sizeof *g);
            const double sum =
                k->difference(variant == 2 ? g : a, b.data, 0.37f, accumulate, g, count);
            for (size_t i = 0; i < count; i++) {
                const double d = (double)a[i] - (double)b.floats[i];
                squares += d * d;
                expect_near("difference", k, (double)g[i],
                            0.37 * d + (accumulate ? (double)before[i] : 0), 3e-7);
            }
            expect_near("sum of difference", k, sum, squares, 2e-6 * squares);
        }
        buffer_free(a, count);
        values_free(&b);
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
    static const uint16_t zeros[2 * B * B] = {0}; /* as floats, too */
    const size_t bytes = kernels_activation_bytes(k);
    value_buffer in = values_new(bytes, B), out = values_new(bytes, B);
    value_buffer operands = values_new(kernels_operand_bytes(k), 2 * B);
    float numbers[B] = {[3] = NAN}, sums[B];
    double gram[B * B] = {0};
    uint16_t sign;
    memcpy(in.floats, numbers, sizeof numbers);
    memset(operands.floats, 0, 2 * B * sizeof(float));
    operands.floats[3] = NAN;
    values_write(&in);
    values_write(&operands);
    k->relu(in.data, out.data, &sign, 1);
    values_read(&out);
    assert_true(isnan(out.floats[3]) && out.floats[2] == 0 && out.floats[4] == 0);
    assert_int_equal(sign, 0);
    assert_true(isnan(k->difference(numbers, zeros, 1, false, sums, B)));
    assert_true(isnan(sums[3]) && sums[2] == 0);
    k->product(&(product_tile){
        .v = operands.data, .blocks = 1, .u = zeros, .m = sums, .rows = 1, .panel = 1});
    assert_true(isnan(sums[0]) && isnan(sums[15]));
    k->gram_pack(in.data, 1, operands.data);
    k->gram_rows(operands.data, operands.data, B, 1, B, 1, 1, gram, B);
    assert_true(isnan(gram[3]) && isnan(gram[3 * B]) && gram[2] == 0 && gram[2 * B + 2] == 0);
    values_free(&in);
    values_free(&out);
    values_free(&operands);
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

/* ---- the registry ---- */

/* The sets of a precision: their order, what they say of themselves, and which one is the best. */
static void check_registry(precision which) {
    const char *names = kernels_compiled();
    int count = 0;
    for (; kernels_of(which, count); count++) {
        const kernel_set *set = kernels_of(which, count);
        assert_non_null(strstr(names, set->name));
        assert_int_equal(set->precision, which);
        assert_int_equal(set->single->precision, PRECISION_FP32);
        assert_true(which == PRECISION_BF16 || set->single == set);
        assert_true(which == PRECISION_BF16 || !set->bf16_products);
        assert_true((set->single->cpu & set->cpu) == set->single->cpu); /* runs where this does */
    }
    const kernel_set *last = kernels_of(which, count - 1);
    assert_string_equal(last->name, "generic");
    assert_true(kernels_supported(last));
    assert_null(kernels_of(which, -1));
    assert_null(kernels_of(which, count + 1));

    unsetenv("STYLIZE_ISA");
    int best = 0;
    while (!kernels_supported(kernels_of(which, best)))
        best++;
    assert_ptr_equal(kernels_best_of(which), kernels_of(which, best));
#ifdef __aarch64__ /* all of them have it */
    assert_string_equal(kernels_best_of(which)->name, "neon");
#endif

    for (int i = 0; i < count; i++) {
        const kernel_set *set = kernels_of(which, i);
        assert_int_equal(setenv("STYLIZE_ISA", set->name, 1), 0);
        if (kernels_supported(set))
            assert_ptr_equal(kernels_best_of(which), set);
        else
            assert_ptr_not_equal(kernels_best_of(which), set);
    }
    setenv("STYLIZE_ISA", "pentium", 1);
    assert_ptr_equal(kernels_best_of(which), kernels_of(which, best));
    unsetenv("STYLIZE_ISA");
}

static void test_registry(void **state) {
    (void)state;
    check_registry(PRECISION_FP32);
    check_registry(PRECISION_BF16);
    assert_ptr_equal(kernels_best(), kernels_best_of(PRECISION_FP32));
    assert_null(kernels_at(-1));
    /* A name that both precisions have is that of one set of instructions. */
    for (int i = 0; kernels_at(i); i++) {
        int same = 0;
        assert_ptr_equal(kernels_at(i), kernels_of(PRECISION_FP32, i));
        for (int n = 0; kernels_of(PRECISION_BF16, n); n++) {
            const kernel_set *set = kernels_of(PRECISION_BF16, n);
            same += set->single == kernels_at(i) && !strcmp(set->name, kernels_at(i)->name);
        }
        assert_int_equal(same, 1);
    }
}

#ifdef __x86_64__
/* The best fp32 set beside one that is of bf16 alone. */
static void test_bf16_instructions(void **state) {
    (void)state;
    const kernel_set *best = kernels_of(PRECISION_BF16, 0);
    assert_string_equal(best->name, "avx512bf16");
    assert_string_equal(best->single->name, "avx512");
    assert_true(best->bf16_products && !kernels_of(PRECISION_BF16, 1)->bf16_products);
    assert_int_equal(kernels_operand_bytes(best), 2);
    assert_int_equal(kernels_operand_bytes(kernels_of(PRECISION_BF16, 1)), 4);
    setenv("STYLIZE_ISA", best->name, 1);
    assert_true(kernels_supported(kernels_best()));
    assert_int_equal(kernels_best()->precision, PRECISION_FP32);
    unsetenv("STYLIZE_ISA");
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_gram),
        cmocka_unit_test(test_relu),
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_registry),
#ifdef __x86_64__
        cmocka_unit_test(test_bf16_instructions),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
