/* SPDX-License-Identifier: MIT
 *
 * Tests of error.c: a text is one line, and never without its reason.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"

#define ROOM sizeof(((error *)0)->text)

static bool ends_with(const char *text, const char *end) {
    return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static void formats_on_one_line(void **state) {
    (void)state;
    error err;
    assert_false(error_set(&err, ERROR_USAGE, "%s: %d", "a\nb\033\x7f", 7));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.text, "a?b??: 7");
    /* C1 and what is not UTF-8 may command a terminal, too. */
    assert_false(error_set(&err, ERROR_USAGE, "%s", "\xc2\x9b" "2J \x9b" "0m \xc3\xa4\xff"));
    assert_string_equal(err.text, "??2J ?0m \xc3\xa4?");
    char expected[200];
    snprintf(expected, sizeof expected, "cannot open a: %s", strerror(ENOENT));
    assert_false(error_set_errno(&err, ENOENT, "cannot open %s", "a"));
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_string_equal(err.text, expected);
}

/* Of every length about the limit: the beginning and the reason stay, at most the middle goes. */
static void long_names_lose_their_middle(void **state) {
    (void)state;
    char name[2 * ROOM + 1], whole[3 * ROOM];
    for (size_t length = ROOM - 60; length < 2 * ROOM; length++) {
        error err;
        memset(name, 'n', length);
        name[length] = '\0';
        error_set_errno(&err, ENAMETOOLONG, "cannot open %s", name);
        snprintf(whole, sizeof whole, "cannot open %s: %s", name, strerror(ENAMETOOLONG));
        if (strlen(whole) < ROOM) {
            assert_string_equal(err.text, whole);
            continue;
        }
        assert_int_equal(strlen(err.text), ROOM - 1);
        assert_ptr_equal(strstr(err.text, "cannot open nnn"), err.text);
        assert_non_null(strstr(err.text, "n...n"));
        assert_true(ends_with(err.text, strerror(ENAMETOOLONG)));
        error_set(&err, ERROR_USAGE, "%s: name another file", name);
        assert_true(strlen(err.text) < ROOM && ends_with(err.text, "n: name another file"));
    }
}

/* A cut leaves whole characters. */
static void cuts_between_characters(void **state) {
    (void)state;
    char name[2 * ROOM + 1] = "";
    for (size_t used = 0; used + 3 < sizeof name; used += 3)
        memcpy(name + used, "\xe2\x82\xac", 4);
    for (int lead = 0; lead < 3; lead++) {
        error err;
        error_set(&err, ERROR_FAILURE, "%.*s%s", lead, "xx", name);
        const char *gap = strstr(err.text, "...");
        assert_non_null(gap);
        assert_memory_equal(gap - 3, "\xe2\x82\xac", 3);
        assert_memory_equal(gap + 3, "\xe2\x82\xac", 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_on_one_line),
        cmocka_unit_test(long_names_lose_their_middle),
        cmocka_unit_test(cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
