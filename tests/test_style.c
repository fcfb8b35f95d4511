/* SPDX-License-Identifier: MIT
 *
 * Tests of style.c: what an evaluation of terms with means begins with. Their values and gradients
 * are the tests of objectives.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cost/style.h"

enum { CHANNELS = 19 }; /* more than a block, and not whole blocks */

static void walk(void *part, layout *to) {
    style_layout(part, to);
}

/* Nothing is left of the evaluation before: slopes are exactly zero. */
static void evaluations_begin_without_slopes(void **state) {
    (void)state;
    cost_work self = {.kind = COST_COVARIANCE,
                      .kernels = kernels_best(),
                      .channels = CHANNELS,
                      .height = 3,
                      .width = 5,
                      .count = 1};
    layout memory;
    error err;
    assert_true(layout_make(&memory, walk, &self, &err));
    for (int i = 0; i < CHANNELS * CHANNELS; i++)
        self.matrix[i] = self.slope[i] = 5;
    for (int i = 0; i < CHANNELS; i++)
        self.means[i] = self.constants[i] = 5;
    style_gather(&self);
    for (int i = 0; i < CHANNELS * CHANNELS; i++)
        assert_true(self.slope[i] == 0 && self.matrix[i] == 0); /* of no rows at all */
    for (int i = 0; i < CHANNELS; i++)
        assert_true(self.constants[i] == 0 && self.means[i] == 0);
    layout_free(&memory);
}

static void power_is_the_trace(void **state) {
    (void)state;
    double matrix[CHANNELS * CHANNELS + CHANNELS + 1];
    const cost_target target = {.channels = CHANNELS, .matrix = matrix};
    for (int i = 0; i < CHANNELS * CHANNELS + CHANNELS + 1; i++)
        matrix[i] = 1000;
    for (int i = 0; i < CHANNELS; i++)
        matrix[i * CHANNELS + i] = i;
    assert_true(style_power(&target) == CHANNELS * (CHANNELS - 1) / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluations_begin_without_slopes),
        cmocka_unit_test(power_is_the_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
