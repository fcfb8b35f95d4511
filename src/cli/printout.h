/* SPDX-License-Identifier: MIT
 *
 * What is printed on request in place of a picture: help, version, the table of weights, and the
 * texts of --print.
 */
#ifndef STYLIZE_CLI_PRINTOUT_H
#define STYLIZE_CLI_PRINTOUT_H

#include "cli/options.h"

/* Whether one is asked for. */
bool printout_wanted(const options *opts);

/* Prints it to standard output; returns the status to exit with. */
int printout_show(const options *opts);

#endif
