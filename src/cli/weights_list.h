/* SPDX-License-Identifier: MIT
 *
 * The table of --list-weights: every network that -w NAME can name, folder by folder in the order
 * in which they are looked through.
 *
 * A file is opened as a run would open it, up to its tensors' names and shapes; values are not
 * read, so a table costs no more than its headers. A file that is no network is no row: what is
 * wrong with it is one line beside the table. One that an earlier file of its name hides is a row,
 * marked. Names and licences come from strangers: whatever could steer a terminal is shown as '?'.
 */
#ifndef STYLIZE_CLI_WEIGHTS_LIST_H
#define STYLIZE_CLI_WEIGHTS_LIST_H

#include <stdio.h>

#include "cli/weights_path.h"

/* Prints the table to `out`, with the network named `standard` marked as the default, and lines
 * about files that are no networks to `problems`. */
void weights_list_print(const weights_folders *folders, const char *standard, FILE *out,
                        FILE *problems);

#endif
