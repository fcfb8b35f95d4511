/* SPDX-License-Identifier: MIT
 *
 * `stylize again PICTURE OUT`: paints a picture again by its record, with the options that are
 * given in place of those that it names.
 *
 * The inputs that the record names are looked for beside PICTURE and in the working directory, one
 * with the digest that it had before any other; --content and --style say where else. What has
 * changed since is said in a note, what is missing is a failure. The network and its precision are
 * those of the record, where it can be found.
 */
#ifndef STYLIZE_CLI_AGAIN_H
#define STYLIZE_CLI_AGAIN_H

#include "cli/options.h"

/* Returns the status to exit with. */
int paint_again(const options *opts);

#endif
