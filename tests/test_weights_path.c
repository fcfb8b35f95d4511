/* SPDX-License-Identifier: MIT
 *
 * Tests of weights_path.c: what is a FILE and what a NAME, the order of the folders, that the
 * working directory is never searched, what the errors say, and the folders of the environment.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp, setenv, unsetenv */
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

#include "cli/weights_path.h"

static char root[200],
    start[4096]; /* the tests run in root/here; `start` is where they came from */
static const char *const folder_names[] = {"one", "two", "here"};

/* root/folder/name; the text is valid until the fourth call from now. */
static const char *at(const char *folder, const char *name) {
    static char texts[4][600];
    static int next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "%s/%s/%s", root, folder, name);
    return text;
}

static void touch(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
    (void)state;
    const char *temporary = getenv("TMPDIR");
    snprintf(root, sizeof root, "%.80s/stylize-weights-XXXXXX", temporary ? temporary : "/tmp");
    if (!getcwd(start, sizeof start) || !mkdtemp(root))
        return -1;
    for (size_t i = 0; i < sizeof folder_names / sizeof *folder_names; i++) {
        if (mkdir(at(folder_names[i], ""), 0777) != 0)
            return -1;
    }
    return chdir(at("here", ""));
}

static int tear_down(void **state) {
    (void)state;
    int failed = chdir(start);
    for (size_t i = 0; i < sizeof folder_names / sizeof *folder_names; i++)
        failed |= rmdir(at(folder_names[i], "")); /* fails unless every test cleaned up */
    return failed | rmdir(root);
}

/* Two folders, borrowed: not to be cleared. */
static weights_folders two_folders(void) {
    static char one[300], two[300];
    snprintf(one, sizeof one, "%s/one", root);
    snprintf(two, sizeof two, "%s/two", root);
    return (weights_folders){.paths = {one, two}, .count = 2};
}

static void expect_found(const char *value, const char *path) {
    const weights_folders folders = two_folders();
    stylize_error err = {0};
    char *found = weights_path_find(value, &folders, &err);
    if (!found)
        fail_msg("%s: %s", value, err.text);
    assert_string_equal(found, path);
    free(found);
}

static void expect_missing(const char *value, const char *words, const char *more_words) {
    const weights_folders folders = two_folders();
    stylize_error err = {0};
    assert_null(weights_path_find(value, &folders, &err));
    if (err.status != STYLIZE_FAILURE || strncmp(err.text, "--weights: ", 11) != 0 ||
        !strstr(err.text, words) || !strstr(err.text, more_words))
        fail_msg("%s: code %d \"%s\" lacks \"%s\" or \"%s\"", value, err.status, err.text, words,
                 more_words);
}

static void finds_names_in_the_order_of_the_folders(void **state) {
    (void)state;
    touch(at("two", "vgg.safetensors"));
    expect_found("vgg", at("two", "vgg.safetensors"));
    touch(at("one", "vgg.safetensors"));
    expect_found("vgg", at("one", "vgg.safetensors"));
    unlink(at("one", "vgg.safetensors"));
    /* A folder of that name is no file. */
    assert_int_equal(mkdir(at("one", "vgg.safetensors"), 0777), 0);
    expect_found("vgg", at("two", "vgg.safetensors"));
    rmdir(at("one", "vgg.safetensors"));
    unlink(at("two", "vgg.safetensors"));
    expect_missing("vgg", "'vgg'", "/two)");
}

static void never_searches_the_working_directory(void **state) {
    (void)state;
    touch("vgg.safetensors");
    touch("plain");
    expect_missing("vgg", "'vgg'", "write ./vgg.safetensors");
    expect_missing("plain", "'plain'", "write ./plain");
    unlink("vgg.safetensors");
    unlink("plain");
}

static void takes_files_as_they_are(void **state) {
    (void)state;
    touch("vgg.safetensors");
    touch("plain");
    touch(at("one", "vgg.safetensors"));
    expect_found("vgg.safetensors", "vgg.safetensors");
    expect_found("./vgg.safetensors", "./vgg.safetensors");
    static const char *const others[] = {"vgg.pth", "vgg.pt", "vgg.h5"};
    for (size_t i = 0; i < 3; i++) {
        touch(others[i]);
        expect_found(others[i], others[i]);
        unlink(others[i]);
        expect_missing(others[i], others[i], "No such file or directory");
    }
    expect_found("./plain", "./plain");
    expect_found(at("one", "vgg.safetensors"), at("one", "vgg.safetensors"));
    unlink("vgg.safetensors");
    unlink("plain");
    unlink(at("one", "vgg.safetensors"));
}

