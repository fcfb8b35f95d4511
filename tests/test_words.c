/* SPDX-License-Identifier: MIT
 *
 * Lines taken apart into words, as shells do it.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/words.h"

/* The words of a line, each in brackets; or "!" and the error. */
static void split(const char *line, char *text, size_t size) {
    char copy[200];
    stylize_error err;
    int count;
    assert_true(strlen(line) < sizeof copy);
    strcpy(copy, line);
    char **words = words_split(copy, &count, &err);
    int used = words ? 0 : snprintf(text, size, "!%s", err.text);
    text[used] = '\0';
    for (int i = 0; words && i < count; i++)
        used += snprintf(text + used, size - (size_t)used, "[%s]", words[i]);
    if (words)
        assert_null(words[count]);
    free(words);
}

static void takes_lines_apart(void **state) {
    const struct {
        const char *line, *words;
    } cases[] = {
        {"", ""},
        {" \t\r", ""},
        {"a", "[a]"},
        {"a b", "[a][b]"},
        {"  a\t b\r", "[a][b]"},
        {"'a b' \"c d\"", "[a b][c d]"},
        {"''", "[]"},
        {"a '' b", "[a][][b]"},
        {"a'b'\"c\"d", "[abcd]"},
        {"a\\ b", "[a b]"},
        {"\\'a\\\"", "['a\"]"},
        {"'a\\b\"'", "[a\\b\"]"},
        {"\"a\\b\\\"\\\\'\"", "[a\\b\"\\']"},
        {"--beta=3 $HOME *", "[--beta=3][$HOME][*]"},
        {"'a", "!a ' has no other to close it"},
        {"\"a\\\"", "!a \" has no other to close it"},
        {"a\\", "!nothing follows the last \\"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[300];
        split(cases[i].line, found, sizeof found);
        assert_string_equal(found, cases[i].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_lines_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
