/* SPDX-License-Identifier: MIT
 *
 * Tests of growing_text.c: a text is whole, or there is none.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/growing_text.h"

static void keeps_all(void **state) {
    (void)state;
    growing_text self = {0};
    for (int i = 0; i < 1000; i++) {
        growing_text_add(&self, "word");
        growing_text_add_part(&self, "; more", 1);
        growing_text_add_char(&self, ' ');
    }
    char *text = growing_text_take(&self);
    assert_non_null(text);
    assert_int_equal(strlen(text), 6000);
    assert_memory_equal(text + 5994, "word; ", 6);
    free(text);
    text = growing_text_take(&self); /* nothing, which is no failure */
    assert_string_equal(text, "");
    free(text);
}

static void remembers_a_lack_of_memory(void **state) {
    (void)state;
    growing_text self = {0};
    growing_text_add(&self, "begin");
    growing_text_add_part(&self, "much", SIZE_MAX / 2);
    growing_text_add(&self, "end");
    assert_null(growing_text_take(&self));
    assert_int_equal(self.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all),
        cmocka_unit_test(remembers_a_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
