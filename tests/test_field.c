/* SPDX-License-Identifier: MIT
 *
 * Tests of field.c with fields of the caller's own, as the command line has them: every kind, in
 * range and out of it, and how it is printed.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipes.h"
#include "transfer/field.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

/* clang-format off */
static const stylize_field
    flag = {.name = "flag", .kind = STYLIZE_FIELD_FLAG},
    number = {"number", STYLIZE_FIELD_NUMBER, .argument = "NUMBER", .low = 0.5, .high = DBL_MAX,
              .range = "0.5 or more"},
    rate = {"rate", STYLIZE_FIELD_NUMBER, .argument = "NUMBER", .low = DBL_TRUE_MIN,
            .high = DBL_MAX, .automatic = true, .range = "auto, or above 0"},
    integer = {"integer", STYLIZE_FIELD_INTEGER, .argument = "COUNT", .low = 5, .high = 0x1p53,
               .zero = true, .range = "0, or 5 to 2^53"},
    word = {"word", STYLIZE_FIELD_WORD, .argument = "KIND", .words = colours},
    text = {"text", STYLIZE_FIELD_TEXT, .argument = "FILE"},
    start = {"start", STYLIZE_FIELD_TEXT, .argument = "START", .words = colours},
    layers = {"layers", STYLIZE_FIELD_LAYERS, .argument = "LIST"},
    counts = {"counts", STYLIZE_FIELD_COUNTS, .argument = "N[,N...]", .low = 0, .high = 1000,
              .automatic = true, .range = "auto, or 0 to 1000"},
    size = {"size", STYLIZE_FIELD_SIZE, .argument = "N|WxH", .low = 16, .high = 99, .zero = true,
            .range = "0, 16 to 99, or WxH"},
    scales = {"scales", STYLIZE_FIELD_SCALES, .argument = "auto|N|SIZE,...", .low = 16, .high = 99,
              .automatic = true, .range = "auto, 1 to 16, or sizes of 16 to 99"};
/* clang-format on */

/* What is read must be printed so; with every room it is cut as by snprintf. */
static void expect(const stylize_field *field, const char *typed, const char *printed) {
    stylize_error err = {0};
    field_value value;
    char room[2000];
    if (!field_read(field, typed, &value, &err))
        fail_msg("%s: %s", typed, err.text);
    const int length = field_print(field, &value, room, sizeof room);
    if (strcmp(room, printed) != 0 || length != (int)strlen(printed))
        fail_msg("%s %s is printed as \"%s\" [%d]", field->name, typed, room, length);
    assert_int_equal(field_print(field, &value, NULL, 0), length);
    for (size_t cut = 1; cut < strlen(printed); cut++) {
        memset(room, '#', sizeof room);
        assert_int_equal(field_print(field, &value, room, cut), length);
        assert_memory_equal(room, printed, cut - 1);
        assert_int_equal(room[cut - 1], '\0');
        assert_int_equal(room[cut], '#');
    }
}

static void refuse(const stylize_field *field, const char *typed, const char *words) {
    char start_of_error[40];
    stylize_error err = {0};
    if (stylize_field_check(field, typed, NULL, &err))
        fail_msg("%s: '%s' is accepted", field->name, typed);
    snprintf(start_of_error, sizeof start_of_error, "%s: ", field->name);
    recipes_expect_error(&err, typed, start_of_error, words);
    assert_ptr_equal(strstr(err.text, start_of_error), err.text);
}

static double check(const stylize_field *field, const char *typed) {
    stylize_error err = {0};
    double value = NAN;
    if (!stylize_field_check(field, typed, &value, &err))
        fail_msg("%s: %s", typed, err.text);
    assert_true(stylize_field_check(field, typed, NULL, &err));
    return value;
}

static void reads_flags_and_words(void **state) {
    (void)state;
    expect(&flag, "yes", "yes");
    expect(&flag, "no", "no");
    assert_true(check(&flag, "yes") == 1 && check(&flag, "no") == 0);
    refuse(&flag, "true", "'true' is neither yes nor no");
    refuse(&flag, "", "empty, expected yes or no");
    expect(&word, "green", "green");
    assert_true(check(&word, "red") == 0 && check(&word, "blue") == 2);
    refuse(&word, "gren", "'gren' is not one of red, green, blue; did you mean green?");
    refuse(&word, "BLUE", "did you mean blue?");
    refuse(&word, "purple", "'purple' is not one of red, green, blue");
    refuse(&word, "1", "not one of");
    refuse(&word, "auto", "not one of");
    refuse(&word, "", "the value is empty, expected KIND");
}

