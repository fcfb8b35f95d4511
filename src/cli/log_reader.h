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

enum { LOG_MOST_LINE = 1 << 20 /* bytes */, LOG_MOST_ROWS = 2000000 };

/* Reads one run from a file, called `name` in errors. `self` is initialised and takes the name of
 * the picture from the log, unless it has one. False with *err; curves_clear follows in any case.
 */
bool log_read(curves *self, FILE *file, const char *name, stylize_error *err);

#endif