static void says_what_is_missing(void **state) {
    (void)state;
    expect_missing("none.safetensors", "none.safetensors", "No such file");
    expect_missing("./none", "./none", "No such file");
    expect_missing("none", "none.safetensors in ", "/one, ");
    expect_missing("none", "--list-weights lists", "weights/fetch vgg19 ");
    expect_missing("vgg16", "weights/fetch vgg16 ", "stylize-fetch vgg16) downloads vgg16");
    expect_missing("/dev/null/none", "/dev/null/none", "Not a directory");
    expect_missing(root, root, "is a folder");
    /* A NAME with its extension is a FILE; where it is installed is said. */
    touch(at("two", "vgg.safetensors"));
    expect_missing("vgg.safetensors", "write --weights vgg", at("two", "vgg.safetensors"));
    unlink(at("two", "vgg.safetensors"));
}

static void suggests_names_that_are_near(void **state) {
    (void)state;
    touch(at("two", "bright-colours.safetensors"));
    expect_missing("bright-colors", "'bright-colors'; did you mean 'bright-colours'? (", "");
    expect_missing("brigth-colours", "did you mean 'bright-colours'?", "/two)");
    /* What can be downloaded is not confused with what is there. */
    rename(at("two", "bright-colours.safetensors"), at("two", "vgg19-slim.safetensors"));
    expect_missing("vgg19", "no network is called 'vgg19' (", "weights/fetch vgg19");
    expect_missing("vgg19-slm", "did you mean 'vgg19-slim'?", "");
    unlink(at("two", "vgg19-slim.safetensors"));
}

static void survives_long_names(void **state) {
    (void)state;
    char name[6000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    expect_missing(name, "xxx", "downloads vgg19");
    name[0] = '/';
    expect_missing(name, "/xxx", "xxx");
    memcpy(name + sizeof name - sizeof ".safetensors", ".safetensors", sizeof ".safetensors");
    expect_missing(name, "/xxx", "xxx");
    name[0] = 'x';
    expect_missing(name, "xxx", "xxx");
}

static void prints_names_that_are_found(void **state) {
    (void)state;
    const weights_folders folders = two_folders();
    touch(at("one", "both.safetensors"));
    touch(at("two", "both.safetensors"));
    touch(at("two", "a second.safetensors"));
    touch(at("two", "other.txt"));
    touch(at("two", ".safetensors"));
    assert_int_equal(mkdir(at("one", "folder.safetensors"), 0777), 0);
    char text[200];
    FILE *file = tmpfile();
    assert_non_null(file);
    weights_path_print_names(&folders, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, "both\na second\n");
    rmdir(at("one", "folder.safetensors"));
    unlink(at("one", "both.safetensors"));
    static const char *const left[] = {"both.safetensors", "a second.safetensors", "other.txt",
                                       ".safetensors"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        unlink(at("two", left[i]));
}

/* ---- folders ---- */

/* Whether `path` is among the folders of this process. */
static bool searched(const char *path) {
    weights_folders folders;
    bool found = false;
    weights_folders_init(&folders);
    assert_in_range(folders.count, 1, WEIGHTS_FOLDERS);
    for (int i = 0; i < folders.count; i++) {
        assert_int_equal(folders.paths[i][0], '/');
        found = found || !strcmp(folders.paths[i], path);
    }
    weights_folders_clear(&folders);
    assert_int_equal(folders.count, 0);
    return found;
}

static void reads_the_environment(void **state) {
    (void)state;
    setenv("HOME", "/home/somebody", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_true(searched("/data/stylize"));
    assert_false(searched("/home/somebody/.local/share/stylize"));
    static const char *const ignored[] = {"", "data", "./data"};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        setenv("XDG_DATA_HOME", ignored[i], 1);
        assert_true(searched("/home/somebody/.local/share/stylize"));
    }
    unsetenv("XDG_DATA_HOME");
    assert_true(searched("/home/somebody/.local/share/stylize"));
    setenv("HOME", "somewhere", 1);
    assert_false(searched("somewhere/.local/share/stylize"));
    unsetenv("HOME");
    assert_false(searched("/home/somebody/.local/share/stylize"));
}

static void starts_at_the_executable(void **state) {
    (void)state;
    weights_folders folders;
    weights_folders_init(&folders);
    /* This program is <build>/tests/test_weights_path: its place's neighbours come first. */
    assert_true(folders.count >= 2);
    assert_non_null(strstr(folders.paths[0], "/weights"));
    assert_non_null(strstr(folders.paths[1], "/share/stylize"));
    const size_t home = strlen(folders.paths[0]) - strlen("/weights");
    assert_int_equal(home, strlen(folders.paths[1]) - strlen("/share/stylize"));
    assert_memory_equal(folders.paths[0], folders.paths[1], home);
    weights_folders_clear(&folders);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_names_in_the_order_of_the_folders),
        cmocka_unit_test(never_searches_the_working_directory),
        cmocka_unit_test(takes_files_as_they_are),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(suggests_names_that_are_near),
        cmocka_unit_test(survives_long_names),
        cmocka_unit_test(prints_names_that_are_found),
        cmocka_unit_test(reads_the_environment),
        cmocka_unit_test(starts_at_the_executable),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
