/* SPDX-License-Identifier: MIT
 *
 * Tests of decimal.c: finite decimal numbers and nothing else, exactly, in any locale.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "core/decimal.h"

static void reads_decimal_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},
        {"+.5e1", 5},
        {"1e-999", 0},
        {"300e-2", 3},
        {"1e308", 1e308},
        {"007", 7},
        {"-2.5", -2.5},
        {"5.", 5},
        {"0.1", 0.1},
        {"4.9e-324", 5e-324},
        {"1E+2", 100},
        {"0.30000000000000004", 0.1 + 0.2},
    };
    double value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!decimal_read(good[i].text, strlen(good[i].text), &value) || value != good[i].value)
            fail_msg("%s is read as %g", good[i].text, value);
    }
    /* Up to the length alone, however long. */
    assert_true(decimal_read("0x10", 1, &value) && value == 0);
    assert_true(decimal_read("12,5", 2, &value) && value == 12);
    char zeros[201];
    memset(zeros, '0', sizeof zeros);
    memcpy(zeros + 199, "7", 2);
    assert_true(decimal_read(zeros, 200, &value) && value == 7);
}

static void refuses_anything_else(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {
        "", "1x", "x", "1 ", " 1", "1,5", "--1", "+-1", ".", "e5", "1e", "1e+", "0x10", "0x1p1",
        "nan", "NAN", "nan(1)", "inf", "-inf", "Infinity", "1e999", "-1e999", "1.2.3", "1_000",
        "0b1", "ten", "1;2", "\xd9\xa1",
    };
    /* clang-format on */
    double value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (decimal_read(bad[i], strlen(bad[i]), &value))
            fail_msg("'%s' is read as %g", bad[i], value);
    }
}

static void prints_what_reads_back(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } short_ones[] = {
        {0.1, "0.1"},
        {300, "300"},
        {0, "0"},
        {-0.0, "-0"},
        {1e4, "10000"},
        {1e6, "1e+06"},
        {16, "16"},
        {1e300, "1e+300"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    static const double numbers[] = {1.0 / 3, 123456789, 5e-324,    DBL_MAX, -DBL_MAX,
                                     DBL_MIN, 0x1p53,    3.14159e9 / 7, 1 + DBL_EPSILON};
    char text[DECIMAL_ROOM];
    double value;
    for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++) {
        decimal_print(short_ones[i].value, text);
        assert_string_equal(text, short_ones[i].text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        decimal_print(numbers[i], text);
        assert_true(decimal_read(text, strlen(text), &value) && value == numbers[i]);
    }
}

/* Where the system has one with a comma. */
static void the_locale_does_not_matter(void **state) {
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C"};
    size_t i = 0;
    while (!setlocale(LC_ALL, locales[i]))
        i++;
    char text[DECIMAL_ROOM], before[2], after[2];
    double value;
    memcpy(before, localeconv()->decimal_point, 2);
    decimal_print(0.25, text);
    assert_string_equal(text, "0.25");
    assert_true(decimal_read("0.25", 4, &value) && value == 0.25);
    assert_false(decimal_read("0,25", 4, &value));
    memcpy(after, localeconv()->decimal_point, 2);
    assert_memory_equal(before, after, 2);
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_decimal_numbers),
        cmocka_unit_test(refuses_anything_else),
        cmocka_unit_test(prints_what_reads_back),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
