/* SPDX-License-Identifier: MIT
 *
 * `stylize show PICTURE`: what a picture says of how it was made.
 */
#ifndef STYLIZE_CLI_SHOW_RECORD_H
#define STYLIZE_CLI_SHOW_RECORD_H

#include "cli/options.h"

/* Prints the record of opts->out to standard output, as indented JSON, whatever it says. Returns
 * the status to exit with: no record is a failure. */
int record_show(const options *opts);

#endif
