/* SPDX-License-Identifier: MIT
 *
 * The part of the manual page on the log and on the plan as JSON, member by member.
 */
#ifndef STYLIZE_CLI_MANUAL_LOG_H
#define STYLIZE_CLI_MANUAL_LOG_H

#include <stdio.h>

void manual_log_print(FILE *file);

#endif
