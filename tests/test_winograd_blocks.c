/* SPDX-License-Identifier: MIT
 *
 * The choice of filters to keep transformed, schedules and blocks, over a range of caches, threads,
 * kernels and convolutions: what it promises, not its numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network/winograd_blocks.h"

#define KB ((size_t)1024)
#define MB ((size_t)1 << 20)
#define POINTS ((size_t)36) /* of one channel of a tile, or of an input and an output */

typedef void machine_check(const winograd_machine *machine);

/* Processors small and large, with every kernel set's panel and rows. */
static void for_each_machine(machine_check *check) {
    static const size_t l2[] = {256 * KB, 512 * KB, MB, 2 * MB};
    static const size_t l3[] = {2 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB, 64 * MB};
    static const int kernels[][2] = {{16, 2}, {16, 6}, {32, 14}}; /* panel, rows */
    for (int i = 0; i < 4 * 6 * 3 * 2; i++) {
        const winograd_machine machine = {.l2 = l2[i / 36],
                                          .l3 = l3[i / 6 % 6],
                                          .panel = kernels[i % 3][0],
                                          .rows = kernels[i % 3][1],
                                          .operand = i / 3 % 2 ? 2 : 4};
        check(&machine);
    }
}

static const int channels[] = {16, 32, 64, 128, 256, 512, 4096};
static const int tile_counts[] = {1, 2, 13, 14, 15, 100, 1000, 12345, 1 << 20};
static const int thread_counts[] = {1, 2, 8, 64};
#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

/* ---- filters ---- */

/* A filter that is kept transformed leaves room in the third-level cache; a smaller one, or a
 * larger cache, does not change that. */
static void check_filters(const winograd_machine *machine) {
    for (int i = 0; i < COUNT(channels) * COUNT(channels); i++) {
        const int in = channels[i / COUNT(channels)], out = channels[i % COUNT(channels)];
        if (!winograd_keep_transformed(in, out, machine))
            continue;
        assert_true(winograd_keep_transformed(in / 2, out, machine));
        assert_true(winograd_keep_transformed(in, out / 2, machine));
        const size_t bytes = POINTS * machine->operand * (size_t)in * (size_t)out;
        assert_true((machine->operand == 2 ? 1 : 2) * bytes < machine->l3);
        const winograd_machine larger = {machine->l2, 2 * machine->l3, machine->panel,
                                         machine->rows, machine->operand};
        assert_true(winograd_keep_transformed(in, out, &larger));
    }
    assert_false(winograd_keep_transformed(4096, 4096, machine));
    /* Memory is worth more than speed there, however large the cache. */
    const winograd_machine huge = {machine->l2, (size_t)1 << 30, machine->panel, machine->rows,
                                   machine->operand};
    const int most = machine->operand == 2 ? 512 : 256;
    assert_true(winograd_keep_transformed(most, most, &huge));
    assert_false(winograd_keep_transformed(most, 2 * most, &huge));
}

/* The first blocks of the network on a usual processor, and its last. */
static void test_usual(void **state) {
    (void)state;
    const winograd_machine usual = {MB, 32 * MB, 32, 14, sizeof(float)};
    for_each_machine(check_filters);
    assert_true(winograd_keep_transformed(128, 128, &usual));
    assert_true(winograd_keep_transformed(256, 256, &usual));
    assert_false(winograd_keep_transformed(512, 512, &usual));
    const winograd_blocks own = winograd_choose_blocks(64, 64, true, 16384, 2, &usual);
    assert_int_equal(own.schedule, WINOGRAD_OWN);
    assert_in_range(own.tiles, 28, 42); /* in less than half of the second-level cache */
    assert_int_equal(winograd_choose_blocks(512, 512, false, 256, 2, &usual).schedule,
                     WINOGRAD_SHARED);
    /* Of few tiles each thread takes a panel, if there are several; one alone has no use for that.
     */
    assert_int_equal(winograd_choose_blocks(128, 128, true, 16, 8, &usual).schedule,
                     WINOGRAD_SHARED);
    assert_int_equal(winograd_choose_blocks(128, 32, true, 16, 8, &usual).schedule, WINOGRAD_OWN);
    assert_int_equal(winograd_choose_blocks(128, 128, true, 16, 1, &usual).schedule, WINOGRAD_OWN);
    /* 16 panels are too few for 64 threads: the tiles are cut. */
    const int tiles = winograd_choose_blocks(512, 512, false, 64, 64, &usual).tiles;
    assert_true((64 + tiles - 1) / tiles * 16 >= 64);
}

