/* SPDX-License-Identifier: MIT
 *
 * Tests of recipe_file.c and of the options over it: what the file sets, that options count more
 * wherever they stand, and files that are no recipes.
 */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"

static char path[] = "/tmp/stylize-recipe-XXXXXX";

static int set_up(void **state) {
    (void)state;
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state) {
    (void)state;
    return unlink(path);
}

static void write_file(const char *text, size_t length) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Parses "--beta 7 --recipe FILE c s o" with this in the file. */
static bool parse(options *opts, const char *text, size_t length, stylize_error *err) {
    static const char *const arguments[] = {"stylize", "--beta", "7", "--recipe",
                                            path,      "c",      "s", "o"};
    char *argv[sizeof arguments / sizeof *arguments];
    const int count = sizeof arguments / sizeof *arguments;
    write_file(text, length);
    for (int i = 0; i < count; i++)
        argv[i] = (char *)(uintptr_t)arguments[i];
    return options_init(opts, err) && options_parse(opts, count, argv, err) &&
           options_parse_over_recipe(opts, count, argv, err);
}

static void expect(const options *opts, const char *field, const char *value) {
    char text[200];
    assert_true(stylize_recipe_get(opts->recipe, field, text, sizeof text) > 0);
    assert_string_equal(text, value);
}

static void options_count_more_than_the_file(void **state) {
    (void)state;
    static const char text[] = "{\"alpha\": 2, \"beta\": 3, \"style_scale\": 0.5, \"init\": "
                               "\"start.png\", \"weights\": \"mine\", \"size\": 300}";
    options opts;
    stylize_error err;
    if (!parse(&opts, text, sizeof text - 1, &err))
        fail_msg("%s", err.text);
    expect(&opts, "alpha", "2");
    expect(&opts, "beta", "7");
    expect(&opts, "style-scale", "0.5");
    expect(&opts, "tv", "0");
    assert_string_equal(opts.init.items[0], "start.png");
    assert_string_equal(stylize_recipe_weights(opts.recipe), "mine");
    assert_true(opts.size_given);
    assert_string_equal(opts.out, "o");
    options_clear(&opts);
    assert_true(parse(&opts, "{}", 2, &err));
    assert_false(opts.size_given);
    assert_int_equal(opts.init.count, 0);
    options_clear(&opts);
}

static void refuse(const char *text, size_t length, stylize_status status, const char *words) {
    options opts;
    stylize_error err;
    if (parse(&opts, text, length, &err))
        fail_msg("%.40s: accepted", text);
    options_clear(&opts);
    if (err.status != status || strncmp(err.text, "--recipe: ", 10) != 0 ||
        !strstr(err.text, path) || !strstr(err.text, words) || strchr(err.text, '\n'))
        fail_msg("%.40s: status %d \"%s\" lacks \"%s\"", text, err.status, err.text, words);
}

static void refuses_what_is_no_recipe(void **state) {
    (void)state;
    refuse("", 0, STYLIZE_USAGE, "");
    refuse("[]", 2, STYLIZE_USAGE, "");
    refuse("{\"alpha\": 2", 11, STYLIZE_USAGE, "");
    refuse("{\"alpha\": -2}", 13, STYLIZE_USAGE, "alpha");
    refuse("{\"alhpa\": 2}", 12, STYLIZE_USAGE, "did you mean alpha");
    /* The program's own options are no part of a recipe. */
    refuse("{\"quality\": 2}", 14, STYLIZE_USAGE, "quality");
    const size_t size = (1 << 20) + 1;
    char *large = malloc(size);
    assert_non_null(large);
    memset(large, ' ', size);
    refuse(large, size, STYLIZE_FAILURE, "over 1048576 bytes");
    free(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_count_more_than_the_file),
        cmocka_unit_test(refuses_what_is_no_recipe),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
