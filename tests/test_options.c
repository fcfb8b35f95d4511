/* SPDX-License-Identifier: MIT
 *
 * Tests of options.c: every option in every way of writing it, every kind of bad value with its
 * code and the option's name in the text, lists of layers, operands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "option_cases.h"
#include "cli/options.h"

enum { MAX_ARGUMENTS = 24 };

/* Parses arguments that are separated by '|'; "<>" stands for an empty one. */
static bool parse(options *opts, const char *line, char *copy, size_t size, stylize_error *err) {
    char *argv[MAX_ARGUMENTS + 1] = {(char *)(uintptr_t) "stylize"};
    int argc = 1;
    assert_true((size_t)snprintf(copy, size, "%s", line) < size);
    for (char *next = copy; next && *copy;) {
        char *argument = next;
        next = strchr(argument, '|');
        if (next)
            *next++ = '\0';
        if (!strcmp(argument, "<>"))
            *argument = '\0';
        assert_true(argc < MAX_ARGUMENTS);
        argv[argc++] = argument;
    }
    *err = (stylize_error){0};
    return options_init(opts, err) && options_parse(opts, argc, argv, err);
}

static options accepted; /* what the last accept() parsed; its strings lie in accepted_text */
static char accepted_text[2048];

static int tear_down(void **state) {
    (void)state;
    options_clear(&accepted);
    return 0;
}

static void accept(const char *line) {
    stylize_error err;
    options_clear(&accepted);
    if (!parse(&accepted, line, accepted_text, sizeof accepted_text, &err))
        fail_msg("%s: %s", line, err.text);
}

static void refuse(const char *line, const char *words, const char *more_words) {
    options opts;
    char text[2048];
    stylize_error err;
    const bool ok = parse(&opts, line, text, sizeof text, &err);
    options_clear(&opts);
    if (ok)
        fail_msg("%s: accepted", line);
    if (err.status != STYLIZE_USAGE || !strstr(err.text, words) || !strstr(err.text, more_words) ||
        strchr(err.text, '\n'))
        fail_msg("%s: code %d \"%s\" lacks \"%s\" or \"%s\"", line, err.status, err.text, words,
                 more_words);
}

static option find(const char *name) {
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        if (!strcmp(entry.field->name, name))
            return entry;
    }
    fail_msg("no option --%s", name);
    return entry;
}

static void expect(const char *line, const char *name, const char *value) {
    char text[2048];
    const option entry = find(name);
    accept(line);
    option_print(&entry, &accepted, text, sizeof text);
    if (strcmp(text, value) != 0)
        fail_msg("%s: --%s is \"%s\", not \"%s\"", line, name, text, value);
}

static void expect_layer(const char *field, int index, const char *name, double weight) {
    double found;
    assert_string_equal(stylize_recipe_layer(accepted.recipe, field, index, &found), name);
    assert_true(found == weight);
}

static void expect_number(const char *field, double value) {
    double found;
    assert_true(stylize_recipe_get_number(accepted.recipe, field, &found));
    assert_true(found == value);
}

/* ---- every option ---- */

/* A value for each option that takes one, and how it is printed. */

static void the_tables_are_complete(void **state) {
    (void)state;
    size_t count = 0, fields = 0, recipe_fields = 0;
    option a, b;
    for (; options_at(count, &a); count++) {
        fields += !a.own;
        for (size_t i = 0; i < count && options_at(i, &b); i++) {
            assert_string_not_equal(a.field->name, b.field->name);
            assert_true(!a.field->letter || a.field->letter != b.field->letter);
        }
    }
    while (stylize_recipe_field(recipe_fields))
        recipe_fields++;
    assert_int_equal(fields, recipe_fields); /* each has a group that --help has */
    assert_int_equal(count, VALUED + FLAGS);
    for (size_t i = 0; i < VALUED; i++)
        assert_int_equal(find(valued[i].name).field->letter,
                         valued[i].letter ? *valued[i].letter : 0);
    for (size_t i = 0; i < FLAGS; i++)
        assert_int_equal(find(flags[i].name).field->letter, flags[i].letter ? *flags[i].letter : 0);
}

