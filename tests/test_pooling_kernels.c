/* SPDX-License-Identifier: MIT
 *
 * The pooling kernels of every instruction set, to the bit: values with many ties, the choice of
 * each window, and both ways back, a row at a time and a patch of 6x6 pixels. Pooling inside the
 * Winograd output is in test_winograd.c, that of whole tensors in test_pool.c.
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

/* Values after a ReLU, of a few steps only, so that windows have ties and zeros. */
static value_buffer steps_new(size_t bytes, size_t count) {
    value_buffer self = values_new(bytes, count);
    for (size_t i = 0; i < count; i++)
        self.floats[i] = fmaxf(0, floorf(self.floats[i] * 4));
    values_write(&self);
    return self;
}

/* The first of the largest, if positive; else -1. */
static int first_maximum(const float window[4]) {
    int best = 0;
    for (int i = 1; i < 4; i++)
        best = window[i] > window[best] ? i : best;
    return window[best] > 0 ? best : -1;
}

static void check_pool_row(const kernel_set *k, int width, bool average) {
    const size_t count = (size_t)(2 * width * B), bytes = kernels_activation_bytes(k);
    value_buffer in[2] = {steps_new(bytes, count), steps_new(bytes, count)};
    value_buffer out = values_new(bytes, (size_t)(width * B));
    uint16_t *choice = words_new((size_t)(4 * width));
    k->pool_row(in[0].data, in[1].data, out.data, choice, width, average);
    values_read(&out);
    for (int i = 0; i < width * B; i++) {
        const int x = i / B, lane = i % B;
        float window[4], sum = 0, most = 0;
        for (int w = 0; w < 4; w++) {
            window[w] = in[w / 2].floats[(2 * x + w % 2) * B + lane];
            sum += window[w];
            most = fmaxf(most, window[w]);
        }
        assert_true(out.floats[i] == (average ? sum / 4 : most));
        for (int w = 0; w < 4; w++)
            assert_int_equal(word_bit(choice[4 * x + w], lane),
                             average ? window[w] > 0 : w == first_maximum(window));
    }
    values_free(&in[0]);
    values_free(&in[1]);
    values_free(&out);
    words_free(choice, (size_t)(4 * width));
}

/* Values of all the digits that are kept: only the mean of a window is rounded, once, because fp32
 * adds four of them without an error. */
static void check_all_digits(const kernel_set *k, bool average) {
    enum { WIDTH = 37 };
    const size_t bytes = kernels_activation_bytes(k);
    value_buffer in[2] = {values_new(bytes, 2 * WIDTH * B), values_new(bytes, 2 * WIDTH * B)};
    value_buffer out = values_new(bytes, WIDTH * B);
    uint16_t *choice = words_new(4 * WIDTH);
    for (int i = 0; i < 4 * WIDTH * B; i++)
        in[i % 2].floats[i / 2] = fmaxf(0, in[i % 2].floats[i / 2]);
    values_write(&in[0]);
    values_write(&in[1]);
    k->pool_row(in[0].data, in[1].data, out.data, choice, WIDTH, average);
    values_read(&out);
    for (int i = 0; i < WIDTH * B; i++) {
        double sum = 0, most = 0;
        for (int w = 0; w < 4; w++) {
            const float value = in[w / 2].floats[(2 * (i / B) + w % 2) * B + i % B];
            sum += (double)value;
            most = fmax(most, (double)value);
        }
        assert_true(out.floats[i] == value_kept(bytes, average ? sum / 4 : most));
    }
    values_free(&in[0]);
    values_free(&in[1]);
    values_free(&out);
    words_free(choice, 4 * WIDTH);
}

static void check_pool_rows(const kernel_set *k) {
    for (int width = 1; width <= 19; width += 3) {
        check_pool_row(k, width, false);
        check_pool_row(k, width, true);
    }
    check_all_digits(k, false);
    check_all_digits(k, true);
}

static void test_pool_row(void **state) {
    (void)state;
    for_each_set(check_pool_rows);
}

