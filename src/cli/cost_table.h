/* SPDX-License-Identifier: MIT
 *
 * What the cost is made of, for -v: a line for each term with its weight, its value at the start
 * and in the best picture, and its share of the total there.
 */
#ifndef STYLIZE_CLI_COST_TABLE_H
#define STYLIZE_CLI_COST_TABLE_H

#include <stdio.h>

#include "transfer/stylize.h"

typedef struct cost_column {
    double content[STYLIZE_MAX_LAYERS], style[STYLIZE_MAX_LAYERS]; /* J of each layer */
    double tv, total;
} cost_column;

typedef struct cost_table {
    cost_column start, best;
} cost_table;

/* Takes the iterations one after the other from 0, the start. */
void cost_table_add(cost_table *self, const stylize_params *params, const stylize_iteration *now);

/* Weights are those that a term has in the total: of a layer its own times alpha or beta. */
void cost_table_print(const cost_table *self, const stylize_params *params, FILE *file);

#endif