static void takes_values_in_every_way(void **state) {
    (void)state;
    char line[200];
    for (size_t i = 0; i < VALUED; i++) {
        const char *name = valued[i].name, *letter = valued[i].letter, *value = valued[i].value;
        snprintf(line, sizeof line, "--%s=%s|c|s|o", name, value);
        expect(line, name, valued[i].printed);
        snprintf(line, sizeof line, "--%s|%s|c|s|o", name, value);
        expect(line, name, valued[i].printed);
        snprintf(line, sizeof line, "c|s|--%s|%s|o", name, value);
        expect(line, name, valued[i].printed);
        snprintf(line, sizeof line, "c|s|o|--%s=%s", name, value);
        expect(line, name, valued[i].printed);
        if (!letter)
            continue;
        snprintf(line, sizeof line, "-%s|%s|c|s|o", letter, value);
        expect(line, name, valued[i].printed);
        snprintf(line, sizeof line, "c|-%s%s|s|o", letter, value);
        expect(line, name, valued[i].printed);
        snprintf(line, sizeof line, "c|s|o|-qv%s%s", letter, value);
        expect(line, name, valued[i].printed);
        assert_true(accepted.quiet && accepted.verbose);
        snprintf(line, sizeof line, "c|s|o|-qv%s|%s", letter, value);
        expect(line, name, valued[i].printed);
    }
}

static void takes_flags_in_every_way(void **state) {
    (void)state;
    char line[200];
    for (size_t i = 0; i < FLAGS; i++) {
        const bool filed = find(flags[i].name).filed;
        expect("c|s|o", flags[i].name, "no");
        snprintf(line, sizeof line, "--%s|c|s|o|--plan", flags[i].name);
        expect(line, flags[i].name, "yes");
        snprintf(line, sizeof line, "--plan|c|s|o|--%s", flags[i].name);
        expect(line, flags[i].name, "yes");
        snprintf(line, sizeof line, "--%s|c|s|o|--plan|--no-%s", flags[i].name, flags[i].name);
        if (filed)
            expect(line, flags[i].name, "no");
        else
            refuse(line, "unknown option", flags[i].name);
        snprintf(line, sizeof line, "c|s|o|--%s=yes", flags[i].name);
        refuse(line, flags[i].name, "no value");
        snprintf(line, sizeof line, "c|s|o|--%s=", flags[i].name);
        refuse(line, flags[i].name, "no value");
        if (!flags[i].letter)
            continue;
        snprintf(line, sizeof line, "c|-%s|s|o", flags[i].letter);
        expect(line, flags[i].name, "yes");
    }
}

static void the_last_one_counts(void **state) {
    (void)state;
    expect("-a|1|c|--alpha=2|s|o|-a3", "alpha", "3");
    expect("--pool=avg|c|s|o|--pool|max", "pool", "max");
    expect("--init|x.png|c|s|o|--init=random", "init", "random");
    assert_int_equal(accepted.init.count, 0);
    expect("--init=random|c|s|o|--init|x.png", "init", "x.png");
    expect("--style-layers=pool1:2,pool2:3|c|s|o|--style-layers|relu1_1", "style-layers",
           "relu1_1");
    assert_int_equal(stylize_recipe_layer_count(accepted.recipe, "style-layers"), 1);
    expect_layer("style-layers", 0, "relu1_1", 1);
}

