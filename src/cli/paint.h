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
#include "cli/resumption.h"

/* Returns the status to exit with. */
int paint(const options *opts);

/* The same for a run that goes on from a checkpoint, with its options. */
int paint_resumed(const options *opts, resumption *from);

#endif
