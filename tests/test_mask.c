/* SPDX-License-Identifier: MIT
 *
 * Tests of mask.c: sums of weights, and blocks of channels that they weigh.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cost/mask.h"
#include "simd/kernels.h"

enum { HEIGHT = 3, WIDTH = 5, PIXELS = HEIGHT * WIDTH };

static float weight_at(int i) {
    return (float)(i % 5) / 4; /* and its square: exact */
}

/* Of all its pixels and no more, whatever was there. */
static void sums_up_weights_and_squares(void **state) {
    (void)state;
    float weights[PIXELS + 1];
    double sum = 0, squares = 0;
    for (int i = 0; i <= PIXELS; i++)
        weights[i] = i < PIXELS ? weight_at(i) : 100;
    for (int i = 0; i < PIXELS; i++) {
        sum += (double)weights[i];
        squares += (double)weights[i] * (double)weights[i];
    }
    cost_mask self = {
        .height = HEIGHT, .width = WIDTH, .weights = weights, .sum = 7, .squares = 7};
    cost_mask_sum(&self);
    assert_true(self.sum == sum);
    assert_true(self.squares == squares);
}

static void weighs_blocks(void **state) {
    (void)state;
    enum { COUNT = PIXELS * CHANNEL_BLOCK };
    float weights[PIXELS], in[COUNT], out[COUNT + 1];
    for (int i = 0; i < PIXELS; i++)
        weights[i] = weight_at(i);
    for (int i = 0; i < COUNT; i++)
        in[i] = (float)(i % 97 - 48);
    for (int squared = 0; squared < 2; squared++) {
        out[COUNT] = -7;
        cost_mask_weigh(in, weights, squared, PIXELS, out);
        for (int i = 0; i < COUNT; i++) {
            const float weight = weights[i / CHANNEL_BLOCK];
            assert_true(out[i] == (squared ? weight * weight : weight) * in[i]);
        }
        assert_true(out[COUNT] == -7);
    }
    cost_mask_weigh(in, weights, false, PIXELS, in); /* in place */
    cost_mask_weigh(in, weights, false, PIXELS, in);
    for (int i = 0; i < COUNT; i++)
        assert_true(in[i] == out[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_up_weights_and_squares),
        cmocka_unit_test(weighs_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
