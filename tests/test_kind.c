/* SPDX-License-Identifier: MIT
 *
 * Tests of kind.c: a copy of a style's target has all that its kind learns.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cost/kind.h"

enum { CHANNELS = 19 }; /* more than a block, and not whole blocks */

static void walk(void *part, layout *to) {
    cost_target_layout(part, to);
}

static void make_target(cost_target *self, layout *memory, cost_kind kind) {
    error err;
    *self = (cost_target){.kind = kind, .channels = CHANNELS};
    assert_true(layout_make(memory, walk, self, &err));
}

static void copies_all_of_every_kind(void **state) {
    (void)state;
    const size_t matrix = sizeof(double) * CHANNELS * CHANNELS, means = sizeof(double) * CHANNELS;
    const size_t root = sizeof(float) * matrix_values(CHANNELS);
    for (cost_kind kind = COST_GRAM; kind < COST_SMOOTHNESS; kind++) {
        cost_target from, to;
        layout from_memory, to_memory;
        make_target(&from, &from_memory, kind);
        make_target(&to, &to_memory, kind);
        assert_non_null(from.matrix);
        assert_int_equal(!from.means, kind == COST_GRAM);
        assert_int_equal(!from.root, kind != COST_BURES && kind != COST_WASSERSTEIN);
        memset(from.matrix, 1, matrix);
        if (from.means)
            memset(from.means, 2, means);
        if (from.root)
            memset(from.root, 3, root);
        cost_target_copy(&to, &from);
        assert_true(to.matrix != from.matrix);
        assert_memory_equal(to.matrix, from.matrix, matrix);
        if (from.means)
            assert_memory_equal(to.means, from.means, means);
        if (from.root)
            assert_memory_equal(to.root, from.root, root);
        layout_free(&from_memory);
        layout_free(&to_memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(copies_all_of_every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
