/* SPDX-License-Identifier: MIT
 *
 * stylize units: which parts of pictures excite the units of a layer most (--help says it). As in
 * M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks" (2014).
 *
 * One picture is in memory at a time, and of those before it only the patches that are the best so
 * far.
 */
#ifndef STYLIZE_CLI_UNITS_H
#define STYLIZE_CLI_UNITS_H

#include "cli/options.h"

/* Does it; the exit status. */
int units_show(const options *opts);

#endif
