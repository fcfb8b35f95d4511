/* SPDX-License-Identifier: MIT
 *
 * How the program ends: its exit statuses, the line that says what went wrong, and whether what it
 * printed was written; and lines for people, whatever the names in them hold.
 */
#ifndef STYLIZE_CLI_REPORT_H
#define STYLIZE_CLI_REPORT_H

#include <stdio.h>

#include "transfer/stylize.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* Prints a line, or a part of one, that may hold names: what is no character becomes '?', and only
 * a newline at the end is one. */
void report_print(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is to be said behind an error that only says that memory was short; "" behind any other. */
const char *report_way_out(const char *text);

/* Prints the error as one line and returns the status to exit with. */
int report_failure(const stylize_error *err);

/* Flushes standard output. Returns `code`, or EXIT_FAILED with a line printed where not all of it
 * could be written. */
int report_flush(int code);

#endif