/* ---- blocks ---- */

/* At least one of everything, whole channel blocks where they are not a thread's own, and no tiles
 * that are not there. */
static void expect_sound(const winograd_machine *machine, int in, int tiles, bool transformed,
                         winograd_blocks blocks) {
    const int most = (tiles + machine->rows - 1) / machine->rows * machine->rows;
    assert_in_range(blocks.tiles, 1, most);
    assert_true(blocks.together >= 1 && blocks.channels >= 1);
    if (blocks.schedule == WINOGRAD_OWN) {
        assert_true(transformed);
        assert_int_equal(blocks.together, 1);
        assert_int_equal(blocks.channels, in);
    } else {
        assert_int_equal(blocks.channels % 16, 0);
        assert_true(!transformed || blocks.channels >= in);
        assert_in_range(blocks.together, 1, (tiles + blocks.tiles - 1) / blocks.tiles);
    }
}

/* What a block needs at a time stays within the second-level cache: its inputs and the products of
 * a panel; or a panel's products, and part of its filter if that is transformed on the way. */
static void expect_fit(const winograd_machine *machine, int in, bool transformed,
                       winograd_blocks blocks) {
    const size_t tiles = (size_t)blocks.tiles, panel = (size_t)machine->panel;
    size_t beside = 0;
    if (blocks.schedule == WINOGRAD_OWN)
        beside = tiles * (size_t)in;
    else if (!transformed)
        beside = (size_t)blocks.channels * panel;
    assert_true(POINTS * (sizeof(float) * tiles * panel + machine->operand * beside) <=
                machine->l2);
    if (blocks.schedule == WINOGRAD_SHARED && blocks.together > 1)
        assert_true(POINTS * machine->operand * tiles * (size_t)in * (size_t)blocks.together <=
                    machine->l3);
}

/* Every thread has a block of its own where there are tiles enough. Where blocks are few, no thread
 * has more to do than another, but for what cannot be divided; where they are many, registers are
 * filled. */
static void expect_busy(const winograd_machine *machine, int tiles, int threads,
                        winograd_blocks blocks) {
    if (blocks.schedule != WINOGRAD_OWN)
        return;
    const int count = (tiles + blocks.tiles - 1) / blocks.tiles;
    const int rounds = (count + threads - 1) / threads, share = (tiles + threads - 1) / threads;
    if (tiles >= 2 * threads * machine->rows)
        assert_true(count >= threads);
    if (rounds <= 8)
        assert_true(rounds * blocks.tiles <= share + rounds);
    else
        assert_int_equal(blocks.tiles % machine->rows, 0);
}

static void check_blocks(const winograd_machine *machine) {
    const int cases = COUNT(channels) * COUNT(tile_counts) * COUNT(thread_counts);
    for (int i = 0; i < 2 * cases; i++) {
        const int in = channels[i % COUNT(channels)];
        const int tiles = tile_counts[i / COUNT(channels) % COUNT(tile_counts)];
        const int threads =
            thread_counts[i / COUNT(channels) / COUNT(tile_counts) % COUNT(thread_counts)];
        const winograd_blocks blocks =
            winograd_choose_blocks(in, in, i >= cases, tiles, threads, machine);
        expect_sound(machine, in, tiles, i >= cases, blocks);
        expect_fit(machine, in, i >= cases, blocks);
        expect_busy(machine, tiles, threads, blocks);
    }
}

static void test_blocks(void **state) {
    (void)state;
    for_each_machine(check_blocks);
}

/* Where nothing fits, the blocks are still sound. */
static void test_tiny(void **state) {
    (void)state;
    const winograd_machine tiny = {KB, KB, 32, 14, sizeof(float)};
    for (int i = 0; i < 2 * COUNT(channels) * COUNT(tile_counts); i++) {
        const int in = channels[i / 2 / COUNT(tile_counts)];
        const int tiles = tile_counts[i / 2 % COUNT(tile_counts)];
        expect_sound(&tiny, in, tiles, i % 2,
                     winograd_choose_blocks(in, in, i % 2, tiles, 8, &tiny));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_tiny),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
