/* SPDX-License-Identifier: MIT
 *
 * Variations of a picture on a sheet (--sweep, --compare): paints one picture after the other, and
 * writes the sheet and a page with the same pictures, their costs and commands. One that cannot be
 * painted is a grey cell with the reason, and the others go on. When it is interrupted, the sheet
 * has the pictures that there are.
 */
#ifndef STYLIZE_CLI_SWEEP_H
#define STYLIZE_CLI_SWEEP_H

#include "cli/options.h"

/* Returns the exit status. */
int sweep_paint(const options *opts);

#endif
