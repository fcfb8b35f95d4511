/* SPDX-License-Identifier: MIT
 *
 * Tests of weights_list.c: the table of tiny networks in two folders, what is hidden, what is no
 * network, names and licences that would steer a terminal, and folders without any.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
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

#include "cli/weights_list.h"
#include "network_files.h"

static char root[] = "/tmp/stylize-list-XXXXXX";
static char one[40], two[40];
static char table[8000], problems[8000]; /* of the last list */

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(root))
        return -1;
    snprintf(one, sizeof one, "%s/one", root);
    snprintf(two, sizeof two, "%s/two", root);
    return mkdir(one, 0777) | mkdir(two, 0777);
}

static int tear_down(void **state) {
    (void)state;
    return rmdir(one) | rmdir(two) | rmdir(root); /* fails unless every test cleaned up */
}

/* The file of a name; the text is valid until the next call. */
static const char *at(const char *folder, const char *name) {
    static char text[400];
    snprintf(text, sizeof text, "%s/%s.safetensors", folder, name);
    return text;
}

static void touch(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void write_network(const char *folder, const char *name, int convs, const char *metadata) {
    network_file file = network_file_narrow(convs);
    file.metadata = metadata;
    network_file_write(&file, at(folder, name));
}

static void read_back(FILE *file, char *text, size_t size) {
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* The paths of the tests' folders are of one length, and become /one and /two. */
static void shorten_paths(char *text) {
    for (char *place = text; (place = strstr(place, root));)
        memmove(place, place + strlen(root), strlen(place + strlen(root)) + 1);
}

static void list(void) {
    const weights_folders folders = {.paths = {one, two}, .count = 2};
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    weights_list_print(&folders, "small", out, err);
    read_back(out, table, sizeof table);
    read_back(err, problems, sizeof problems);
    shorten_paths(table);
    shorten_paths(problems);
}

static void lists_networks_in_the_order_of_the_folders(void **state) {
    (void)state;
    write_network(one, "small", 2, "\"license\":\"CC-BY-4.0; of somebody\"");
    write_network(two, "a longer name", 1, NULL);
    write_network(two, "vgg19", 13, "\"license\":\"MIT\"");
    list();
    assert_string_equal(
        table, "  name           network           parameters  size      licence     file\n"
               "* small          vgg16 to conv1_2  3094        12.7 kB   CC-BY-4.0   "
               "/one/small.safetensors\n"
               "  a longer name  vgg16 to conv1_1  476         2.1 kB    not stated  "
               "/two/a longer name.safetensors\n"
               "  vgg19          vgg19 to conv5_1  0.05 M      204.0 kB  MIT         "
               "/two/vgg19.safetensors\n"
               "\n"
               "* the default\n");
    assert_string_equal(problems, "");
    unlink(at(one, "small"));
    unlink(at(two, "a longer name"));
    unlink(at(two, "vgg19"));
}

static void marks_what_is_hidden(void **state) {
    (void)state;
    write_network(one, "small", 1, NULL);
    write_network(two, "small", 1, NULL);
    list();
    assert_non_null(strstr(table, "* small "));
    assert_non_null(strstr(table, "\n- small "));
    assert_non_null(strstr(table, "\n- hidden by an earlier file of the same name\n"));
    assert_non_null(strstr(strstr(table, "\n- small "), "/two/small.safetensors\n"));
    /* A folder hides nothing and is not hidden. */
    unlink(at(one, "small"));
    assert_int_equal(mkdir(at(one, "small"), 0777), 0);
    list();
    assert_non_null(strstr(table, "* small "));
    assert_null(strstr(table, "hidden"));
    assert_string_equal(problems, "");
    rmdir(at(one, "small"));
    /* What hides the default may be no network; then there is none. */
    touch(at(one, "small"));
    list();
    assert_non_null(strstr(table, "- small "));
    assert_null(strstr(table, "the default"));
    unlink(at(one, "small"));
    unlink(at(two, "small"));
}

static void tells_how_to_have_the_full_network(void **state) {
    (void)state;
    static const char hint[] = "\nThe full network, vgg19, is downloaded by weights/fetch vgg19 "
                               "(installed: stylize-fetch vgg19)\n";
    list();
    assert_string_equal(problems, "");
    assert_non_null(strstr(table, hint));
    assert_memory_equal(table, "No networks in /one, /two\n", 26);
    write_network(two, "vgg19", 1, NULL);
    list();
    assert_null(strstr(table, hint));
    /* What hides it is no network. */
    touch(at(one, "vgg19"));
    list();
    assert_non_null(strstr(table, hint));
    assert_string_equal(problems, "stylize: /one/vgg19.safetensors: not a safetensors file: "
                                  "shorter than 8 bytes\n");
    unlink(at(one, "vgg19"));
    unlink(at(two, "vgg19"));
}

static void shows_strangers_text_safely(void **state) {
    (void)state;
    static const struct {
        const char *name, *shown;
    } names[] = {
        {"a\n\x1b[31m\x7f", "a??[31m?"},                 /* controls */
        {"b\xc2\x9b\xe2\x80\xae", "b?????"},             /* of UTF-8; a turn of the order */
        {"c\xc3\xa4\xe2\x80\x93\xf0\x9f\x8c\x8a", NULL}, /* characters of two to four bytes */
        {"d\xff\xc3", "d??"},                            /* no UTF-8 */
        {"e\xc1\x9b\xe0\x82\x9b", "e?????"},             /* controls in more bytes than they need */
    };
    const size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++)
        write_network(one, names[i].name, 1, NULL);
    write_network(two, "long", 1,
                  "\"license\":\"\\u001b\\u009b0123456789012345678901234567890123456789\"");
    list();
    for (size_t i = 0; i < count; i++) {
        char row[100];
        const char *shown = names[i].shown ? names[i].shown : names[i].name;
        snprintf(row, sizeof row, "\n  %s ", shown);
        assert_non_null(strstr(table, row));
        snprintf(row, sizeof row, "  /one/%s.safetensors\n", shown);
        assert_non_null(strstr(table, row));
        unlink(at(one, names[i].name));
    }
    assert_non_null(strstr(table, "  ???0123456789012345678901234567890123456...  /two/long"));
    unlink(at(two, "long"));
    /* Columns stand below one another, counted in characters. */
    const char *umlaut = strstr(table, "\n  c\xc3\xa4");
    assert_int_equal(strstr(umlaut, "vgg16") - umlaut,
                     strstr(table, "network") - table + 1 + 1 + 2 + 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_networks_in_the_order_of_the_folders),
        cmocka_unit_test(marks_what_is_hidden),
        cmocka_unit_test(tells_how_to_have_the_full_network),
        cmocka_unit_test(shows_strangers_text_safely),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