static void has_defaults(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const values[][2] = {
        {"alpha", "auto"}, {"beta", "auto"}, {"tv", "0"}, {"size", "auto"}, {"style-scale", "1"},
        {"iterations", "auto"}, {"scales", "auto"}, {"fit", "crop"}, {"recipe", ""},
        {"optimizer", "lbfgs"}, {"learning-rate", "auto"},
        {"init", "content"}, {"pool", "max"}, {"cost", "mean"}, {"threads", "0"}, {"seed", "0"},
        {"depth", "8"}, {"quality", "95"}, {"max-pixels", "268435456"},
        {"color", "style"}, {"save-every", "0"}, {"save-pattern", ""}, {"print", ""},
        {"log", ""}, {"weights", "auto"}, {"upscale", "no"}, {"content-layers", "auto"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        expect("c|s|o", values[i][0], values[i][1]);
}

/* ---- operands ---- */

static void takes_operands_and_ends_options(void **state) {
    (void)state;
    accept("c|-q|s|--|-o.png");
    assert_string_equal(accepted.content, "c");
    assert_string_equal(accepted.styles[0], "s");
    assert_string_equal(accepted.out, "-o.png");
    accept("c|1|2|-q|3|o"); /* the last one is OUT */
    assert_int_equal(accepted.style_count, 3);
    assert_string_equal(accepted.styles[0], "1");
    assert_string_equal(accepted.styles[2], "3");
    assert_string_equal(accepted.out, "o");
    accept("--|-c|--|--help");
    assert_string_equal(accepted.styles[0], "--");
    assert_string_equal(accepted.out, "--help");
    assert_false(accepted.help);
    accept("-|c|o"); /* a lone - is an operand */
    assert_string_equal(accepted.content, "-");
    accept("-w|--|c|s|o"); /* and a value may be anything */
    assert_string_equal(stylize_recipe_weights(accepted.recipe), "--");
}

static void needs_its_operands(void **state) {
    (void)state;
    refuse("", "CONTENT", "missing");
    refuse("c", "STYLE", "missing");
    refuse("c|s", "OUT", "missing");
    refuse("c|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|o", "more than 16", "'o'");
    refuse("<>|s|o", "CONTENT", "empty");
    refuse("c|<>|o", "STYLE", "empty");
    refuse("c|s|<>", "OUT", "empty");
    accept("-|s|-|--init|i"); /* one input and one output of standard streams */
    refuse("-|-|o", "-: ", "standard input");
    refuse("-|s|o|--init|-", "-: ", "--init");
    refuse("c|-|--plan|--init=-", "-: ", "STYLE");
    refuse("c|s|-|--log|-", "--log", "standard output");
    refuse("c|s|o|--json", "--json", "--plan");
    refuse("c|s|o|--save-recipe|-", "--save-recipe", "--print recipe");
    refuse("c|s|o|--no-size", "unknown option", "--no-size");
    refuse("c|s|o|--no-tile=yes", "unknown option", "--no-tile");
    /* --help, --version and --list-weights need none. */
    accept("--help");
    assert_true(accepted.help);
    accept("-qh");
    accept("--version|-v");
    assert_true(accepted.version && accepted.verbose);
    accept("--list-weights");
    assert_true(accepted.list_weights);
    refuse("--list-weights|--what", "--what", "unknown");
    refuse("--what|--help", "--what", "unknown"); /* but no mistake passes */
    refuse("--help|--what", "--what", "unknown");
    refuse("--version|-z", "'-z'", "unknown");
}

/* ---- values ---- */

static void refuse_value(const char *name, const char *value) {
    char line[400], option_name[40];
    snprintf(option_name, sizeof option_name, "--%s", name);
    snprintf(line, sizeof line, "--%s=%s|c|s|o", name, value);
    refuse(line, option_name, value);
    if (!*value)
        return;
    snprintf(line, sizeof line, "c|s|o|--%s|%s", name, value);
    refuse(line, option_name, value);
}

static void refuses_what_is_no_number(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {
        "", "1x", "x", "1 ", " 1", "1,5", "--1", "+-1", ".", "e5", "1e", "1e+", "0x10", "0x1p1",
        "nan", "NAN", "nan(1)", "inf", "-inf", "Infinity", "1e999", "-1e999", "1.2.3", "1_000",
        "0b1", "ten", "1;2", "\xd9\xa1",
    };
    /* clang-format on */
    for (size_t i = 0; i < VALUED; i++) {
        const stylize_field_kind kind = find(valued[i].name).field->kind;
        if (kind != STYLIZE_FIELD_NUMBER && kind != STYLIZE_FIELD_INTEGER &&
            kind != STYLIZE_FIELD_SIZE && kind != STYLIZE_FIELD_COUNTS &&
            kind != STYLIZE_FIELD_NUMBERS)
            continue;
        for (size_t j = 0; j < sizeof bad / sizeof *bad; j++) {
            const bool is_frame = kind == STYLIZE_FIELD_SIZE && strchr(bad[j], 'x');
            const bool is_list = (kind == STYLIZE_FIELD_COUNTS || kind == STYLIZE_FIELD_NUMBERS) &&
                                 strchr(bad[j], ',');
            if (!is_frame && !is_list)
                refuse_value(valued[i].name, bad[j]);
        }
    }
}

static void reads_decimal_numbers(void **state) {
    (void)state;
    expect("-a|+.5e1|c|s|o", "alpha", "5");
    expect("-a|1e-999|c|s|o", "alpha", "0");
    expect("-a|-0|c|s|o", "alpha", "-0");
    expect("-a|1e308|c|s|o", "alpha", "1e+308");
    expect("-a0.1|c|s|o", "alpha", "0.1");
    expect("-a0.30000000000000004|c|s|o", "alpha", "0.30000000000000004");
    expect_number("alpha", 0.1 + 0.2);
    expect("--learning-rate|2|c|s|o|--learning-rate=auto", "learning-rate", "auto");
    refuse_value("style-scale", "auto");
    expect("-n|3.0|c|s|o", "iterations", "3");
    expect("-n|300e-2|c|s|o", "iterations", "3");
    expect("-s|0|c|s|o", "size", "0");
    expect("-s16|c|s|o", "size", "16");
    expect("-s|65535|c|s|o", "size", "65535");
}

static void keeps_numbers_in_range(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {
        "alpha=-1", "alpha=-1e-300", "beta=-0.5", "tv=-1", "size=-1", "size=1", "size=15",
        "size=65536", "size=2147483648", "size=4294967328", "size=1e300", "size=64.5",
        "style-scale=0", "style-scale=-2", "style-scale=1e-999", "iterations=-1", "iterations=1.5",
        "iterations=1000000001", "iterations=2147483648", "iterations=18446744073709551616",
        "iterations=99999999999999999999999999", "history=0", "history=1001", "history=-5",
        "history=2.5", "learning-rate=0", "learning-rate=-1", "learning-rate=1e-999", "seed=-1",
        "seed=0.5", "seed=9007199254740993", "seed=9007199254740994", "seed=18446744073709551615",
        "quality=0", "quality=101", "quality=-1", "quality=9.5", "max-pixels=0",
        "max-pixels=-1", "max-pixels=2147483648",
        "threads=-1", "threads=1025", "threads=1.5", "threads=4294967297",
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char name[40] = "";
        const size_t length = strcspn(bad[i], "=");
        memcpy(name, bad[i], length);
        refuse_value(name, bad[i] + length + 1);
    }
}

static void refuses_missing_and_empty_values(void **state) {
    (void)state;
    char line[200], option_name[40];
    for (size_t i = 0; i < VALUED; i++) {
        snprintf(option_name, sizeof option_name, "--%s", valued[i].name);
        snprintf(line, sizeof line, "c|s|o|%s", option_name);
        refuse(line, option_name, "needs a value");
        snprintf(line, sizeof line, "c|s|o|%s=", option_name);
        refuse(line, option_name, "empty");
        snprintf(line, sizeof line, "c|s|o|%s|<>", option_name);
        refuse(line, option_name, "empty");
        if (!valued[i].letter)
            continue;
        snprintf(line, sizeof line, "c|s|o|-%s", valued[i].letter);
        refuse(line, option_name, "needs a value");
        snprintf(line, sizeof line, "c|s|o|-%s|<>", valued[i].letter);
        refuse(line, option_name, "empty");
    }
}

static void refuses_unknown_words(void **state) {
    (void)state;
    /* clang-format off */
    static const char *const bad[][3] = {
        {"optimizer", "sgd", "lbfgs, adam, gd"}, {"optimizer", "LBFGS", "lbfgs, adam, gd"},
        {"optimizer", "ad", "lbfgs, adam, gd"}, {"pool", "average", "max, avg"},
        {"pool", "0", "max, avg"}, {"cost", "Mean", "mean, gatys"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[100];
        refuse_value(bad[i][0], bad[i][1]);
        snprintf(line, sizeof line, "c|s|o|--%s=%s", bad[i][0], bad[i][1]);
        refuse(line, bad[i][2], bad[i][1]);
    }
}

/* ---- layers ---- */

static void reads_lists_of_layers(void **state) {
    (void)state;
    accept("c|s|o|--style-layers=relu1_1,pool2,conv3_1,relu5_4");
    assert_int_equal(stylize_recipe_layer_count(accepted.recipe, "style-layers"), 4);
    expect_layer("style-layers", 0, "relu1_1", 0.25);
    expect_layer("style-layers", 1, "pool2", 0.25);
    expect_layer("style-layers", 3, "relu5_4", 0.25);
    accept("c|s|o|--content-layers|relu1_1:.2,relu2_1:1e3,pool5:0");
    assert_int_equal(stylize_recipe_layer_count(accepted.recipe, "content-layers"), 3);
    expect_layer("content-layers", 0, "relu1_1", 0.2); /* as given: no normalising */
    expect_layer("content-layers", 1, "relu2_1", 1000);
    expect_layer("content-layers", 2, "pool5", 0);
    expect("c|s|o|--style-layers=relu1_1:0.5,relu2_1:0.5", "style-layers", "relu1_1,relu2_1");
    /* A weight may be written as long as one likes. */
    accept(
        "c|s|o|--content-layers=relu1_1:0.0000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000001e99,relu2_1:1");
}

static void reads_every_layer_at_once(void **state) {
    (void)state;
    static const int convs[] = {2, 2, 4, 4, 4};
    char line[600] = "c|s|o|--style-layers=";
    size_t used = strlen(line);
    for (int block = 1; block <= 5; block++) {
        for (int i = 1; i <= convs[block - 1]; i++)
            used += (size_t)snprintf(line + used, sizeof line - used, "conv%d_%d,relu%d_%d,", block,
                                     i, block, i);
        used += (size_t)snprintf(line + used, sizeof line - used, "pool%d,", block);
    }
    refuse(line, "--style-layers", "empty"); /* the last comma */
    line[used - 1] = '\0';
    accept(line);
    char text[1200];
    const option entry = find("style-layers");
    option_print(&entry, &accepted, text, sizeof text);
    assert_string_equal(text, strchr(line, '=') + 1);
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
        {",", "empty"}, {":1", "''"}, {"relu1_1,relu1_1", "twice"},
        {"relu1_1:1,relu2_1:1,relu1_1:2", "twice"}, {"relu1_1;relu2_1", "not a layer"},
        {"a-name-that-is-much-longer-than-any-layer-of-any-network-could-ever-be", "not a layer"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[200];
        snprintf(line, sizeof line, "c|s|o|--style-layers=%s", bad[i][0]);
        refuse(line, "--style-layers: ", bad[i][1]);
        snprintf(line, sizeof line, "c|s|o|--content-layers|%s", bad[i][0]);
        refuse(line, "--content-layers: ", bad[i][1]);
    }
}

/* ---- texts ---- */

static void reads_start_pictures_and_words(void **state) {
    (void)state;
    accept("c|s|o|--init=random");
    assert_int_equal(accepted.init.count, 0);
    accept("c|s|o|--init=content");
    assert_int_equal(accepted.init.count, 0);
    accept("c|s|o|--init=./random");
    assert_string_equal(accepted.init.items[0], "./random");
    assert_string_equal(stylize_recipe_weights(accepted.recipe), "vgg16");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_complete),
        cmocka_unit_test(takes_values_in_every_way),
        cmocka_unit_test(takes_flags_in_every_way),
        cmocka_unit_test(the_last_one_counts),
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(takes_operands_and_ends_options),
        cmocka_unit_test(needs_its_operands),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(reads_decimal_numbers),
        cmocka_unit_test(keeps_numbers_in_range),
        cmocka_unit_test(refuses_missing_and_empty_values),
        cmocka_unit_test(refuses_unknown_words),
        cmocka_unit_test(reads_lists_of_layers),
        cmocka_unit_test(reads_every_layer_at_once),
        cmocka_unit_test(refuses_wrong_lists_of_layers),
        cmocka_unit_test(reads_start_pictures_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
