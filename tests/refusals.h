/* SPDX-License-Identifier: MIT
 *
 * What tests of the library's interface expect where something is refused.
 */
#ifndef STYLIZE_TESTS_REFUSALS_H
#define STYLIZE_TESTS_REFUSALS_H

#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "transfer/stylize.h"

/* It was, with that status, and the error has those words. */
static inline void expect(bool refused, const stylize_error *err, stylize_status status,
                          const char *words) {
    assert_true(refused);
    assert_int_equal(err->status, status);
    if (!strstr(err->text, words))
        fail_msg("\"%s\" lacks \"%s\"", err->text, words);
}

#endif
