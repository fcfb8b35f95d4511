/* SPDX-License-Identifier: MIT
 *
 * What the cost is made of, for -v: a line for each term with its weight, its value at the start
 * and in the best picture, and its share of the total there. Costs of different sizes cannot be
 * compared, so that all of these are of the last stage.
 */
#ifndef STYLIZE_CLI_COST_TABLE_H
#define STYLIZE_CLI_COST_TABLE_H

#include <stdio.h>

#include "transfer/stylize.h"

typedef struct cost_row {
    char kind[16], layer[16];
    double weight;
    double start, best; /* J */
} cost_row;

typedef struct cost_table {
    cost_row *rows; /* [count], owned */
    int count, capacity;
    bool lacks_memory; /* there are more rows than it has */
    double start_total, best_total;
    double content, style, tv, chroma_tv; /* of the best picture, as in an event */
    double alpha;                         /* the content's weight */
    double content_error;                 /* that came of it, as last measured, */
    int error_stage, last_stage;          /* and at which stage; the first is 1; 0: at none */
} cost_table;

void cost_table_clear(cost_table *self);

/* A stylize_observer whose user is the table. It cancels nothing: where memory is short the table
 * stays empty, and says so. */
int cost_table_observe(void *user, stylize_session *session, const stylize_event *event);

/* Weights are those that a term has in the total: of a layer its own times alpha or beta. Where the
 * content's weight was found by its error, both come first. */
void cost_table_print(const cost_table *self, FILE *file);

#endif
