/* SPDX-License-Identifier: MIT
 *
 * The transforms of Winograd's F(4x4, 3x3) by every kernel set, against their matrices in double:
 * filters, inputs and outputs, every size of a tile that the border cuts, everything an output can
 * go through, pooled outputs, and nothing written beside the results. Whole convolutions are in
 * test_winograd_conv.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_buffers.h"

#define B CHANNEL_BLOCK
enum { ROW = 8 * B, STEP = 3 * B, POINTS = 36, WORDS_ROW = 7 };

/* For the points 0, 2/3, -2/3, 3/2, -3/2 and infinity. */
static const double input_matrix[6][6] = {
    {1, 0, -97 / 36.0, 0, 1, 0},        {0, -1.5, -2.25, 2 / 3.0, 1, 0},
    {0, 1.5, -2.25, -2 / 3.0, 1, 0},    {0, -2 / 3.0, -4 / 9.0, 1.5, 1, 0},
    {0, 2 / 3.0, -4 / 9.0, -1.5, 1, 0}, {0, 1, 0, -97 / 36.0, 0, 1},
};
static const double output_matrix[4][6] = {
    {1, -2.25, -2.25, 1, 1, 0},
    {0, -1.5, 1.5, 1.5, -1.5, 0},
    {0, -1, -1, 2.25, 2.25, 0},
    {0, -2 / 3.0, 2 / 3.0, 3.375, -3.375, 1},
};
static const double filter_matrix[6][3] = {
    {1, 0, 0},
    {18 / 65.0, 12 / 65.0, 8 / 65.0},
    {18 / 65.0, -12 / 65.0, 8 / 65.0},
    {8 / 65.0, 12 / 65.0, 18 / 65.0},
    {8 / 65.0, -12 / 65.0, 18 / 65.0},
    {0, 0, 1},
};

/* m d m' at row y, column x, of the size x size values d of one lane. */
static double transformed(const double *m, int size, int y, int x, const double *d) {
    double sum = 0;
    for (int i = 0; i < size * size; i++)
        sum += m[y * size + i / size] * d[i] * m[x * size + i % size];
    return sum;
}

/* Output k of one dimension is the sum over taps t of d[k + t] g[t], and nothing of the other
 * products: so the three belong together. */
static void test_matrices(void **state) {
    (void)state;
    for (int i = 0; i < 4 * 6 * 3; i++) {
        const int k = i / 18, d = i / 3 % 6, g = i % 3;
        double product = 0;
        for (int p = 0; p < 6; p++)
            product += output_matrix[k][p] * input_matrix[p][d] * filter_matrix[p][g];
        assert_true(fabs(product - (d == k + g)) < 1e-12);
    }
}

/* What a transform reads: `size` x `size` floats, `row` and `column` apart, of one channel or of
 * `together` of them. */
typedef struct transform_case {
    const char *what;
    const double *matrix;
    int size, together;
    const float *in;
    ptrdiff_t row, column, channel;
} transform_case;

/* They become 36 points, those of channels that go together side by side. */
static void expect_points(const kernel_set *k, const transform_case *t, const value_buffer *out,
                          const float *before) {
    for (int i = 0; i < POINTS * STEP; i++) {
        const int point = i / STEP, lane = i % STEP / t->together;
        const float *in = t->in + i % t->together * t->channel;
        double d[POINTS];
        if (lane >= B) {
            assert_true(out->floats[i] == before[i]);
            continue;
        }
        for (int p = 0; p < t->size * t->size; p++)
            d[p] = (double)in[p / t->size * t->row + p % t->size * t->column + lane];
        expect_kept(t->what, k, out->bytes, (double)out->floats[i],
                    transformed(t->matrix, t->size, point / 6, point % 6, d), 4e-6);
    }
}

