/* SPDX-License-Identifier: MIT
 *
 * The two kernels of the first convolution, of every instruction set, against plain sums in double:
 * both panels, odd widths, with and without ReLU and sign bits, nothing read or written outside.
 * Whole convolutions are in test_first_conv.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_buffers.h"

#define B CHANNEL_BLOCK
#define TAPS 9

/* ---- forward ---- */

/* Output (x, o) before the ReLU. */
static double row_value(const first_row *row, int x, int o) {
    double sum = (double)row->bias[o];
    for (int i = 0; i < 3 * TAPS; i++) {
        const float *in = row->in + i / TAPS * row->in_plane + i % TAPS / 3 * row->in_row;
        sum += (double)in[x + i % 3] * (double)row->weights[i * row->panel * B + o];
    }
    return sum;
}

static void expect_row(const kernel_set *k, const first_row *row, const value_buffer *kept,
                       const float *before, const uint16_t *sign_before) {
    const float *out = kept->floats;
    for (int o = 0; o < row->panel * B; o++) {
        for (int x = 0; x < row->width + 1; x++) {
            const ptrdiff_t at = o / B * row->out_block + x * B + o % B;
            const ptrdiff_t word = o / B * row->sign_block + x;
            const double value = x < row->width ? row_value(row, x, o) : 0;
            if (x == row->width)
                assert_true(out[at] == before[at]);
            else
                expect_kept("first_row", k, kept->bytes, (double)out[at],
                            row->relu ? fmax(value, 0) : value, 3e-6);
            if (row->sign && row->relu && x < row->width)
                assert_int_equal(word_bit(row->sign[word], o % B), out[at] > 0);
            else if (row->sign)
                assert_int_equal(row->sign[word], sign_before[word]);
        }
    }
}

static void check_first_row(const kernel_set *k, int width, int panel, bool relu, bool with_sign) {
    const ptrdiff_t in_row = width + 3, in_plane = 4 * in_row, out_block = (width + 1) * B;
    const size_t in_count = (size_t)(2 * in_plane + 2 * in_row + width + 2);
    const size_t out_count = (size_t)(out_block * panel),
                 sign_count = (size_t)(panel * (width + 2));
    const size_t weight_count = (size_t)(3 * TAPS * panel * B);
    float *in = buffer_new(in_count), *weights = buffer_new(weight_count);
    float *bias = buffer_new((size_t)(panel * B));
    value_buffer out = values_new(kernels_activation_bytes(k), out_count);
    float *before = buffer_copy(out.floats, out_count);
    uint16_t *sign = words_new(sign_count), *sign_before = words_copy(sign, sign_count);
    const first_row row = {.in = in,
                           .in_row = in_row,
                           .in_plane = in_plane,
                           .weights = weights,
                           .bias = bias,
                           .out = out.data,
                           .out_block = out_block,
                           .sign = with_sign ? sign : NULL,
                           .sign_block = width + 2,
                           .width = width,
                           .panel = panel,
                           .relu = relu};
    k->first_row(&row);
    values_read(&out);
    expect_row(k, &row, &out, before, sign_before);
    buffer_free(in, in_count);
    buffer_free(weights, weight_count);
    buffer_free(bias, (size_t)(panel * B));
    values_free(&out);
    buffer_free(before, out_count);
    words_free(sign, sign_count);
    words_free(sign_before, sign_count);
}

/* Widths past two of the widest tiles. */
static void check_first_rows(const kernel_set *k) {
    for (int panel = 1; panel <= k->panel; panel++) {
        for (int width = 1; width <= 43; width += width < 31 ? 1 : 4) {
            for (int i = 0; i < 4; i++)
                check_first_row(k, width, panel, i & 1, i & 2);
        }
    }
}

static void test_first_row(void **state) {
    (void)state;
    for_each_set(check_first_rows);
}

/* Broken input is not hidden by the ReLU. */
static void check_not_a_number(const kernel_set *k) {
    static const float weights[3 * TAPS * B] = {0}, bias[B] = {0};
    float in[3][3][4] = {{{0}}};
    value_buffer out = values_new(kernels_activation_bytes(k), 2 * B);
    uint16_t sign[2];
    in[1][2][3] = NAN; /* under the last pixel alone */
    k->first_row(&(first_row){.in = in[0][0],
                              .in_row = 4,
                              .in_plane = 12,
                              .weights = weights,
                              .bias = bias,
                              .out = out.data,
                              .sign = sign,
                              .width = 2,
                              .panel = 1,
                              .relu = true});
    values_read(&out);
    assert_true(out.floats[0] == 0 && isnan(out.floats[B]));
    assert_true(sign[0] == 0 && sign[1] == 0);
    values_free(&out);
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

/* ---- back ---- */

/* Row 0 begins at `from`, with its neighbours all round. */
static double adjoint_value(const first_adjoint_row *row, const float *from, int x, int c) {
    double sum = 0;
    for (int b = 0; b < row->blocks; b++) {
        for (int i = 0; i < TAPS * B; i++) {
            const int tap = i / B, lane = i % B;
            const float *in = from + b * row->in_block + (tap / 3 - 1) * row->in_row;
            sum += (double)in[(x + tap % 3 - 1) * B + lane] *
                   (double)row->weights[((b * TAPS + tap) * 3 + c) * B + lane];
        }
    }
    return sum * (double)row->scale[c];
}

static void check_adjoint_row(const kernel_set *k, int width, int blocks) {
    const ptrdiff_t in_block = (width + 2) * B, in_row = in_block * blocks + B;
    const size_t in_count = (size_t)(2 * in_row + in_block * blocks);
    const size_t weight_count = (size_t)(blocks * TAPS * 3 * B), count = (size_t)width;
    value_buffer in = values_new(kernels_activation_bytes(k), in_count);
    float *weights = buffer_new(weight_count);
    float *out[3] = {buffer_new(count), buffer_new(count), buffer_new(count)};
    const first_adjoint_row row = {.in = values_at(&in, in_row + B),
                                   .in_row = in_row,
                                   .in_block = in_block,
                                   .blocks = blocks,
                                   .weights = weights,
                                   .out = {out[0], out[1], out[2]},
                                   .scale = {0.5f, -2, 1.25f},
                                   .width = width};
    k->first_adjoint_row(&row);
    for (int i = 0; i < 3 * width; i++)
        expect_near("first_adjoint_row", k, (double)out[i / width][i % width],
                    adjoint_value(&row, in.floats + in_row + B, i % width, i / width),
                    2e-6 * sqrt(blocks * B));
    values_free(&in);
    buffer_free(weights, weight_count);
    for (int c = 0; c < 3; c++)
        buffer_free(out[c], count);
}

static void check_adjoint_rows(const kernel_set *k) {
    for (int width = 1; width <= 27; width++) {
        for (int blocks = 1; blocks <= 4; blocks++)
            check_adjoint_row(k, width, blocks);
    }
}

static void test_first_adjoint_row(void **state) {
    (void)state;
    for_each_set(check_adjoint_rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_row),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_first_adjoint_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
