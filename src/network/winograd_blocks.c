/* SPDX-License-Identifier: MIT */
#include "network/winograd_blocks.h"

#define POINTS ((size_t)36)
#define POINT_BYTES (POINTS * sizeof(float)) /* of one tile of one channel */

/* Fewer tiles than this and a panel's filter is read, or transformed, too often for too little. */
#define FEWEST_TILES 28

/* The most that is worth while: twice as many tiles gain no more than 2 % (measured). */
#define MOST_OWN_TILES 112
#define MOST_SHARED_TILES 112

/* Input channels transformed at a time, as far as they fit. */
#define CHUNK_CHANNELS 64

/* Panels for each thread between two waits. */
#define PANELS_PER_THREAD 4

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

/* Bytes of L2 that blocks may fill; the rest is for what streams through. */
static size_t l2_budget(const winograd_machine *machine) {
    return machine->l2 / 100 * 65;
}

winograd_schedule winograd_choose_schedule(int in_channels, int out_channels,
                                           const winograd_machine *machine) {
    const size_t channels = (size_t)in_channels + (size_t)machine->panel;
    const size_t filter = POINT_BYTES * (size_t)in_channels * (size_t)out_channels;
    return FEWEST_TILES * POINT_BYTES * channels <= l2_budget(machine) && filter <= machine->l3 / 6
               ? WINOGRAD_OWN
               : WINOGRAD_SHARED;
}

/* The largest multiple of `unit` up to `most` of which each takes `bytes` of the budget, at least
 * one. */
static int fit(size_t budget, size_t bytes, int unit, int most) {
    const int count = (int)min_size(budget / bytes, (size_t)most) / unit * unit;
    return count > unit ? count : unit;
}

winograd_blocks winograd_choose_blocks(winograd_schedule schedule, int in_channels,
                                       int out_channels, int tiles, int threads,
                                       const winograd_machine *machine) {
    const size_t in = (size_t)in_channels, panel = (size_t)machine->panel;
    const size_t budget = l2_budget(machine);
    winograd_blocks blocks = {.together = 1, .channels = in_channels};
    if (schedule == WINOGRAD_OWN) {
        blocks.tiles = fit(budget, POINT_BYTES * (in + panel), machine->rows, MOST_OWN_TILES);
        /* Two blocks for every thread, so that none waits long for the last. */
        const int share = round_up((tiles + 2 * threads - 1) / (2 * threads), machine->rows);
        blocks.tiles = blocks.tiles < share ? blocks.tiles : share;
        return blocks;
    }
    const size_t half = budget / 2;
    blocks.channels = fit(half, POINT_BYTES * panel, 16, CHUNK_CHANNELS);
    blocks.tiles = fit(half, POINT_BYTES * panel, machine->rows, MOST_SHARED_TILES);
    /* As many equal blocks as there must be. */
    const int count = (tiles + blocks.tiles - 1) / blocks.tiles;
    blocks.tiles = round_up((tiles + count - 1) / count, machine->rows);
    /* As few side by side as give every thread some panels to do: their inputs are best read while
     * they are still in the second-level caches or near. */
    const int panels = (out_channels + machine->panel - 1) / machine->panel;
    const int wanted = (PANELS_PER_THREAD * threads + panels - 1) / panels;
    blocks.together = fit(machine->l3 / 2, POINT_BYTES * in * (size_t)blocks.tiles, 1,
                          wanted < count ? wanted : count);
    return blocks;
}
