/* SPDX-License-Identifier: MIT
 *
 * The costs of a run over its iterations, for a chart: collected as it goes, or read from its log.
 *
 * Costs of different sizes cannot be compared: where a stage begins, lines have a gap.
 */
#ifndef STYLIZE_CLI_CURVES_H
#define STYLIZE_CLI_CURVES_H

#include <stdbool.h>
#include <stddef.h>

#include "report/chart.h"
#include "transfer/stylize.h"

enum { CURVES_MOST = 96, CURVES_MOST_STAGES = 64, CURVES_NAME = 200 };

/* What a curve belongs to: each has a panel of its own. */
typedef enum curve_part { CURVE_TOTAL, CURVE_CONTENT, CURVE_STYLE, CURVE_PARTS } curve_part;

typedef struct curve {
    curve_part part;
    char layer[16]; /* "": the part's sum */
    double *values; /* [capacity], owned; not a number: there is none */
} curve;

typedef struct curves {
    char name[CURVES_NAME]; /* of the picture, or of the log */
    int job;                /* the picture's number in a list, from 1; 0: it is alone */
    double *iterations;     /* [capacity], owned */
    size_t count, capacity;
    curve items[CURVES_MOST];
    int item_count;
    struct {
        double iteration;
        char size[32];
    } stages[CURVES_MOST_STAGES]; /* where they begin */
    int stage_count;
    bool stage_begins;  /* with the next row */
    char next_size[32]; /* and has this size */
} curves;

void curves_init(curves *self, const char *name);
void curves_clear(curves *self);

/* A stage begins with the next row. */
void curves_begin_stage(curves *self, int width, int height);

/* Takes away the rows of that iteration and later ones, and stages that began there. */
void curves_cut(curves *self, double iteration);

/* Each of these: false with *err when memory is short. Begins a row, without values; sets one of
 * it. More curves than there is room for are left out. */
bool curves_add_row(curves *self, double iteration, stylize_error *err);
bool curves_set(curves *self, curve_part part, const char *layer, double value, stylize_error *err);

/* Draws them as the bytes of a file, which the caller frees: of one run each layer, of several
 * [count] the total, the content and the style of each. */
bool curves_draw(const curves *self, int count, chart_format format, char **data, size_t *size,
                 stylize_error *err);

#endif
