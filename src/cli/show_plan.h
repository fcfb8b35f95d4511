/* SPDX-License-Identifier: MIT
 *
 * --plan: what a run would take.
 */
#ifndef STYLIZE_CLI_SHOW_PLAN_H
#define STYLIZE_CLI_SHOW_PLAN_H

#include <stdio.h>

#include "cli/networks.h"
#include "cli/options.h"

/* Prints sizes, threads, memory and time to standard output, and a line for each stage. Returns the
 * status to exit with: a plan that does not fit is printed and is a failure. */
int plan_show(const options *opts);

/* Prints a line for each stage: its sizes and iterations, its network if there are several, memory
 * and, where it was measured, time. */
void plan_print_stages(const stylize_plan *plan, const networks *nets, FILE *file);

#endif
