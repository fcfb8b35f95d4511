/* SPDX-License-Identifier: MIT
 *
 * What is on a sheet of variations: which picture is where, by which options it is painted, and
 * with which command one gets it at full size.
 */
#ifndef STYLIZE_CLI_SWEEP_GRID_H
#define STYLIZE_CLI_SWEEP_GRID_H

#include "cli/options.h"
#include "cli/sweep_axis.h"

typedef struct sweep_cell {
    options options; /* as if argv had named what is special here at its end */
    char **argv;     /* what they are read from; words[] of it are owned */
    char *words[3];
    char *command;   /* owned: its words as a shell reads them */
    char label[160]; /* of the cell, "beta = 300, style-scale = 2" */
} sweep_cell;

typedef struct sweep_grid {
    sweep_axis columns, rows; /* of one axis, rows has none and cells go on in the next row */
    int column_count, row_count;
    sweep_cell *cells; /* [cell_count], owned */
    int cell_count;
} sweep_grid;

/* Whether the options ask for a sheet. */
bool sweep_wanted(const options *opts);

/* Makes the cells. `opts`, with its argv, is borrowed. False with *err when axes or values are
 * wrong; sweep_grid_clear follows in any case. */
bool sweep_grid_init(sweep_grid *self, const options *opts, stylize_error *err);
void sweep_grid_clear(sweep_grid *self);

#endif
