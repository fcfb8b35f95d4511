/* SPDX-License-Identifier: MIT
 *
 * Tests of core/system_file: files of every length around the buffer's, files that cannot be read,
 * and numbers up to the largest and past it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/system_file.h"
#include "file_tree.h"

static void reads_what_fits(void **state) {
    (void)state;
    /* Into 8 bytes: 7 fit, of longer files the whole lines alone. */
    static const struct {
        const char *text, *read;
    } cases[] = {
        {"", ""},
        {"a", "a"},
        {"ab\ncde", "ab\ncde"},
        {"ab\ncdef", "ab\ncdef"},
        {"abcdef\n", "abcdef\n"},
        {"ab\ncdefg", "ab\n"},
        {"abcdefgh", ""},
        {"abcdef\nx", "abcdef\n"},
    };
    char *root = file_tree_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[8] = "former";
        file_tree_write(root, "sub/file", cases[i].text);
        assert_int_equal(system_file_read(text, sizeof text, "%s/sub/file", root),
                         cases[i].read[0] != '\0');
        assert_string_equal(text, cases[i].read);
    }
    file_tree_remove(root);
}

static void refuses_what_cannot_be_read(void **state) {
    (void)state;
    char text[8] = "former", path[9000];
    char *root = file_tree_new();
    assert_false(system_file_read(text, sizeof text, "%s/missing", root));
    assert_string_equal(text, "");
    assert_false(system_file_read(text, sizeof text, "%s", root)); /* a folder */
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(system_file_read(text, sizeof text, "%s/%s", root, path));
    file_tree_remove(root);
}

static void reads_numbers(void **state) {
    (void)state;
    uint64_t value = 7;
    assert_string_equal(system_file_number("0", &value), "");
    assert_int_equal(value, 0);
    assert_string_equal(system_file_number("0012K\n", &value), "K\n");
    assert_int_equal(value, 12);
    assert_string_equal(system_file_number("18446744073709551615 ", &value), " ");
    assert_true(value == UINT64_MAX);
    static const char *const wrong[] = {"",
                                        " 1",
                                        "-1",
                                        "+1",
                                        "max",
                                        "x1",
                                        "18446744073709551616",
                                        "99999999999999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(system_file_number(wrong[i], &value));
        assert_true(value == UINT64_MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_fits),
        cmocka_unit_test(refuses_what_cannot_be_read),
        cmocka_unit_test(reads_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
