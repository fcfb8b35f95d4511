/* SPDX-License-Identifier: MIT */
#include "network/winograd_blocks.h"

#include <assert.h>

#include "simd/kernels.h"

#define POINTS ((size_t)WINOGRAD_IN * WINOGRAD_IN)

/* Bytes of one tile of one channel: of operands, and of products. */
#define POINT_BYTES(machine) (POINTS * (machine)->operand)
#define PRODUCT_BYTES (POINTS * sizeof(float))

/* Fewer tiles than this and a panel's filter is read, or transformed, too often for too little. */
#define FEWEST_TILES 28

/* The most that is worth while: twice as many tiles gain no more than 2 % (measured). */
#define MOST_OWN_TILES 112
#define MOST_SHARED_TILES 128

/* Rounds of own blocks, one for each thread. Of more than this one that is not full weighs little,
 * and the kernel's registers are better filled. */
#define MOST_EVEN_ROUNDS 8

/* Bytes of L2 that blocks may fill; the rest is for what streams through. A thread's own, whose
 * whole filter does, are best small, but not so small that the filter comes too often. Shared
 * blocks are crowded: a filter that is transformed for more tiles at once gains more than that
 * costs. */
#define OWN_L2(machine) ((machine)->l2 / 100 * 40)
#define FEWEST_OWN_L2(machine) ((machine)->l2 / 100 * 70)
#define SHARED_L2(machine) ((machine)->l2 / 100 * 85)

/* Input channels of a product with a filter that is transformed on the way, as far as its points
 * fit. One that is kept comes through the caches by itself: its sums are then taken in one go. */
#define CHUNK_CHANNELS 64

/* Bytes of a filter that is kept transformed, at most, and hundredths of the third-level cache. In
 * fp32 that of 256 to 256 channels just fits: those of 512 would gain nothing in whole evaluations,
 * and double the memory of a run. In bf16 they take half of that, come through the cache twice as
 * fast, and gain an eighth. */
#define MOST_KEPT_FP32 ((size_t)10 << 20)
#define MOST_KEPT_BF16 ((size_t)19 << 20)
#define KEPT_L3_FP32 33
#define KEPT_L3_BF16 60

/* Panels for each thread between two waits. */
#define PANELS_PER_THREAD 4

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

bool winograd_keep_transformed(int in_channels, int out_channels, const winograd_machine *machine) {
    const size_t bytes = POINT_BYTES(machine) * (size_t)in_channels * (size_t)out_channels;
    return machine->operand == sizeof(float)
               ? bytes <= min_size(machine->l3 / 100 * KEPT_L3_FP32, MOST_KEPT_FP32)
               : bytes <= min_size(machine->l3 / 100 * KEPT_L3_BF16, MOST_KEPT_BF16);
}

/* The largest multiple of `unit` up to `most` of which each takes `bytes` of the budget, at least
 * one. */
static int fit(size_t budget, size_t bytes, int unit, int most) {
    const int count = (int)min_size(budget / bytes, (size_t)most) / unit * unit;
    return count > unit ? count : unit;
}

/* Blocks of tiles, each a thread's own from input to output. */
static winograd_blocks own_blocks(size_t each, int tiles, int threads,
                                  const winograd_machine *machine) {
    winograd_blocks blocks = {.schedule = WINOGRAD_OWN, .together = 1};
    const int fewest = round_up(FEWEST_TILES, machine->rows);
    blocks.tiles = fit(OWN_L2(machine), each, machine->rows, MOST_OWN_TILES);
    blocks.tiles = blocks.tiles > fewest ? blocks.tiles : fewest;
    /* Where they are few, as many for each thread and all of about the same size, two at least if
     * they fill the kernel's registers: so none waits long for the last. */
    const int together = blocks.tiles * threads, rounds = (tiles + together - 1) / together;
    if (rounds <= MOST_EVEN_ROUNDS) {
        const bool halved = rounds == 1 && tiles >= 2 * threads * machine->rows;
        const int count = threads * (halved ? 2 : rounds);
        blocks.tiles = (tiles + count - 1) / count;
    }
    return blocks;
}

winograd_blocks winograd_choose_blocks(int in_channels, int out_channels, bool transformed,
                                       int tiles, int threads, const winograd_machine *machine) {
    const size_t in = (size_t)in_channels, panel = (size_t)machine->panel;
    const size_t each = POINT_BYTES(machine) * in + PRODUCT_BYTES * panel;
    const size_t budget = SHARED_L2(machine);
    const int panels = (out_channels + machine->panel - 1) / machine->panel;
    /* Where a thread's own would not fill the kernel's registers, panels are shared out, too: each
     * thread reads a part of the filter for more tiles, in place of all of it for few. */
    const bool crowded = threads > 1 && panels > 1 && tiles < threads * machine->rows;
    winograd_blocks blocks;
    if (transformed && !crowded && FEWEST_TILES * each <= FEWEST_OWN_L2(machine)) {
        blocks = own_blocks(each, tiles, threads, machine);
        blocks.channels = in_channels;
        return blocks;
    }
    blocks.schedule = WINOGRAD_SHARED;
    blocks.channels = transformed
                          ? round_up(in_channels, 16)
                          : fit(budget / 2, POINT_BYTES(machine) * panel, 16, CHUNK_CHANNELS);
    const size_t points = transformed ? 0 : POINT_BYTES(machine) * panel * (size_t)blocks.channels;
    blocks.tiles = fit(budget - points, PRODUCT_BYTES * panel, 1, MOST_SHARED_TILES);
    /* Smaller where there would be fewer panels of blocks than threads. */
    const size_t share = ((size_t)tiles * (size_t)panels + (size_t)threads - 1) / (size_t)threads;
    assert(share >= 1 && blocks.tiles >= 1);
    if (share < (size_t)blocks.tiles)
        blocks.tiles = (int)share;
    /* As many equal blocks as there must be. */
    const int count = (tiles + blocks.tiles - 1) / blocks.tiles;
    blocks.tiles = (tiles + count - 1) / count;
    /* As few side by side as give every thread some panels to do: their inputs are best read while
     * they are still in the second-level caches or near. */
    const int wanted = (PANELS_PER_THREAD * threads + panels - 1) / panels;
    blocks.together = fit(machine->l3 / 2, POINT_BYTES(machine) * in * (size_t)blocks.tiles, 1,
                          wanted < count ? wanted : count);
    return blocks;
}