/* A window of broken numbers stays broken and is nobody's choice. */
static void check_not_a_number(const kernel_set *k) {
    const size_t bytes = kernels_activation_bytes(k);
    for (int average = 0; average < 2; average++) {
        value_buffer in = values_new(bytes, 4 * B), out = values_new(bytes, B);
        uint16_t choice[4];
        for (int i = 0; i < 4 * B; i++)
            in.floats[i] = i % B == 3 ? NAN : 0;
        values_write(&in);
        k->pool_row(in.data, values_at(&in, 2 * B), out.data, choice, 1, average);
        values_read(&out);
        assert_true(isnan(out.floats[3]) && out.floats[2] == 0 && out.floats[4] == 0);
        for (int w = 0; w < 4; w++)
            assert_int_equal(choice[w], 0);
        values_free(&in);
        values_free(&out);
    }
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

/* ---- back, a row ---- */

static void check_unpool_row(const kernel_set *k, int width, int half, float scale, bool add) {
    const size_t count = (size_t)(2 * width * B), bytes = kernels_activation_bytes(k);
    value_buffer g = values_new(bytes, (size_t)(width * B)), out = values_new(bytes, count);
    float *before = buffer_copy(out.floats, count);
    uint16_t *choice = words_new((size_t)(4 * width)), *sign = words_new((size_t)(2 * width));
    k->unpool_row(g.data, choice + 2 * half, scale, add, sign, out.data, width);
    values_read(&out);
    for (int i = 0; i < 2 * width * B; i++) {
        const int x = i / B, lane = i % B, window = x / 2;
        float expected = 0;
        if (word_bit(choice[4 * window + 2 * half + x % 2], lane))
            expected = scale * g.floats[window * B + lane];
        if (add)
            expected += before[i];
        assert_true(out.floats[i] ==
                    (word_bit(sign[x], lane) ? value_kept(bytes, (double)expected) : 0));
    }
    values_free(&g);
    values_free(&out);
    buffer_free(before, count);
    words_free(choice, (size_t)(4 * width));
    words_free(sign, (size_t)(2 * width));
}

static void check_unpool_rows(const kernel_set *k) {
    for (int width = 1; width <= 19; width += 3) {
        for (int i = 0; i < 8; i++)
            check_unpool_row(k, width, i & 1, i & 2 ? 0.25f : 1, i & 4);
    }
}

static void test_unpool_row(void **state) {
    (void)state;
    for_each_set(check_unpool_rows);
}

/* ---- back, a patch ---- */

static void check_unpool_patch(const kernel_set *k, float scale) {
    enum { WINDOWS = 4, ROW = 6 * B, WORDS_ROW = 4 * 7, SIDE = 6 };
    const size_t words = WINDOWS * WORDS_ROW, bytes = kernels_activation_bytes(k);
    value_buffer g = values_new(bytes, WINDOWS * ROW), patch = values_new(bytes, SIDE * SIDE * B);
    uint16_t *choice = words_new(words);
    k->unpool_patch(g.data, ROW, choice, WORDS_ROW, scale, patch.data);
    values_read(&patch);
    for (int i = 0; i < SIDE * SIDE * B; i++) {
        /* The patch begins at pixel 1, 1 of the windows. */
        const int lane = i % B, y = i / B / SIDE + 1, x = i / B % SIDE + 1;
        const uint16_t word = choice[y / 2 * WORDS_ROW + x / 2 * 4 + y % 2 * 2 + x % 2];
        const float gradient = g.floats[y / 2 * ROW + x / 2 * B + lane];
        assert_true(patch.floats[i] == (word_bit(word, lane) ? scale * gradient : 0));
    }
    values_free(&g);
    values_free(&patch);
    words_free(choice, words);
}

static void check_unpool_patches(const kernel_set *k) {
    for (int i = 0; i < 4; i++)
        check_unpool_patch(k, i % 2 ? 0.25f : 1);
}

static void test_unpool_patch(void **state) {
    (void)state;
    for_each_set(check_unpool_patches);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_row),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_unpool_row),
        cmocka_unit_test(test_unpool_patch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
