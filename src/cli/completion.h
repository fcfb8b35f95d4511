/* SPDX-License-Identifier: MIT
 *
 * Completions for bash, zsh and fish, printed from the options: their names with
 * what they are for (where the shell shows it), words, layers in lists, names of weights, and
 * picture files for the operands. A new option needs nothing here.
 */
#ifndef STYLIZE_CLI_COMPLETION_H
#define STYLIZE_CLI_COMPLETION_H

#include <stdio.h>

/* Each writes the script that the shell loads. Failures are left to the stream. */
void completion_print_bash(FILE *file);
void completion_print_zsh(FILE *file);
void completion_print_fish(FILE *file);

#endif
