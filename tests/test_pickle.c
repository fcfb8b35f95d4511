/* SPDX-License-Identifier: MIT
 *
 * The reader of pickles by itself: its values and its bounds. Hostile pickles are in test_pth.c, in
 * the files that hold them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "weights/pickle.h"

static const char *const globals[] = {"known.name", NULL};

static void expect_too_large(const unsigned char *bytes, size_t size) {
    error err = {0};
    size_t used;
    assert_null(pickle_read("p", bytes, size, globals, &used, &err));
    assert_string_equal(err.text, "p: the pickle has over 262144 values, so it is no state dict");
}

/* Values, items of one list, and the stack. */
static void test_pickle_bounds(void **state) {
    (void)state;
    const size_t size = 4 * PICKLE_MOST_VALUES;
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, 'N', size);
    expect_too_large(bytes, size);
    memset(bytes, '(', size);
    expect_too_large(bytes, size);
    memcpy(bytes, "]q\0", 3); /* one list, which is appended to itself: three bytes each time */
    for (size_t i = 3; i + 3 <= size; i += 3)
        memcpy(bytes + i, "h\0a", 3);
    expect_too_large(bytes, size);
    free(bytes);
}

/* Numbers with signs, of every length, and what a pickle is made of. */
static void test_pickle_values(void **state) {
    (void)state;
    static const unsigned char bytes[] =
        "\x80\x02(K\xffM\xff\xffJ\xfe\xff\xff\xff"
        "\x8a\x00\x8a\x01\x80\x8a\x02\x00\x01"
        "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
        "X\x02\x00\x00\x00hi\x88\x89NGxxxxxxxxcknown\nname\n)Rt.rest";
    static const int64_t numbers[] = {255, 65535, -2, 0, -128, 256, INT64_MAX};
    error err = {0};
    size_t used;
    pickle *self = pickle_read("p", bytes, sizeof bytes - 1, globals, &used, &err);
    if (!self)
        fail_msg("%s", err.text);
    assert_int_equal(used, sizeof bytes - 1 - strlen("rest"));
    const pickle_value *tuple = pickle_result(self);
    assert_int_equal(tuple->kind, PICKLE_TUPLE);
    assert_int_equal(tuple->count, 13);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_int_equal(pickle_at(tuple, i)->kind, PICKLE_INTEGER);
        assert_true(pickle_at(tuple, i)->integer == numbers[i]);
    }
    assert_true(pickle_is_text(pickle_at(tuple, 7), "hi"));
    assert_int_equal(pickle_at(tuple, 8)->integer, 1);
    assert_int_equal(pickle_at(tuple, 9)->kind, PICKLE_BOOL);
    assert_int_equal(pickle_at(tuple, 11)->kind, PICKLE_OTHER);
    assert_int_equal(pickle_at(tuple, 12)->kind, PICKLE_CALL);
    assert_null(pickle_at(tuple, 13));
    pickle_free(self);
    pickle_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pickle_bounds),
        cmocka_unit_test(test_pickle_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
