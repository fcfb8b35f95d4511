/* SPDX-License-Identifier: MIT
 *
 * `stylize batch`: paints the pictures of a list, several at a time, in threads of their own.
 *
 * What is done is skipped (record.h), what another process is at is left to it (claim.h), what
 * fails is named and the others go on. The first signal ends it after what is at work is saved, as
 * far as it is; that does not count as done.
 */
#ifndef STYLIZE_CLI_BATCH_H
#define STYLIZE_CLI_BATCH_H

#include "cli/options.h"

/* Returns the status to exit with. */
int batch(const options *opts);

#endif
