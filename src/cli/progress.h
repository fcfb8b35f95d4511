/* SPDX-License-Identifier: MIT
 *
 * The live line: iteration, cost, seconds per iteration and time left, rewritten in place on
 * standard error. It appears only where that is a terminal, at most six times a second, cut to the
 * terminal's width.
 */
#ifndef STYLIZE_CLI_PROGRESS_H
#define STYLIZE_CLI_PROGRESS_H

#include <stdbool.h>

#include "transfer/stylize.h"

typedef struct progress {
    bool live;       /* there is a terminal to write to */
    bool shown;      /* there is a line to clear */
    int iterations;  /* that the run will do */
    double shown_at; /* seconds of cpu_seconds() */
} progress;

/* `quiet` keeps it from ever showing. */
void progress_init(progress *self, bool quiet, int iterations);

/* Shows an iteration if it is time to. */
void progress_show(progress *self, const stylize_iteration *now);

/* Clears the line; to be called before anything else is written to standard error. */
void progress_clear(progress *self);

/* Writes a duration such as "41 s", "3 min 20 s" or "2 h 05 min". */
void progress_duration(double seconds, char *text, int size);

#endif
