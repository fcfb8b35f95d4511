/* SPDX-License-Identifier: MIT
 *
 * stylize layers: what each layer knows of a picture (--help says it). As in L. A. Gatys, A. S.
 * Ecker and M. Bethge, "A Neural Algorithm of Artistic Style" (2015), figure 1.
 */
#ifndef STYLIZE_CLI_LAYERS_H
#define STYLIZE_CLI_LAYERS_H

#include "cli/options.h"

/* Does it; the exit status. */
int layers_show(const options *opts);

#endif
