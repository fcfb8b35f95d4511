/* SPDX-License-Identifier: MIT
 *
 * One walk that both measures and places. A part of the program that needs memory has a function
 *
 *     void part_layout(part *self, layout *to);
 *
 * which takes, one after the other, all blocks that the part will ever use. Walked over a layout
 * that measures, it tells how many bytes that is; walked over one that places, it gets them. So a
 * plan of memory cannot differ from what is allocated later.
 *
 * What is needed for a while only goes back with layout_rewind, and what is taken next lies in the
 * same place:
 *
 *     |-- lasting --|-- analysis --|
 *     |-- lasting --|-- objective --------|-- optimiser --|      layout_bytes: the longest of them
 *                   ^ mark
 */
#ifndef STYLIZE_CORE_LAYOUT_H
#define STYLIZE_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

typedef struct layout {
    unsigned char *base; /* NULL while measuring; owned while placing */
    size_t used, most;   /* bytes taken now, and at most; SIZE_MAX when they overflow */
} layout;

/* A layout that measures; nothing is to be released. */
layout layout_measure(void);

/* Allocates room for what a walk was measured to take and makes *self place from its start; the
 * same walk follows. False with *err when memory is short. layout_free releases. */
bool layout_place(layout *self, size_t bytes, error *err);
void layout_free(layout *self);

/* The next count * size bytes, zeroed and aligned to MEMORY_ALIGNMENT; NULL while measuring. */
void *layout_take(layout *self, size_t count, size_t size);

/* The present end, and a return to it: what was taken since may be overwritten. */
size_t layout_mark(const layout *self);
void layout_rewind(layout *self, size_t mark);

/* Bytes at most; SIZE_MAX, which no memory has, where they do not fit. */
size_t layout_bytes(const layout *self);

/* All in one, for a part that is to have a block of its own: measures, allocates and places.
 * Returns the layout's owner in *self, false with *err when memory is short. */
bool layout_make(layout *self, void (*walk)(void *part, layout *to), void *part, error *err);

#endif
