/* SPDX-License-Identifier: MIT
 *
 * How a Winograd convolution (network/winograd.h) is cut into blocks that fit the caches: a pure
 * choice by numbers. Of it only `channels`, which does not depend on the threads, sets the order of
 * a sum.
 */
#ifndef STYLIZE_NETWORK_WINOGRAD_BLOCKS_H
#define STYLIZE_NETWORK_WINOGRAD_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum winograd_schedule {
    WINOGRAD_OWN,    /* a block of tiles is one thread's */
    WINOGRAD_SHARED, /* all threads work on one block of tiles, panel by panel */
} winograd_schedule;

/* What the choice depends on besides the convolution. */
typedef struct winograd_machine {
    size_t l2, l3;  /* bytes: of one core, of all */
    int panel;      /* output channels that a kernel takes at once */
    int rows;       /* tiles that a kernel holds in registers */
    size_t operand; /* bytes */
} winograd_machine;

typedef struct winograd_blocks {
    winograd_schedule schedule;
    int tiles;    /* of a block: a thread's own, or what a panel is multiplied with */
    int together; /* WINOGRAD_SHARED: blocks whose inputs lie side by side; else 1 */
    int channels; /* input channels of a product: all, or some of a filter that is not kept */
} winograd_blocks;

/* Whether a filter is kept transformed, four times as large, or twice in bf16: where a third of the
 * third-level cache holds it, and it has no more than 256 to 256 channels; in bf16 more than half
 * of it, and 512 to 512. Others are transformed whenever they are used. */
bool winograd_keep_transformed(int in_channels, int out_channels, const winograd_machine *machine);

/* `transformed` says how the filter is kept. */
winograd_blocks winograd_choose_blocks(int in_channels, int out_channels, bool transformed,
                                       int tiles, int threads, const winograd_machine *machine);

#endif
