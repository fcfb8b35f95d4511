/* SPDX-License-Identifier: MIT
 *
 * What --sweep and --compare go through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sweep_axis.h"

static void values_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *values;
    } cases[] = {
        {"beta=100,300,1000", "beta: 100 300 1000"},
        {"beta=7", "beta: 7"},
        {"beta=100..1000x3", "beta: 100 316 1000"},
        {"beta=100..1000x4", "beta: 100 215 464 1000"},
        {"beta=1..1e6x3", "beta: 1 1000 1e6"},
        {"beta=2e3..8e3x3", "beta: 2e3 4000 8e3"},
        {"strength=2..8+4", "strength: 2 4 6 8"},
        {"tv=0..1+3,5", "tv: 0 0.5 1 5"},
        {"tv=.5...75+3", "tv: .5 0.625 .75"},
        {"style-scale=2..0.5x3", "style-scale: 2 1 0.5"},
        {"iterations=10..100x3", "iterations: 10 32 100"},
        {"seed=1..4+4", "seed: 1 2 3 4"},
        {"size=64..256x3", "size: 64 128 256"},
        {"scales=64,128;128", "scales: 64,128 128"},
        {"style-layers=relu1_1,relu2_1;", "style-layers: relu1_1,relu2_1"},
        {"init=a..b.png", "init: a..b.png"},
        {"mask=1..2x.png", "mask: 1..2x.png"},
        {"weights=a=b", "weights: a=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sweep_axis axis;
        stylize_error err;
        char text[400];
        if (!sweep_axis_read(&axis, cases[i].text, &err))
            fail_msg("%s", err.text);
        int used = snprintf(text, sizeof text, "%s:", axis.name);
        for (int k = 0; k < axis.count; k++)
            used += snprintf(text + used, sizeof text - (size_t)used, " %s", axis.values[k]);
        assert_string_equal(text, cases[i].values);
        sweep_axis_clear(&axis);
    }
}

static void nonsense_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"beta", "'beta' has no values"},
        {"beta=", "a value is empty"},
        {"beta=1,,2", "a value is empty"},
        {"beta=1,", "a value is empty"},
        {"=1", "'' is no setting"},
        {"log=1", "'log' is no setting of a picture"},
        {"a-name-that-is-longer-than-any-name-of-a-setting=1", "is no setting"},
        {"beta=0..10x3", "equal factors need numbers above 0"},
        {"beta=-1..10x3", "equal factors need numbers above 0"},
        {"beta=1..10x1", "a range has 2 to 100 values"},
        {"beta=1..10x101", "a range has 2 to 100 values"},
        {"beta=1..10x99999999999", "a range has 2 to 100 values"},
        {"beta=1..10x60,1..10x60", "more than 100 values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sweep_axis axis;
        stylize_error err;
        if (sweep_axis_read(&axis, cases[i].text, &err) || !strstr(err.text, cases[i].words))
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(err.status, STYLIZE_USAGE);
        sweep_axis_clear(&axis);
    }
}

static void recipes_go_by_their_names(void **state) {
    (void)state;
    sweep_axis axis = {0};
    stylize_error err;
    char text[80];
    assert_true(sweep_axis_add_recipes(&axis, "soft.json,a/b.c/wild.one.json", &err));
    assert_true(sweep_axis_add_recipes(&axis, ".json", &err));
    static const char *const labels[] = {"soft", "wild.one", ".json"};
    assert_int_equal(axis.count, 3);
    for (int i = 0; i < 3; i++) {
        sweep_axis_label(&axis, i, text, sizeof text);
        assert_string_equal(text, labels[i]);
    }
    assert_false(sweep_axis_add_recipes(&axis, "a,", &err));
    sweep_axis_clear(&axis);
    assert_true(sweep_axis_read(&axis, "beta=5", &err));
    sweep_axis_label(&axis, 0, text, sizeof text);
    assert_string_equal(text, "beta = 5");
    sweep_axis_clear(&axis);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(recipes_go_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
