/* SPDX-License-Identifier: MIT
 *
 * Texts as they can be shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/text.h"

static void what_is_no_character_is_marked(void **state) {
    (void)state;
    static const struct {
        const char *text, *clean;
    } cases[] = {
        {"", ""},
        {"plain ~", "plain ~"},
        {"a\nb\x7f\x1b[0m", "a?b??[0m"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa8", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa8"},
        {"\xc3", "?"},                     /* cut off */
        {"\xc3x\xe2\x82", "?x??"},         /* likewise */
        {"\xc0\x80\xe0\x80\x80", "?????"}, /* longer than need be */
        {"\xed\xa0\x80", "???"},           /* a surrogate */
        {"\xf4\x90\x80\x80\xff", "?????"}, /* beyond the last */
        {"\xc2\x85", "??"},                /* a control character */
        {"\xef\xbf\xbe", "???"},           /* no character */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char clean[80];
        text_clean(cases[i].text, clean, sizeof clean);
        assert_string_equal(clean, cases[i].clean);
    }
    char clean[4];
    text_clean("ab\xe2\x82\xac", clean, sizeof clean); /* no room for the whole */
    assert_string_equal(clean, "ab");
}

static void the_middle_is_left_out(void **state) {
    (void)state;
    char text[20];
    text_shorten("portrait.png", text, 13);
    assert_string_equal(text, "portrait.png");
    text_shorten("portrait.png", text, 10);
    assert_string_equal(text, "por...png");
    text_shorten("portrait.png", text, 5);
    assert_string_equal(text, "...g");
    text_shorten("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", text, 12);
    assert_string_equal(text, "\xe2\x82\xac...\xe2\x82\xac");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_character_is_marked),
        cmocka_unit_test(the_middle_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