static void check_input(const kernel_set *k) {
    const size_t count = POINTS * STEP;
    value_buffer in = values_new(kernels_activation_bytes(k), 5 * ROW + 6 * B);
    value_buffer out = values_new(kernels_operand_bytes(k), count);
    float *before = buffer_copy(out.floats, count);
    k->winograd_input(in.data, ROW, out.data, STEP);
    values_read(&out);
    expect_points(k,
                  &(transform_case){.what = "winograd_input",
                                    .matrix = input_matrix[0],
                                    .size = 6,
                                    .together = 1,
                                    .in = in.floats,
                                    .row = ROW,
                                    .column = B},
                  &out, before);
    values_free(&in);
    values_free(&out);
    buffer_free(before, count);
}

static void check_filter(const kernel_set *k) {
    enum { TAP_STEP = 2 * B, CHANNEL_STEP = 9 * TAP_STEP + B };
    const int together = k->bf16_products ? 2 : 1;
    const size_t in_count = (size_t)((together - 1) * CHANNEL_STEP + 8 * TAP_STEP + B);
    const size_t count = POINTS * STEP;
    float *taps = buffer_new(in_count);
    value_buffer out = values_new(kernels_operand_bytes(k), count);
    float *before = buffer_copy(out.floats, count);
    k->winograd_filter(taps, TAP_STEP, CHANNEL_STEP, out.data, STEP);
    values_read(&out);
    expect_points(k,
                  &(transform_case){.what = "winograd_filter",
                                    .matrix = filter_matrix[0],
                                    .size = 3,
                                    .together = together,
                                    .in = taps,
                                    .row = 3 * TAP_STEP,
                                    .column = TAP_STEP,
                                    .channel = CHANNEL_STEP},
                  &out, before);
    buffer_free(taps, in_count);
    values_free(&out);
    buffer_free(before, count);
}

static void test_input(void **state) {
    (void)state;
    for_each_set(check_input);
}

static void test_filter(void **state) {
    (void)state;
    for_each_set(check_filter);
}

/* ---- outputs ---- */

/* The value of pixel y, x of a tile of products, plus the bias. */
static double pixel_value(const float *in, int y, int x, int lane, const float *bias) {
    double m[POINTS];
    for (int p = 0; p < POINTS; p++)
        m[p] = (double)in[p * STEP + lane];
    return transformed(output_matrix[0], 6, y, x, m) + (bias ? (double)bias[lane] : 0);
}

enum { ADD = 1, RELU = 2, SIGN = 4, KEEP = 8, BIAS = 16, IN_PLACE = 32, VARIANTS = 64 };

typedef struct output_case {
    int variant;
    float *in, *bias, *before;
    value_buffer add, out;
    uint16_t *sign, *sign_before, *keep;
} output_case;

static void expect_output(const kernel_set *k, const output_case *c, int height, int width) {
    const float *add = c->variant & IN_PLACE ? c->before : c->add.floats;
    const float *out = c->out.floats;
    for (int i = 0; i < 5 * ROW; i++) {
        const int y = i / ROW, x = i % ROW / B, lane = i % B, word = y * WORDS_ROW + x;
        const bool has_word = y < 5 && x < WORDS_ROW;
        if (y >= height || x >= width) {
            assert_true(out[i] == c->before[i]);
            assert_true(!has_word || c->sign[word] == c->sign_before[word]);
            continue;
        }
        double v = pixel_value(c->in, y, x, lane, c->variant & BIAS ? c->bias : NULL);
        if (c->variant & ADD)
            v += (double)add[i];
        if ((c->variant & (RELU | SIGN)) == (RELU | SIGN) && fabs(v) > 1e-5)
            assert_int_equal(word_bit(c->sign[word], lane), v > 0);
        else if (!(c->variant & RELU) || !(c->variant & SIGN))
            assert_int_equal(c->sign[word], c->sign_before[word]);
        if (c->variant & RELU)
            v = fmax(v, 0);
        if (c->variant & KEEP && !word_bit(c->keep[word], lane))
            assert_true(out[i] == 0);
        else
            expect_kept("winograd_output", k, c->out.bytes, (double)out[i], v, 1e-5);
    }
}

