/* SPDX-License-Identifier: MIT
 *
 * Tests of memory.c: sizes that overflow, blocks that are zeroed and aligned and take what is
 * announced.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "allocations.h"
#include "core/memory.h"

static void blocks_are_as_announced(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 64, 65, 100000, (2 << 20) - 1, 2 << 20, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        error err;
        const size_t before = allocations_bytes();
        unsigned char *block = memory_alloc(sizes[i], 1, &err);
        assert_non_null(block);
        assert_int_equal(allocations_bytes() - before, memory_block(sizes[i], 1));
        assert_int_equal((uintptr_t)block % MEMORY_ALIGNMENT, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(block[k], 0);
        memory_free(block);
    }
    memory_free(NULL);
}

/* Whole pages within are lost, and their memory; what stands before and behind them is not. */
static void parts_are_forgotten(void **state) {
    (void)state;
    enum { SIZE = 64 << 20, FROM = 100, END = SIZE - 100 };
    error err;
    const size_t before = memory_resident();
    unsigned char *block = memory_alloc_unset(SIZE, 1, &err);
    assert_non_null(block);
    memset(block, 1, SIZE);
    assert_in_range(memory_resident() - before, SIZE / 2, SIZE_MAX / 2);
    memory_forget(block + FROM, END - FROM);
    assert_in_range(memory_resident(), 0, before + SIZE / 2);
    assert_int_equal(block[FROM - 1], 1);
    assert_int_equal(block[END], 1);
    block[FROM] = block[END - 1] = 2;
    memory_forget(block + FROM, 10); /* less than a page */
    assert_int_equal(block[FROM], 2);
    memory_free(block);
}

static void sizes_may_overflow(void **state) {
    (void)state;
    size_t product = 7;
    error err = {0};
    assert_true(memory_multiply(SIZE_MAX / 3, 3, &product));
    assert_int_equal(product, SIZE_MAX / 3 * 3);
    assert_false(memory_multiply(SIZE_MAX / 3 + 1, 3, &product));
    assert_int_equal(product, SIZE_MAX / 3 * 3);
    assert_int_equal(memory_block(SIZE_MAX / 2, 3), SIZE_MAX);
    assert_int_equal(memory_block(SIZE_MAX - 1, 1), SIZE_MAX);
    assert_int_equal(memory_add(SIZE_MAX, 1), SIZE_MAX);
    assert_int_equal(memory_add(SIZE_MAX - 1, 1), SIZE_MAX);
    assert_null(memory_alloc(SIZE_MAX / 2, 3, &err));
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_non_null(strstr(err.text, "overflows"));
}

static void says_how_much_was_asked_for(void **state) {
    (void)state;
    error err = {0};
    allocations_fail(0);
    void *block = memory_alloc(5 << 20, 1, &err);
    allocations_fail(SIZE_MAX);
    assert_null(block);
    assert_non_null(strstr(err.text, "not enough memory for a block of 6 MB"));
}

static void gaps_are_few(void **state) {
    (void)state;
    assert_int_equal(memory_gaps(1000), 0);
    assert_true(memory_gaps(SIZE_MAX / 2) < (size_t)100 << 20);
}

/* The system brings its two accounts up to date at different times. */
static void a_process_has_memory(void **state) {
    (void)state;
    const size_t now = memory_resident();
    assert_in_range(now, 1 << 20, memory_peak_resident() + (4 << 20));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_as_announced),     cmocka_unit_test(sizes_may_overflow),
        cmocka_unit_test(says_how_much_was_asked_for), cmocka_unit_test(gaps_are_few),
        cmocka_unit_test(a_process_has_memory),        cmocka_unit_test(parts_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
