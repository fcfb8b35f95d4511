/* SPDX-License-Identifier: MIT
 *
 * --plan --json: a plan as one JSON object, for programs that hand out work (stylize(1) says what
 * its members are).
 */
#ifndef STYLIZE_CLI_PLAN_JSON_H
#define STYLIZE_CLI_PLAN_JSON_H

#include "cli/job.h"

/* The object as a text, which the caller frees; NULL with *err when memory is short. */
char *plan_json_write(const stylize_plan *plan, const job *work, stylize_error *err);

#endif
