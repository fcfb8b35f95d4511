/* SPDX-License-Identifier: MIT
 *
 * Tests of figures.c: means, what is missing, and the columns of the table.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "judge/figures.h"

static figures all_of(double value) {
    figures self;
    for (int i = 0; i < FIGURES; i++)
        self.of[i] = value;
    return self;
}

static void means_are_of_their_kind(void **state) {
    (void)state;
    figures all[] = {all_of(.02), all_of(.08)};
    all[0].of[FIGURE_BORDER] = -3;
    all[1].of[FIGURE_BORDER] = 1;
    all[0].of[FIGURE_LIKENESS] = -.5;
    all[1].of[FIGURE_LIKENESS] = 1;
    const figures mean = figures_mean(all, 2);
    for (int i = 0; i < FIGURE_BORDER; i++)
        assert_float_equal(mean.of[i], .04, 1e-12);
    assert_float_equal(mean.of[FIGURE_BORDER], 2, 1e-12);
    assert_float_equal(mean.of[FIGURE_LIKENESS], .25, 1e-12);
}

/* One that is exactly reached must not make the others vanish. */
static void zero_counts_as_little(void **state) {
    (void)state;
    const figures all[] = {all_of(0), all_of(1)};
    assert_float_equal(figures_mean(all, 2).of[FIGURE_STYLE], sqrt(1e-9), 1e-12);
}

static void what_one_lacks_the_mean_lacks(void **state) {
    (void)state;
    figures all[] = {all_of(1), all_of(1), all_of(1)};
    for (int i = 0; i < FIGURES; i++) {
        all[1] = all_of(1);
        all[1].of[i] = NAN;
        const figures mean = figures_mean(all, 3);
        for (int k = 0; k < FIGURES; k++)
            assert_int_equal(isnan(mean.of[k]) != 0, k == i);
    }
}

static void the_table_has_columns(void **state) {
    (void)state;
    char text[200];
    figures_print_head(text, sizeof text);
    assert_string_equal(text, " relu1_1  relu2_1  relu3_1  relu4_1  relu5_1 relu3_3 relu4_2"
                              "   luma chroma border   like");
    figures some = figures_none();
    figures_print(&some, text, sizeof text);
    assert_string_equal(text, "       -        -        -        -        -       -       -"
                              "      -      -      -      -");
    some.of[FIGURE_STYLE] = .00123;
    some.of[FIGURE_STYLE + 4] = 12.5;
    some.of[FIGURE_CONTENT + 1] = .51234;
    some.of[FIGURE_LUMA] = 1.0006;
    some.of[FIGURE_CHROMA] = INFINITY; /* over a style that has none */
    some.of[FIGURE_BORDER] = -4.256;
    some.of[FIGURE_LIKENESS] = .96;
    figures_print(&some, text, sizeof text);
    assert_string_equal(text, " 0.00123        -        -        - 12.50000       -  0.5123"
                              "  1.001      -  -4.26 +0.9600");
}

/* A figure however large, and a place however small, break nothing. */
static void text_keeps_to_its_room(void **state) {
    (void)state;
    char text[12];
    const figures huge = all_of(1e300);
    memset(text, 'x', sizeof text);
    figures_print(&huge, text, sizeof text - 1);
    assert_int_equal(strlen(text), sizeof text - 2);
    assert_int_equal(text[sizeof text - 1], 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_of_their_kind),       cmocka_unit_test(zero_counts_as_little),
        cmocka_unit_test(what_one_lacks_the_mean_lacks), cmocka_unit_test(the_table_has_columns),
        cmocka_unit_test(text_keeps_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
