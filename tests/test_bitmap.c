/* SPDX-License-Identifier: MIT
 *
 * Bitmaps: their layout, which is that of tensors, rows from one on, and sizes that overflow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/bitmap.h"

static void check_layout(int blocks, int words, int height, int width) {
    static uint16_t memory[4096];
    size_t bytes;
    assert_true(bitmap_bytes(blocks, words, height, width, &bytes));
    assert_int_equal(bytes, 2 * blocks * words * (height + 2) * (width + 2));
    assert_true(bytes <= sizeof memory);
    const bitmap map = bitmap_view(memory, blocks, words, height, width);
    assert_int_equal(map.height, height);
    assert_int_equal(map.width, width);
    assert_int_equal(map.blocks, blocks);
    assert_int_equal(map.words, words);
    /* The ring's corners are the first and the last pixel of the memory. */
    assert_ptr_equal(bitmap_row(&map, -1, 0) - words, memory);
    assert_ptr_equal(bitmap_row(&map, height, blocks - 1) + (width + 1) * words,
                     memory + bytes / sizeof *memory);
    assert_ptr_equal(bitmap_row(&map, 0, 0) + (width + 2) * words * (blocks - 1),
                     bitmap_row(&map, 0, blocks - 1));

    const bitmap rest = bitmap_from_row(&map, 2);
    assert_int_equal(rest.height, height - 2);
    assert_int_equal(rest.width, width);
    assert_ptr_equal(bitmap_row(&rest, -1, blocks - 1), bitmap_row(&map, 1, blocks - 1));
}

static void test_layout(void **state) {
    (void)state;
    check_layout(1, 1, 3, 3);
    check_layout(3, 1, 4, 7);
    check_layout(1, 4, 2, 5);
    check_layout(2, 4, 9, 6);
}

static void test_overflow(void **state) {
    (void)state;
    size_t bytes;
    assert_false(bitmap_bytes(1 << 20, 4, INT32_MAX - 2, INT32_MAX - 2, &bytes));
    assert_true(bitmap_bytes(4, 4, 1 << 15, 1 << 15, &bytes));
    assert_int_equal(bytes, (size_t)32 * 32770 * 32770);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