static void reads_texts(void **state) {
    (void)state;
    expect(&text, "a file, with = everything\n", "a file, with = everything\n");
    refuse(&text, "", "the value is empty, expected FILE");
    refuse(&text, NULL, "empty");
    expect(&start, "blue", "blue");
    expect(&start, "./blue", "./blue");
    stylize_error err;
    field_value value;
    assert_true(field_read(&start, "blue", &value, &err));
    assert_true(value.number == 2 && !value.text);
    assert_true(field_read(&start, "b", &value, &err));
    assert_true(value.number == -1);
    assert_string_equal(value.text, "b");
}

static void reads_numbers(void **state) {
    (void)state;
    expect(&number, "+.5e1", "5");
    expect(&rate, "0.30000000000000004", "0.30000000000000004");
    expect(&number, "1e308", "1e+308");
    assert_true(check(&number, "0.5") == 0.5);
    refuse(&number, "0.49", "0.49 is out of range (0.5 or more)");
    refuse(&number, "0", "0 is out of range (0.5 or more)");
    refuse(&number, "1e-999", "1e-999 is out of range");
    refuse(&number, "x", "'x' is not a finite decimal number");
    refuse(&number, "1,5", "'1,5' is not a finite decimal number");
    refuse(&number, "1e999", "not a finite decimal number");
    refuse(&number, "nan", "not a finite decimal number");
    refuse(&number, "auto", "'auto' is not a finite decimal number");
    refuse(&number, "", "the value is empty, expected NUMBER");
    expect(&rate, "auto", "auto");
    expect(&rate, "2", "2");
    assert_true(check(&rate, "auto") == 0);
    refuse(&rate, "0", "0 is out of range (auto, or above 0)");
}

static void reads_whole_numbers(void **state) {
    (void)state;
    expect(&integer, "5", "5");
    expect(&integer, "0", "0");
    expect(&integer, "1e6", "1000000");
    expect(&integer, "300e-1", "30");
    expect(&integer, "9007199254740992", "9007199254740992");
    expect(&integer, "9007199254740991", "9007199254740991");
    refuse(&integer, "9007199254740993", "9007199254740993 is out of range (0, or 5 to 2^53)");
    refuse(&integer, "9007199254740994", "out of range");
    refuse(&integer, "18446744073709551616", "18446744073709551616 is out of range");
    refuse(&integer, "4", "4 is out of range (0, or 5 to 2^53)");
    refuse(&integer, "-1", "-1 is out of range");
    refuse(&integer, "5.5", "5.5 is not a whole number");
    refuse(&integer, "five", "not a finite decimal number");
}

static void reads_lists_of_numbers(void **state) {
    (void)state;
    expect(&counts, "auto", "auto");
    expect(&counts, "0", "0");
    expect(&counts, "1e3,7,7,0", "1000,7,7,0");
    expect(&counts, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
           "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16");
    refuse(&counts, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "more than 16 numbers");
    refuse(&counts, "1,,2", "a number is missing in '1,,2'");
    refuse(&counts, "1,", "a number is missing in '1,'");
    refuse(&counts, ",", "missing");
    refuse(&counts, "1,1001,x", "'x' is not a finite decimal number");
    refuse(&counts, "1,1001,3", "1001 is out of range (auto, or 0 to 1000)");
    refuse(&counts, "1,2.5", "2.5 is not a whole number");
    refuse(&counts, "-1", "-1 is out of range");
    refuse(&counts, "auto,1", "'auto' is not");
}

static void reads_sizes(void **state) {
    (void)state;
    expect(&size, "0", "0");
    expect(&size, "99", "99");
    expect(&size, "16x99", "16x99");
    expect(&size, "20x20", "20x20");
    refuse(&size, "15", "15 is out of range (0, 16 to 99, or WxH)");
    refuse(&size, "16x100", "16x100 is out of range (0, 16 to 99, or WxH)");
    refuse(&size, "15x16", "15x16 is out of range");
    refuse(&size, "0x16", "0x16 is out of range");
    refuse(&size, "16x0", "16x0 is out of range");
    refuse(&size, "0x0", "0x0 is out of range");
    refuse(&size, "16x16x16", "expected N|WxH");
    refuse(&size, "16x", "a number is missing in '16x'");
    refuse(&size, "x16", "missing");
    refuse(&size, "16X16", "'16X16' is not a finite decimal number");
    refuse(&size, "16,16", "'16,16' is not a finite decimal number");
    refuse(&size, "16.5x20", "16.5x20 is not a whole number");
    refuse(&size, "auto", "not a finite decimal number");
}