static void check_output(const kernel_set *k, int height, int width, int variant) {
    const size_t in_count = 35 * STEP + B, count = 5 * ROW, words = 5 * WORDS_ROW;
    const size_t bytes = kernels_activation_bytes(k);
    output_case c = {.variant = variant};
    c.in = buffer_new(POINTS * STEP);
    c.bias = buffer_new(B);
    c.add = values_new(bytes, count);
    c.out = values_new(bytes, count);
    c.before = buffer_copy(c.out.floats, count);
    c.sign = words_new(words);
    c.sign_before = words_copy(c.sign, words);
    c.keep = words_new(words);
    float *in = buffer_copy(c.in, in_count);
    const winograd_out tile = {
        .out = c.out.data,
        .add = !(variant & ADD)     ? NULL
               : variant & IN_PLACE ? c.out.data
                                    : c.add.data,
        .row = ROW,
        .sign = variant & SIGN ? c.sign : NULL,
        .keep = variant & KEEP ? c.keep : NULL,
        .sign_row = WORDS_ROW,
        .height = height,
        .width = width,
        .bias = variant & BIAS ? c.bias : NULL,
        .relu = variant & RELU,
    };
    k->winograd_output(in, STEP, &tile);
    values_read(&c.out);
    expect_output(k, &c, height, width);
    buffer_free(in, in_count);
    buffer_free(c.in, POINTS * STEP);
    buffer_free(c.bias, B);
    values_free(&c.add);
    values_free(&c.out);
    buffer_free(c.before, count);
    words_free(c.sign, words);
    words_free(c.sign_before, words);
    words_free(c.keep, words);
}

static void check_outputs(const kernel_set *k) {
    for (int variant = 0; variant < VARIANTS; variant++) {
        for (int size = 0; size < 16; size++)
            check_output(k, 1 + size / 4, 1 + size % 4, variant);
    }
}

static void test_output(void **state) {
    (void)state;
    for_each_set(check_outputs);
}

/* ---- pooled outputs ---- */

/* One window of the pooled tile: its value, and a choice that fits values which are within a
 * rounding of the kernel's. */
static void expect_window(const kernel_set *k, const double raw[4], bool average, float out,
                          const uint16_t *choice, int lane) {
    double sum = 0, most = 0;
    int chosen = 0;
    for (int i = 0; i < 4; i++) {
        sum += fmax(0, raw[i]);
        most = fmax(most, raw[i]);
        chosen += word_bit(choice[i], lane);
    }
    expect_kept("winograd_output_pooled", k, kernels_activation_bytes(k), (double)out,
                average ? sum / 4 : most, 1e-5);
    assert_true(average || chosen == (out > 0));
    for (int i = 0; i < 4; i++) {
        if (average && raw[i] > 1e-5)
            assert_int_equal(word_bit(choice[i], lane), 1);
        else if (word_bit(choice[i], lane))
            assert_true(raw[i] > -1e-5 && (average || raw[i] > most - 2e-5));
    }
}

