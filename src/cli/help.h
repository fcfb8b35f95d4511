/* SPDX-License-Identifier: MIT
 *
 * The text of --help, at most 80 columns wide: the options of painting, group by group, or those of
 * a command.
 */
#ifndef STYLIZE_CLI_HELP_H
#define STYLIZE_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* Of a command; of painting where it is NULL. Failures are left to the stream. */
void help_print(FILE *file, const command *of);

#endif