static void reads_scales(void **state) {
    (void)state;
    expect(&scales, "auto", "auto");
    expect(&scales, "1", "1");
    expect(&scales, "16", "16");
    expect(&scales, "16,17", "16,17");
    expect(&scales, "16,20,99", "16,20,99");
    refuse(&scales, "0", "0 is out of range (auto, 1 to 16, or sizes of 16 to 99)");
    refuse(&scales, "17", "17 is out of range");
    refuse(&scales, "1.5", "1.5 is not a whole number");
    refuse(&scales, "15,20", "15 is out of range");
    refuse(&scales, "20,100", "100 is out of range");
    refuse(&scales, "20,20", "20 comes after 20");
    refuse(&scales, "20,30,25", "25 comes after 30");
    refuse(&scales, "16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32", "more than 16 numbers");
    stylize_error err;
    field_value value;
    assert_true(field_read(&scales, "3", &value, &err));
    assert_true(value.numbers.count == 3 && value.numbers.items[0] == 0);
    assert_true(field_read(&scales, "30,40", &value, &err));
    assert_true(value.numbers.count == 2 && value.numbers.items[1] == 40);
}

static void reads_layers(void **state) {
    (void)state;
    expect(&layers, "relu1_1", "relu1_1");
    expect(&layers, "relu1_1:1", "relu1_1");
    expect(&layers, "relu1_1,pool2,conv3_1", "relu1_1,pool2,conv3_1");
    expect(&layers, "relu1_1:.2,relu2_1:1e3,pool5:0", "relu1_1:0.2,relu2_1:1000,pool5:0");
    expect(&layers, "relu1_1:0.5,relu2_1:0.5", "relu1_1,relu2_1");
    stylize_error err;
    field_value value;
    assert_true(field_read(&layers, "relu1_1,relu2_1,relu3_1,relu4_1", &value, &err));
    for (int i = 0; i < 4; i++)
        assert_true(value.layers.items[i].weight == 0.25);
    /* A weight may be written as long as one likes. */
    expect(&layers,
           "relu1_1:0.0000000000000000000000000000000000000000000000000000000000000000000000000000"
           "0000000000000000000000000000000001e99,relu2_1:1",
           "relu1_1:1e-11,relu2_1:1");
}

static void reads_every_layer_at_once(void **state) {
    (void)state;
    static const int convs[] = {2, 2, 4, 4, 4};
    char line[600] = "";
    size_t used = 0;
    for (int block = 1; block <= 5; block++) {
        for (int i = 1; i <= convs[block - 1]; i++)
            used += (size_t)snprintf(line + used, sizeof line - used, "conv%d_%d,relu%d_%d,", block,
                                     i, block, i);
        used += (size_t)snprintf(line + used, sizeof line - used, "pool%d,", block);
    }
    refuse(&layers, line, "empty"); /* the last comma */
    line[used - 1] = '\0';
    expect(&layers, line, line);
}

static void refuses_wrong_lists_of_layers(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const bad[][2] = {
        {"relu1_1:1,relu2_1", "every layer"}, {"relu1_1,relu2_1:1", "every layer"},
        {"relu1_1:-1", "relu1_1"}, {"relu1_1:1,relu2_1:-1e-9", "relu2_1"}, {"relu1_1:", "relu1_1"},
        {"relu1_1:,relu2_1:1", "relu1_1"}, {"relu1_1:x", "'x'"}, {"relu1_1:1x", "'1x'"},
        {"relu1_1:nan", "'nan'"}, {"relu1_1:inf", "'inf'"}, {"relu1_1:1e999", "'1e999'"},
        {"relu1_1:1:2", "'1:2'"}, {"relu1_1:1 ,relu2_1:1", "'1 '"}, {"relu6_1", "'relu6_1'"},
        {"relu1_3", "'relu1_3'"}, {"relu0_1", "'relu0_1'"}, {"relu1_0", "'relu1_0'"},
        {"RELU1_1", "'RELU1_1'"}, {"relu1_1 ", "'relu1_1 '"}, {" relu1_1", "' relu1_1'"},
        {"relu1_1_", "'relu1_1_'"}, {"relu11", "'relu11'"}, {"pool6", "'pool6'"},
        {"pool1_1", "'pool1_1'"}, {"fc6", "'fc6'"}, {"relu1", "'relu1'"}, {"4_2", "'4_2'"},
        {"relu1_1,", "empty"}, {",relu1_1", "empty"}, {"relu1_1,,relu2_1", "empty"},
        {",", "empty"}, {":1", "''"}, {"relu1_1,relu1_1", "twice"}, {"no:x", "'no' is not a layer"},
        {"relu1_1:1,relu2_1:1,relu1_1:2", "twice"}, {"relu1_1;relu2_1", "not a layer"},
        {"a-name-that-is-much-longer-than-any-layer-of-any-network-could-ever-be", "not a layer"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuse(&layers, bad[i][0], bad[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_flags_and_words),
        cmocka_unit_test(reads_texts),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_whole_numbers),
        cmocka_unit_test(reads_lists_of_numbers),
        cmocka_unit_test(reads_sizes),
        cmocka_unit_test(reads_scales),
        cmocka_unit_test(reads_layers),
        cmocka_unit_test(reads_every_layer_at_once),
        cmocka_unit_test(refuses_wrong_lists_of_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
