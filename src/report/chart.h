/* SPDX-License-Identifier: MIT
 *
 * A chart of lines: panels one below the other over one horizontal axis, each with a vertical axis
 * of its own and a legend beside it, and marks that go through all panels. What it shows is the
 * caller's business; it knows numbers and texts.
 *
 * Colours are told apart by those, too, who see fewer (the palette of Okabe and Ito); lines beyond
 * the seventh are dashed.
 */
#ifndef STYLIZE_REPORT_CHART_H
#define STYLIZE_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/stylize.h"

typedef struct chart_series {
    const char *label;
    const double *x, *y; /* [count]; where one is not finite, or not above 0 on a logarithmic axis,
                          * there is a gap */
    size_t count;
    int look;     /* colour and dashes, 0 or more; negative: black */
    bool heavy;   /* a thicker line */
    bool unnamed; /* left out of the legend */
} chart_series;

typedef struct chart_panel {
    const char *label; /* along the vertical axis */
    bool log;
    const chart_series *series; /* [series_count] */
    int series_count;
} chart_panel;

typedef struct chart_mark {
    double x;
    const char *label; /* over it, where there is room */
} chart_mark;

typedef struct chart {
    const char *title;         /* over all; "" for none */
    const char *label;         /* under the horizontal axis */
    const chart_panel *panels; /* [panel_count] */
    int panel_count;           /* >= 1 */
    const chart_mark *marks;   /* [mark_count], from left to right */
    int mark_count;
} chart;

typedef enum chart_format { CHART_NONE, CHART_SVG, CHART_PNG, CHART_PDF } chart_format;

/* The format that a path's extension asks for, in capitals or not. */
chart_format chart_format_of_path(const char *path);

/* Draws it as a file's bytes, which the caller frees with free(). Of a process's first chart they
 * are the same where the fonts are (in an SVG names are numbered). False with *err when memory is
 * short, or without cairo. */
bool chart_encode(const chart *self, chart_format format, char **data, size_t *size,
                  stylize_error *err);

/* Whether this program was built with what draws charts and labels; if not, false with *err, which
 * begins with `what` was asked for. */
bool chart_available(const char *what, stylize_error *err);

#endif
