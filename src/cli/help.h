/* SPDX-License-Identifier: MIT
 *
 * The text of --help: the options group by group, at most 80 columns wide.
 */
#ifndef STYLIZE_CLI_HELP_H
#define STYLIZE_CLI_HELP_H

#include <stdio.h>

/* Failures are left to the stream. */
void help_print(FILE *file);

#endif
