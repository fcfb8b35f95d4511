/* SPDX-License-Identifier: MIT
 *
 * Tests of recipe_file.c and of the options over it: what the files set and which counts more, that
 * options do wherever they stand, files that are no recipes, and what is written.
 */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"
#include "cli/recipe_file.h"

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
           options_parse_over_files(opts, count, argv, err);
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

/* ---- the user's defaults ---- */

/* Parses "LINE c s o", LINE's words with blanks between them, over the file as the defaults. */
static void parse_over_defaults(options *opts, const char *text, const char *line) {
    static char words[200];
    char *argv[20] = {(char *)(uintptr_t) "stylize"};
    int count = 1;
    stylize_error err;
    write_file(text, strlen(text));
    snprintf(words, sizeof words, "%s c s o", line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[count++] = word;
    assert_true(options_init(opts, &err));
    opts->defaults_file = path;
    if (!options_parse(opts, count, argv, &err) ||
        (options_have_files(opts) && !options_parse_over_files(opts, count, argv, &err)))
        fail_msg("%s over %s: %s", line, text, err.text);
    assert_string_equal(opts->defaults_file, path);
}

static void expect_over_defaults(const char *text, const char *line, const char *field,
                                 const char *value) {
    options opts;
    parse_over_defaults(&opts, text, line);
    expect(&opts, field, value);
    options_clear(&opts);
}

static void options_count_more_than_defaults(void **state) {
    (void)state;
    static const char text[] = "{\"beta\": 3, \"upscale\": true, \"strength\": 2, \"depth\": 16, "
                               "\"quiet\": true, \"threads\": 3}";
    options opts;
    parse_over_defaults(&opts, text, "--tv 2");
    expect(&opts, "beta", "3");
    expect(&opts, "tv", "2");
    expect(&opts, "upscale", "yes");
    assert_int_equal(opts.depth, 1);
    assert_int_equal(opts.threads, 3);
    assert_true(opts.quiet);
    options_clear(&opts);
    parse_over_defaults(&opts, text, "--depth 8 --progress -j 1 --no-upscale");
    expect(&opts, "upscale", "no");
    assert_int_equal(opts.depth, 0);
    assert_int_equal(opts.threads, 1);
    assert_true(opts.progress && !opts.quiet);
    options_clear(&opts);
    parse_over_defaults(&opts, text, "--no-defaults");
    assert_false(options_have_files(&opts));
    expect(&opts, "beta", "auto");
    assert_int_equal(opts.depth, 0);
    options_clear(&opts);
}

static void a_strength_sets_weights_of_files_aside(void **state) {
    (void)state;
    expect_over_defaults("{\"beta\": 3}", "-S 5", "beta", "auto");
    expect_over_defaults("{\"alpha\": 3}", "-S 5", "alpha", "auto");
    expect_over_defaults("{\"alpha\": 3}", "-S 5 -a 4", "alpha", "4");
    expect_over_defaults("{\"compat\": \"gatys\"}", "-S 5", "beta", "4e+09");
}

static void a_texture_may_come_from_a_file(void **state) {
    (void)state;
    options opts;
    parse_over_defaults(&opts, "{\"texture\": true}", "");
    assert_null(opts.content);
    assert_int_equal(opts.style_count, 2);
    options_clear(&opts);
    parse_over_defaults(&opts, "{\"texture\": true}", "--no-texture");
    assert_string_equal(opts.content, "c");
    options_clear(&opts);
}

/* A command takes what means the same for it, and nothing else. */
static void commands_take_what_they_share(void **state) {
    (void)state;
    static const char text[] = "{\"size\": 1000, \"color\": \"content\", \"threads\": 2, "
                               "\"optimizer\": \"adam\"}";
    char *argv[] = {(char *)(uintptr_t) "stylize", (char *)(uintptr_t) "layers",
                    (char *)(uintptr_t) "c", (char *)(uintptr_t) "o"};
    const int count = sizeof argv / sizeof *argv;
    options opts;
    stylize_error err;
    write_file(text, sizeof text - 1);
    assert_true(options_init(&opts, &err));
    opts.defaults_file = path;
    assert_true(options_parse(&opts, count, argv, &err));
    assert_true(options_have_files(&opts));
    assert_true(options_parse_over_files(&opts, count, argv, &err));
    expect(&opts, "size", "256");
    expect(&opts, "color", "style");
    expect(&opts, "optimizer", "adam");
    assert_int_equal(opts.threads, 2);
    options_clear(&opts);
}

static void finds_the_defaults(void **state) {
    (void)state;
    char folder[] = "/tmp/stylize-config-XXXXXX", name[100], *found;
    stylize_error err;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    assert_true(recipe_file_find_defaults(&found, &err));
    assert_null(found);
    snprintf(name, sizeof name, "%s/stylize", folder);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof name, "%s/stylize/defaults.json", folder);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fclose(file);
    assert_true(recipe_file_find_defaults(&found, &err));
    assert_string_equal(found, name);
    free(found);
    /* A relative one does not count. */
    assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", folder, 1), 0);
    assert_true(recipe_file_find_defaults(&found, &err));
    assert_null(found);
    unlink(name);
    snprintf(name, sizeof name, "%s/stylize", folder);
    rmdir(name);
    rmdir(folder);
}

/* ---- writing ---- */

static void what_is_written_reads_back(void **state) {
    (void)state;
    options opts, back;
    stylize_error err;
    char text[4096] = "";
    parse_over_defaults(&opts, "{\"init\": \"a\\\"{,b\\\\\", \"depth\": 16, \"size\": [40, 50]}",
                        "--style-layers relu1_1,relu2_1");
    opts.save_recipe = path;
    if (!recipe_file_write(&opts, &err))
        fail_msg("%s", err.text);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "{\n  \"preset\": \"normal\",\n  \"compat\": "));
    assert_non_null(strstr(text, ",\n  \"size\": [40, 50],\n"));
    assert_non_null(strstr(text, ",\n  \"init\": \"a\\\"{,b\\\\\",\n"));
    assert_non_null(strstr(text, ",\n  \"depth\": 16,\n  \"quality\": 95,\n  \"dpi\": 0\n}\n"));
    assert_true(options_init(&back, &err));
    assert_true(recipe_file_read(&back, &(options){.recipe_file = path}, &err));
    expect(&back, "init", "a\"{,b\\");
    expect(&back, "style-layers", "relu1_1,relu2_1");
    assert_int_equal(back.depth, 1);
    options_clear(&back);
    options_clear(&opts);
}

/* ---- what is no recipe ---- */

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
    refuse("{\"quality\": 200}", 16, STYLIZE_USAGE, "quality: 200 is out of range");
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
        cmocka_unit_test(options_count_more_than_defaults),
        cmocka_unit_test(a_strength_sets_weights_of_files_aside),
        cmocka_unit_test(a_texture_may_come_from_a_file),
        cmocka_unit_test(commands_take_what_they_share),
        cmocka_unit_test(finds_the_defaults),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(refuses_what_is_no_recipe),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
