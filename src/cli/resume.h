/* SPDX-License-Identifier: MIT
 *
 * `stylize resume FILE [OUT]`: goes on from a checkpoint.
 */
#ifndef STYLIZE_CLI_RESUME_H
#define STYLIZE_CLI_RESUME_H

#include "cli/options.h"

/* Returns the status to exit with. */
int resume_run(const options *opts);

#endif
