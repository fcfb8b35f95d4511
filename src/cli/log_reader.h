/* SPDX-License-Identifier: MIT
 *
 * Reads the costs back from a log (log.h), which may come from anywhere: a line that is none of a
 * log is refused with its number. Of a log that is being written, or whose run was killed, the last
 * line may be cut off.
 */
#ifndef STYLIZE_CLI_LOG_READER_H
#define STYLIZE_CLI_LOG_READER_H

#include <stdio.h>

#include "cli/curves.h"

enum {
    LOG_MOST_LINE = 1 << 20, /* bytes */
    LOG_MOST_ROWS = 2000000,
    LOG_MOST_RUNS = 100
};

/* The runs of some logs; {0} is empty. */
typedef struct log_runs {
    curves *items; /* [count], owned */
    int count;
} log_runs;

void log_runs_clear(log_runs *self);

/* Adds the run of a file, or those of a list (stylize batch); `name` is what the file is called in
 * errors. A run is named `label`, or like its picture where that is "" and in lists. False with
 * *err. */
bool log_read(log_runs *self, FILE *file, const char *name, const char *label, stylize_error *err);

#endif
