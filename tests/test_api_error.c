/* SPDX-License-Identifier: MIT
 *
 * Tests of api_error.c: errors come into the public ones and back with their kind and whole text.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "transfer/api_error.h"

static const struct {
    error_code inner;
    stylize_status outer;
} kinds[] = {
    {ERROR_FAILURE, STYLIZE_FAILURE},
    {ERROR_USAGE, STYLIZE_USAGE},
    {ERROR_MEMORY, STYLIZE_MEMORY},
};

static void both_ways_keep_kind_and_text(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        error inner, back;
        stylize_error outer;
        assert_false(error_set(&inner, kinds[i].inner, "%01000d", 7)); /* of any length */
        assert_false(api_error(&inner, &outer));
        assert_int_equal(outer.status, kinds[i].outer);
        assert_string_equal(outer.text, inner.text);
        assert_int_equal(strlen(outer.text), 1000);
        assert_false(api_error_back(&outer, &back));
        assert_int_equal(back.code, kinds[i].inner);
        assert_string_equal(back.text, inner.text);
    }
}

static void sets_every_status(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        stylize_error err = {.status = STYLIZE_OK, .text = "before"};
        assert_false(stylize_error_set(&err, kinds[i].outer, "%s: %d", "a", 7));
        assert_int_equal(err.status, kinds[i].outer);
        assert_string_equal(err.text, "a: 7");
    }
}

static void says_which_pointer_lacks(void **state) {
    (void)state;
    stylize_error err = {.status = STYLIZE_OK, .text = "before"};
    assert_true(api_given(&err, "call: path", &err));
    assert_string_equal(err.text, "before");
    assert_false(api_given(NULL, "call: path", &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_string_equal(err.text, "call: path may not be NULL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_keep_kind_and_text),
        cmocka_unit_test(sets_every_status),
        cmocka_unit_test(says_which_pointer_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
