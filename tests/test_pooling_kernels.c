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
static float *steps_new(size_t count) {
    float *buffer = buffer_new(count);
    for (size_t i = 0; i < count; i++)
        buffer[i] = fmaxf(0, floorf(buffer[i] * 4));
    return buffer;
}

/* The first of the largest, if positive; else -1. */
static int first_maximum(const float window[4]) {
    int best = 0;
    for (int i = 1; i < 4; i++)
        best = window[i] > window[best] ? i : best;
    return window[best] > 0 ? best : -1;
}

static void check_pool_row(const kernel_set *k, int width, bool average) {
    const size_t count = (size_t)(2 * width * B), half = (size_t)(width * B);
    float *in[2] = {steps_new(count), steps_new(count)}, *out = buffer_new(half);
    uint16_t *choice = words_new((size_t)(4 * width));
    k->pool_row(in[0], in[1], out, choice, width, average);
    for (int i = 0; i < width * B; i++) {
        const int x = i / B, lane = i % B;
        float window[4], sum = 0, most = 0;
        for (int w = 0; w < 4; w++) {
            window[w] = in[w / 2][(2 * x + w % 2) * B + lane];
            sum += window[w];
            most = fmaxf(most, window[w]);
        }
        assert_true(out[i] == (average ? sum / 4 : most));
        for (int w = 0; w < 4; w++)
            assert_int_equal(word_bit(choice[4 * x + w], lane),
                             average ? window[w] > 0 : w == first_maximum(window));
    }
    buffer_free(in[0], count);
    buffer_free(in[1], count);
    buffer_free(out, half);
    words_free(choice, (size_t)(4 * width));
}

static void check_pool_rows(const kernel_set *k) {
    for (int width = 1; width <= 19; width += 3) {
        check_pool_row(k, width, false);
        check_pool_row(k, width, true);
    }
}

static void test_pool_row(void **state) {
    (void)state;
    for_each_set(check_pool_rows);
}

/* A window of broken numbers stays broken and is nobody's choice. */
static void check_not_a_number(const kernel_set *k) {
    for (int average = 0; average < 2; average++) {
        float in[2][2 * B] = {{0}}, out[B];
        uint16_t choice[4];
        for (int w = 0; w < 4; w++)
            in[w / 2][w % 2 * B + 3] = NAN;
        k->pool_row(in[0], in[1], out, choice, 1, average);
        assert_true(isnan(out[3]) && out[2] == 0 && out[4] == 0);
        for (int w = 0; w < 4; w++)
            assert_int_equal(choice[w], 0);
    }
}

static void test_not_a_number(void **state) {
    (void)state;
    for_each_set(check_not_a_number);
}

/* ---- back, a row ---- */

static void check_unpool_row(const kernel_set *k, int width, int half, float scale, bool add) {
    const size_t count = (size_t)(2 * width * B), pooled = (size_t)(width * B);
    float *g = buffer_new(pooled), *out = buffer_new(count), *before = buffer_copy(out, count);
    uint16_t *choice = words_new((size_t)(4 * width)), *sign = words_new((size_t)(2 * width));
    k->unpool_row(g, choice + 2 * half, scale, add, sign, out, width);
    for (int i = 0; i < 2 * width * B; i++) {
        const int x = i / B, lane = i % B, window = x / 2;
        float expected = 0;
        if (word_bit(choice[4 * window + 2 * half + x % 2], lane))
            expected = scale * g[window * B + lane];
        if (add)
            expected += before[i];
        assert_true(out[i] == (word_bit(sign[x], lane) ? expected : 0));
    }
    buffer_free(g, pooled);
    buffer_free(out, count);
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
    const size_t count = WINDOWS * ROW, words = WINDOWS * WORDS_ROW, patch_count = SIDE * SIDE * B;
    float *g = buffer_new(count), *patch = buffer_new(patch_count);
    uint16_t *choice = words_new(words);
    k->unpool_patch(g, ROW, choice, WORDS_ROW, scale, patch);
    for (int i = 0; i < (int)patch_count; i++) {
        /* The patch begins at pixel 1, 1 of the windows. */
        const int lane = i % B, y = i / B / SIDE + 1, x = i / B % SIDE + 1;
        const uint16_t word = choice[y / 2 * WORDS_ROW + x / 2 * 4 + y % 2 * 2 + x % 2];
        const float gradient = g[y / 2 * ROW + x / 2 * B + lane];
        assert_true(patch[i] == (word_bit(word, lane) ? scale * gradient : 0));
    }
    buffer_free(g, count);
    buffer_free(patch, patch_count);
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
