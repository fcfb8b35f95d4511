/* SPDX-License-Identifier: MIT
 *
 * The choice of schedules and blocks, over a range of caches, threads, kernels and convolutions:
 * what it promises, not its numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/winograd_blocks.h"

#define KB ((size_t)1024)
#define MB ((size_t)1 << 20)
#define POINT_BYTES ((size_t)36 * 4) /* of one channel of a tile, or of an input and an output */

typedef void machine_check(const winograd_machine *machine);

/* Processors small and large, with every kernel set's panel and rows. */
static void for_each_machine(machine_check *check) {
    static const size_t l2[] = {256 * KB, 512 * KB, MB, 2 * MB};
    static const size_t l3[] = {2 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB, 64 * MB};
    static const int kernels[][2] = {{16, 2}, {16, 6}, {32, 14}}; /* panel, rows */
    for (int i = 0; i < 4 * 6 * 3; i++) {
        const winograd_machine machine = {.l2 = l2[i / 18],
                                          .l3 = l3[i / 3 % 6],
                                          .panel = kernels[i % 3][0],
                                          .rows = kernels[i % 3][1]};
        check(&machine);
    }
}

static const int channels[] = {16, 32, 64, 128, 256, 512, 4096};
static const int tile_counts[] = {1, 2, 13, 14, 15, 100, 1000, 12345, 1 << 20};
static const int thread_counts[] = {1, 2, 8, 64};
#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

/* ---- schedules ---- */

static bool is_own(const winograd_machine *machine, int in, int out) {
    return winograd_choose_schedule(in, out, machine) == WINOGRAD_OWN;
}

/* More channels never turn a shared schedule into an own one, and a block of an own schedule has
 * room in the second-level cache, its filter in the third-level one. */
static void check_schedules(const winograd_machine *machine) {
    for (int i = 0; i < COUNT(channels) * COUNT(channels); i++) {
        const int in = channels[i / COUNT(channels)], out = channels[i % COUNT(channels)];
        if (!is_own(machine, in, out))
            continue;
        assert_true(is_own(machine, in / 2, out) && is_own(machine, in, out / 2));
        assert_true(POINT_BYTES * (size_t)in * (size_t)out < machine->l3);
        assert_true(POINT_BYTES * (size_t)(in + machine->panel) * 14 < machine->l2);
        const winograd_machine larger = {2 * machine->l2, 2 * machine->l3, machine->panel,
                                         machine->rows};
        assert_true(is_own(&larger, in, out));
    }
    assert_false(is_own(machine, 4096, 4096));
}

/* The first blocks of the network on a usual processor, and its last. */
static void test_schedules(void **state) {
    (void)state;
    const winograd_machine usual = {MB, 32 * MB, 32, 14};
    for_each_machine(check_schedules);
    assert_true(is_own(&usual, 64, 64));
    assert_false(is_own(&usual, 512, 512));
}

/* ---- blocks ---- */

/* At least one of everything, whole registers' rows and channel blocks, and no tiles that are not
 * there. */
static void expect_sound(const winograd_machine *machine, winograd_schedule schedule, int in,
                         int tiles, winograd_blocks blocks) {
    const int most = (tiles + machine->rows - 1) / machine->rows * machine->rows;
    assert_in_range(blocks.tiles, 1, most);
    assert_int_equal(blocks.tiles % machine->rows, 0);
    assert_true(blocks.together >= 1 && blocks.channels >= 1);
    if (schedule == WINOGRAD_OWN) {
        assert_int_equal(blocks.together, 1);
        assert_int_equal(blocks.channels, in);
    } else {
        assert_int_equal(blocks.channels % 16, 0);
        assert_in_range(blocks.together, 1, (tiles + blocks.tiles - 1) / blocks.tiles);
    }
}

/* What a block needs at a time stays within the second-level cache: its inputs and the products of
 * a panel, or a panel's products and part of its filter. */
static void expect_fit(const winograd_machine *machine, winograd_schedule schedule, int in,
                       winograd_blocks blocks) {
    const size_t tiles = (size_t)blocks.tiles, panel = (size_t)machine->panel;
    const size_t beside =
        schedule == WINOGRAD_OWN ? tiles * (size_t)in : (size_t)blocks.channels * panel;
    assert_true(POINT_BYTES * (tiles * panel + beside) <= machine->l2);
    if (schedule == WINOGRAD_SHARED && blocks.together > 1)
        assert_true(POINT_BYTES * tiles * (size_t)in * (size_t)blocks.together <= machine->l3);
}

/* Every thread has a block of its own where there are tiles enough. */
static void expect_busy(const winograd_machine *machine, winograd_schedule schedule, int tiles,
                        int threads, winograd_blocks blocks) {
    if (schedule == WINOGRAD_OWN && tiles >= 2 * threads * machine->rows)
        assert_true((tiles + blocks.tiles - 1) / blocks.tiles >= threads);
}

static void check_blocks(const winograd_machine *machine) {
    const int cases = COUNT(channels) * COUNT(tile_counts) * COUNT(thread_counts);
    for (int i = 0; i < cases; i++) {
        const int in = channels[i % COUNT(channels)];
        const int tiles = tile_counts[i / COUNT(channels) % COUNT(tile_counts)];
        const int threads = thread_counts[i / COUNT(channels) / COUNT(tile_counts)];
        const winograd_schedule schedule = winograd_choose_schedule(in, in, machine);
        const winograd_blocks blocks =
            winograd_choose_blocks(schedule, in, tiles, threads, machine);
        expect_sound(machine, schedule, in, tiles, blocks);
        expect_fit(machine, schedule, in, blocks);
        expect_busy(machine, schedule, tiles, threads, blocks);
    }
}

static void test_blocks(void **state) {
    (void)state;
    for_each_machine(check_blocks);
}

/* A schedule that nobody would choose is still sound. */
static void check_forced(const winograd_machine *machine) {
    for (int schedule = 0; schedule < 2; schedule++) {
        for (int i = 0; i < COUNT(channels) * COUNT(tile_counts); i++) {
            const int in = channels[i % COUNT(channels)], tiles = tile_counts[i / COUNT(channels)];
            const winograd_blocks blocks =
                winograd_choose_blocks((winograd_schedule)schedule, in, tiles, 8, machine);
            expect_sound(machine, (winograd_schedule)schedule, in, tiles, blocks);
        }
    }
}

static void test_forced_schedules(void **state) {
    (void)state;
    for_each_machine(check_forced);
    const winograd_machine tiny = {KB, KB, 32, 14}; /* nothing fits */
    check_forced(&tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_forced_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
