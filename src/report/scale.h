/* SPDX-License-Identifier: MIT
 *
 * Axes: which part of the numbers one shows, and where its ticks are.
 */
#ifndef STYLIZE_REPORT_SCALE_H
#define STYLIZE_REPORT_SCALE_H

#include <stdbool.h>
#include <stddef.h>

enum { SCALE_MOST_TICKS = 64 };

typedef struct scale_tick {
    double value;
    bool labelled;
} scale_tick;

typedef struct scale {
    bool log;
    double low, high; /* low < high; of a logarithmic one both above 0 */
    scale_tick ticks[SCALE_MOST_TICKS];
    int tick_count;
} scale;

/* An axis for values of [low, high], with about `most` labels at most, >= 2. Finite numbers; of a
 * logarithmic one above 0. A linear one begins and ends at its values; a logarithmic one, with a
 * little room beside them. Where all are equal it has room on both sides. */
void scale_init(scale *self, bool log, double low, double high, int most);

/* Where a value lies: 0 at the low end, 1 at the high one. */
double scale_place(const scale *self, double value);

/* Writes a tick's value: "250", "0.02", "1e-7". */
void scale_write(const scale *self, double value, char *text, size_t size);

#endif
