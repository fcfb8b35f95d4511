/* SPDX-License-Identifier: MIT
 *
 * Layouts: a walk measures what it places, blocks are aligned, apart and zeroed, what is rewound
 * shares memory, and sizes that overflow are never placed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "core/layout.h"
#include "core/memory.h"

typedef struct part {
    float *lasting, *early, *late;
    size_t late_count;
} part;

static void part_layout(void *user, layout *to) {
    part *self = user;
    self->lasting = layout_take(to, 100, sizeof(float));
    const size_t mark = layout_mark(to);
    self->early = layout_take(to, 1000, sizeof(float));
    if (self->early)
        memset(self->early, 0xff, 1000 * sizeof(float));
    layout_rewind(to, mark);
    self->late = layout_take(to, self->late_count, sizeof(float));
}

static void measures_what_it_places(void **state) {
    (void)state;
    for (size_t count = 1; count < 5000; count = 3 * count + 1) {
        part p = {.late_count = count};
        layout measured = layout_measure(), placed;
        error err;
        part_layout(&p, &measured);
        assert_null(p.lasting);
        assert_null(p.late);
        assert_true(layout_make(&placed, part_layout, &p, &err));
        assert_int_equal(layout_bytes(&measured), layout_bytes(&placed));
        assert_true((unsigned char *)(p.late + count) <= placed.base + layout_bytes(&placed));
        layout_free(&placed);
        assert_null(placed.base);
    }
}

static void blocks_are_aligned_and_apart(void **state) {
    (void)state;
    part p = {.late_count = 3};
    layout placed;
    error err;
    assert_true(layout_make(&placed, part_layout, &p, &err));
    assert_int_equal((uintptr_t)p.lasting % MEMORY_ALIGNMENT, 0);
    assert_int_equal((uintptr_t)p.late % MEMORY_ALIGNMENT, 0);
    assert_true(p.late >= p.lasting + 100);
    layout_free(&placed);
}

/* Where several large blocks begin, as seen from a page, is the same. */
static void large_blocks_begin_alike(void **state) {
    (void)state;
    layout placed;
    error err;
    assert_true(layout_place(&placed, 1 << 20, &err));
    const unsigned char *first = layout_take(&placed, 10001, sizeof(float));
    for (int i = 0; i < 5; i++) {
        layout_take(&placed, 100, 1);
        const unsigned char *next = layout_take(&placed, 10001, sizeof(float));
        assert_int_equal((next - first) % 4096, 0);
        assert_true(layout_mark(&placed) <= (size_t)(i + 2) * 11 * 4096);
    }
    layout_free(&placed);
}

static void rewound_blocks_share_memory_and_are_zeroed(void **state) {
    (void)state;
    part p = {.late_count = 4000};
    layout placed;
    error err;
    assert_true(layout_make(&placed, part_layout, &p, &err));
    assert_ptr_equal(p.early, p.late);
    for (size_t i = 0; i < p.late_count; i++)
        assert_true(p.late[i] == 0);
    for (size_t i = 0; i < 100; i++)
        assert_true(p.lasting[i] == 0);
    layout_free(&placed);
}

static void overflow_is_measured_and_refused(void **state) {
    (void)state;
    const size_t counts[] = {SIZE_MAX, SIZE_MAX / 4, SIZE_MAX / 8 - 20};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        part p = {.late_count = counts[i]};
        layout placed;
        error err;
        allocations_fail(0); /* sanitizers end a program that asks for half of all addresses */
        assert_false(layout_make(&placed, part_layout, &p, &err));
        allocations_fail(SIZE_MAX);
        assert_null(placed.base);
        assert_true(*err.text);
    }
    layout measured = layout_measure();
    layout_take(&measured, SIZE_MAX, 2);
    layout_rewind(&measured, 0);
    layout_take(&measured, 1, 1);
    assert_true(layout_bytes(&measured) == SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_what_it_places),
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(large_blocks_begin_alike),
        cmocka_unit_test(rewound_blocks_share_memory_and_are_zeroed),
        cmocka_unit_test(overflow_is_measured_and_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
