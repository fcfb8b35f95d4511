/* SPDX-License-Identifier: MIT
 *
 * Tests of api_output.c: places of files, and files in pieces, as a program writes them.
 */
#define _XOPEN_SOURCE 700
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_tree.h"
#include "refusals.h"
#include "transfer/stylize.h"
#include "transfer/stylize_output.h"
#include "transfer/stylize_saved.h"

static char *folder;
static char path[200], gone[200];

static int make_folder(void **state) {
    (void)state;
    folder = file_tree_new();
    snprintf(path, sizeof path, "%s/out", folder);
    snprintf(gone, sizeof gone, "%s/none/out", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    file_tree_remove(folder);
    return 0;
}

static stylize_output *place_of(const char *name) {
    stylize_error err;
    stylize_output *self = stylize_output_new(name, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

static void expect_content(const char *content) {
    char text[64] = "";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, content);
}

static bool yes(void) {
    return true;
}

static bool no(void) {
    return false;
}

static void writes_whole_files(void **state) {
    (void)state;
    stylize_error err;
    stylize_output *self = place_of(path);
    assert_true(stylize_output_check(self, &err));
    assert_true(access(path, F_OK) != 0);
    assert_true(stylize_output_write(self, "first", 5, NULL, &err));
    expect_content("first");
    assert_true(stylize_output_write(self, "2nd", 3, no, &err));
    expect_content("2nd");
    assert_false(stylize_output_write(self, "third", 5, yes, &err));
    expect_content("2nd");
    assert_true(stylize_output_write(self, NULL, 0, NULL, &err));
    expect_content("");
    expect(!stylize_output_write(self, NULL, 1, NULL, &err), &err, STYLIZE_USAGE, "data");
    assert_false(stylize_output_is_special(self));
    stylize_output_free(self);
}

/* A stylize_composer of two pieces; *user: how many times over, 0 fails. */
static bool compose(void *user, stylize_writer *put, void *to, stylize_error *err) {
    const int *times = user;
    bool ok = *times > 0 || stylize_error_set(err, STYLIZE_USAGE, "not so");
    for (int i = 0; ok && i < *times; i++)
        ok = put(to, "ab", 2, err) && put(to, "c", 1, err);
    return ok;
}

static void composes_files(void **state) {
    (void)state;
    stylize_error err;
    int times = 2;
    stylize_output *self = place_of(path);
    assert_true(stylize_output_compose(self, compose, &times, NULL, &err));
    expect_content("abcabc");
    times = 1;
    assert_false(stylize_output_compose(self, compose, &times, yes, &err));
    expect_content("abcabc");
    assert_true(stylize_file_compose(path, compose, &times, no, &err));
    expect_content("abc");
    times = 0;
    expect(!stylize_output_compose(self, compose, &times, NULL, &err), &err, STYLIZE_USAGE,
           "not so");
    expect(!stylize_file_compose(path, compose, &times, NULL, &err), &err, STYLIZE_USAGE, "not so");
    expect_content("abc");
    stylize_output_free(self);
}

static void tells_what_cannot_be_written(void **state) {
    (void)state;
    stylize_error err;
    int times = 1;
    expect(!stylize_file_compose(gone, compose, &times, NULL, &err), &err, STYLIZE_FAILURE,
           "does not exist");
    char link[220];
    snprintf(link, sizeof link, "%s/loop", folder);
    assert_int_equal(symlink("loop", link), 0);
    stylize_output *self = stylize_output_new(link, &err);
    expect(!self, &err, STYLIZE_FAILURE, "loop");
    self = stylize_output_new(gone, &err);
    if (self) { /* found missing at once, or when it is looked at */
        expect(!stylize_output_check(self, &err), &err, STYLIZE_FAILURE, "does not exist");
        expect(!stylize_output_write(self, "x", 1, NULL, &err), &err, STYLIZE_FAILURE,
               "does not exist");
        expect(!stylize_output_compose(self, compose, &times, NULL, &err), &err, STYLIZE_FAILURE,
               "does not exist");
    } else {
        expect(true, &err, STYLIZE_FAILURE, "does not exist");
    }
    stylize_output_free(self);
}

static void opens_what_grows(void **state) {
    (void)state;
    stylize_error err;
    stylize_output *self = place_of(path), *device = place_of("/dev/null");
    assert_true(stylize_output_write(self, "be", 2, NULL, &err));
    const int file = stylize_output_open(self, O_WRONLY | O_APPEND);
    assert_true(file >= 0);
    assert_int_equal(write(file, "gin", 3), 3);
    close(file);
    expect_content("begin");
    assert_true(stylize_output_is_special(device));
    stylize_output_free(device);
    stylize_output_free(self);
}

static void checks_its_arguments(void **state) {
    (void)state;
    stylize_error err;
    int times = 1;
    expect(!stylize_output_new(NULL, &err), &err, STYLIZE_USAGE, "path");
    expect(!stylize_output_check(NULL, &err), &err, STYLIZE_USAGE, "self");
    expect(!stylize_output_write(NULL, "x", 1, NULL, &err), &err, STYLIZE_USAGE, "self");
    expect(!stylize_output_compose(NULL, compose, &times, NULL, &err), &err, STYLIZE_USAGE, "self");
    expect(!stylize_file_compose(NULL, compose, &times, NULL, &err), &err, STYLIZE_USAGE, "path");
    assert_false(stylize_output_is_special(NULL));
    assert_int_equal(stylize_output_open(NULL, O_RDONLY), -1);
    stylize_output_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_whole_files),
        cmocka_unit_test(composes_files),
        cmocka_unit_test(tells_what_cannot_be_written),
        cmocka_unit_test(opens_what_grows),
        cmocka_unit_test(checks_its_arguments),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
