/* SPDX-License-Identifier: MIT
 *
 * What a sheet of variations goes through along one direction: the values of an option (--sweep),
 * or recipes (--compare).
 *
 *     beta=100,300,1000       values, apart by commas
 *     scales=64,128;128       by semicolons where values have commas themselves
 *     beta=100..1000x4        four of equal factors: 100, 215, 464, 1000
 *     strength=2..8+4         four of equal steps: 2, 4, 6, 8
 */
#ifndef STYLIZE_CLI_SWEEP_AXIS_H
#define STYLIZE_CLI_SWEEP_AXIS_H

#include <stdbool.h>

#include "transfer/stylize.h"

enum { SWEEP_MOST_CELLS = 100 };

typedef struct sweep_axis {
    const char *name;               /* of the option that is set: "beta", or "recipe" */
    char *values[SWEEP_MOST_CELLS]; /* owned */
    int count;
} sweep_axis;

/* Reads a value of --sweep. Between the ends of a range, numbers have three digits, and of a field
 * of whole numbers none behind the point. Whether a value is one of the field is not looked at.
 * False with *err (STYLIZE_USAGE); sweep_axis_clear follows in any case. */
bool sweep_axis_read(sweep_axis *self, const char *text, stylize_error *err);

/* Adds the files of a value of --compare to an axis that is empty, or has such. */
bool sweep_axis_add_recipes(sweep_axis *self, const char *text, stylize_error *err);

void sweep_axis_clear(sweep_axis *self);

/* "beta = 300", or the name of a recipe's file without folder and ending. */
void sweep_axis_label(const sweep_axis *self, int index, char *text, size_t size);

#endif
