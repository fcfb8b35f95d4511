/* SPDX-License-Identifier: MIT
 *
 * The ordinary way of use: paints one picture and writes it.
 *
 * Nothing on the disk is touched before the costs of the start are known. What signals do stands in
 * signals.h.
 */
#ifndef STYLIZE_CLI_PAINT_H
#define STYLIZE_CLI_PAINT_H

#include "cli/options.h"

/* Returns the status to exit with. */
int paint(const options *opts);

#endif