static void check_pooled(const kernel_set *k, int height, int width, bool average) {
    enum { CHOICE_ROW = 4 * 3 };
    const size_t in_count = 35 * STEP + B, count = 3 * ROW, words = 3 * CHOICE_ROW;
    float *in = buffer_new(in_count), *bias = buffer_new(B);
    value_buffer out = values_new(kernels_activation_bytes(k), count);
    float *before = buffer_copy(out.floats, count);
    uint16_t *choice = words_new(words), *choice_before = words_copy(choice, words);
    const winograd_pooled tile = {.out = out.data,
                                  .row = ROW,
                                  .choice = choice,
                                  .choice_row = CHOICE_ROW,
                                  .height = height,
                                  .width = width,
                                  .bias = bias,
                                  .average = average};
    k->winograd_output_pooled(in, STEP, &tile);
    values_read(&out);
    for (int i = 0; i < 3 * ROW; i++) {
        const int y = i / ROW, x = i % ROW / B, lane = i % B;
        double v[4];
        if (y >= height || x >= width) {
            assert_true(out.floats[i] == before[i]);
            continue;
        }
        for (int w = 0; w < 4; w++)
            v[w] = pixel_value(in, 2 * y + w / 2, 2 * x + w % 2, lane, bias);
        expect_window(k, v, average, out.floats[i], choice + y * CHOICE_ROW + 4 * x, lane);
    }
    for (int i = 0; i < (int)words; i++) {
        if (i / CHOICE_ROW >= height || i % CHOICE_ROW / 4 >= width)
            assert_int_equal(choice[i], choice_before[i]);
    }
    buffer_free(in, in_count);
    buffer_free(bias, B);
    values_free(&out);
    buffer_free(before, count);
    words_free(choice, words);
    words_free(choice_before, words);
}

/* Height or width 0 is a tile of which nothing but an odd last line is left. */
static void check_pooled_sizes(const kernel_set *k) {
    for (int size = 0; size < 9; size++) {
        for (int i = 0; i < 20; i++)
            check_pooled(k, size / 3, size % 3, i % 2);
    }
}

static void test_pooled(void **state) {
    (void)state;
    for_each_set(check_pooled_sizes);
}

/* Products of zero leave the bias in all pixels: ties, where the first is chosen, and nobody where
 * the ReLU has cut them off. */
static void check_ties(const kernel_set *k) {
    static const float in[POINTS * STEP] = {0};
    const float bias[B] = {1, -1, 0, 0.5f};
    for (int average = 0; average < 2; average++) {
        value_buffer out = values_new(kernels_activation_bytes(k), 2 * B);
        uint16_t choice[8];
        k->winograd_output_pooled(in, STEP,
                                  &(winograd_pooled){.out = out.data,
                                                     .row = 0,
                                                     .choice = choice,
                                                     .height = 1,
                                                     .width = 2,
                                                     .bias = bias,
                                                     .average = average});
        for (int i = 0; i < 8; i++)
            assert_int_equal(choice[i], average || i % 4 == 0 ? 0x9 : 0);
        values_read(&out);
        for (int i = 0; i < 2 * B; i++)
            assert_true(out.floats[i] == fmaxf(0, bias[i % B]));
        values_free(&out);
    }
}

static void test_ties(void **state) {
    (void)state;
    for_each_set(check_ties);
}

/* A ReLU hides no broken number, pooled or not. */
static void check_not_a_number(const kernel_set *k) {
    static float in[POINTS * STEP];
    static const float bias[B] = {0};
    uint16_t words[4] = {1, 1, 1, 1};
    value_buffer out = values_new(kernels_activation_bytes(k), B);
    for (int i = 0; i < POINTS; i++)
        in[i * STEP + 3] = NAN;
    k->winograd_output(
        in, STEP,
        &(winograd_out){.out = out.data, .sign = words, .height = 1, .width = 1, .relu = true});
    values_read(&out);
    assert_true(isnan(out.floats[3]) && out.floats[2] == 0 && out.floats[4] == 0 && words[0] == 0);
    for (int average = 0; average < 2; average++) {
        k->winograd_output_pooled(in, STEP,
                                  &(winograd_pooled){.out = out.data,
                                                     .choice = words,
                                                     .height = 1,
                                                     .width = 1,
                                                     .bias = bias,
                                                     .average = average});
        values_read(&out);
        assert_true(isnan(out.floats[3]) && out.floats[2] == 0 && out.floats[4] == 0 &&
                    words[3] == 0);
    }
    values_free(&out);
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrices),     cmocka_unit_test(test_filter),
        cmocka_unit_test(test_input),        cmocka_unit_test(test_output),
        cmocka_unit_test(test_pooled),       cmocka_unit_test(test_ties),
        cmocka_unit_test(test_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
