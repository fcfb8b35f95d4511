/* SPDX-License-Identifier: MIT
 *
 * Axes of charts: bounds, ticks and their texts.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/scale.h"

/* The labelled ticks of an axis, with blanks between them. */
static void labels_of(const scale *self, char *text, size_t size) {
    *text = '\0';
    for (int i = 0; i < self->tick_count; i++) {
        char one[40];
        if (!self->ticks[i].labelled)
            continue;
        scale_write(self, self->ticks[i].value, one, sizeof one);
        snprintf(text + strlen(text), size - strlen(text), "%s%s", *text ? " " : "", one);
    }
}

static void ticks_are_round(void **state) {
    (void)state;
    static const struct {
        bool log;
        double low, high;
        int most;
        const char *labels;
    } cases[] = {
        {false, 0, 109, 8, "0 20 40 60 80 100"},
        {false, 0, 500, 8, "0 100 200 300 400 500"},
        {false, 0, 3, 8, "0 0.5 1 1.5 2 2.5 3"},
        {false, -0.3, 0.3, 6, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"},
        {false, 7, 7, 8, "6.4 6.6 6.8 7 7.2 7.4 7.6"},
        {false, 0, 2e6, 8, "0 500000 1e6 1.5e6 2e6"},
        {true, 1, 1000, 6, "1 10 100 1000"},
        {true, 0.002, 0.12, 6, "0.002 0.005 0.01 0.02 0.05 0.1"},
        {true, 1e-8, 1e4, 6, "1e-9 1e-6 0.001 1 1000"},
        {true, 110, 140, 6, "110 120 130 140"},
        {true, 5, 5, 6, "4.6 4.8 5 5.2 5.4 5.6"},
        {true, 1e-200, 1e200, 6, "1e-216 1e-144 1e-72 1 1e72 1e144 1e216"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scale axis;
        char text[400];
        scale_init(&axis, cases[i].log, cases[i].low, cases[i].high, cases[i].most);
        labels_of(&axis, text, sizeof text);
        assert_string_equal(text, cases[i].labels);
    }
}

static void values_lie_on_the_axis(void **state) {
    (void)state;
    static const double ends[][2] = {{1e-308, 1e308}, {1, 1}, {3, 1e300}, {1e-300, 1e-299}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        scale axis;
        scale_init(&axis, true, ends[i][0], ends[i][1], 6);
        assert_true(axis.low > 0 && axis.low < axis.high && isfinite(axis.high));
        assert_true(axis.tick_count <= SCALE_MOST_TICKS);
        assert_true(scale_place(&axis, axis.low) == 0);
        assert_true(fabs(scale_place(&axis, axis.high) - 1) < 1e-12);
    }
    scale axis;
    scale_init(&axis, true, 1, 10000, 6);
    assert_true(fabs(scale_place(&axis, 100) - 0.5) < 1e-12);
    scale_init(&axis, false, 10, 30, 6);
    assert_true(scale_place(&axis, 15) == 0.25);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(values_lie_on_the_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
