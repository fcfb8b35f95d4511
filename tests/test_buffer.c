/* SPDX-License-Identifier: MIT
 *
 * Tests of buffer.c: all that is put comes out; what memory is short for is never taken for whole.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/buffer.h"

enum { PIECE = 1000, PIECES = 40 };

static void keeps_all(void **state) {
    (void)state;
    char piece[PIECE], *data;
    buffer self = {0};
    size_t size;
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'A' + i, PIECE);
        assert_true(buffer_put(&self, piece, PIECE));
    }
    assert_true(buffer_take(&self, &data, &size));
    assert_int_equal(size, PIECES * PIECE);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(data[i], 'A' + (int)(i / PIECE));
    assert_int_equal(data[size], 0);
    free(data);
    assert_true(buffer_take(&self, &data, &size)); /* nothing, which is no failure */
    assert_int_equal(size, 0);
    assert_string_equal(data, "");
    free(data);
}

/* Whichever allocation fails, the last included: what is put afterwards changes nothing. */
static void remembers_a_lack_of_memory(void **state) {
    (void)state;
    static const char piece[PIECE];
    for (size_t after = 0; after < 5; after++) {
        buffer self = {0};
        char *data = self.data;
        size_t size;
        bool all = true;
        allocations_fail(after);
        for (int i = 0; i < PIECES; i++)
            all = buffer_put(&self, piece, PIECE) && all;
        allocations_fail(SIZE_MAX);
        assert_false(all);
        assert_false(buffer_put(&self, piece, 1));
        assert_false(buffer_take(&self, &data, &size));
        assert_null(data);
        assert_int_equal(size, 0);
    }
    buffer self = {0};
    assert_true(buffer_put(&self, piece, 1));
    assert_false(buffer_put(&self, piece, SIZE_MAX));
    assert_false(buffer_put(&self, piece, 1));
    buffer_clear(&self);
    assert_null(self.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all),
        cmocka_unit_test(remembers_a_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
