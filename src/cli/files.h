/* SPDX-License-Identifier: MIT
 *
 * What can be known about the files of a run before any work is done: that the result and the log
 * can be written, and that neither would overwrite an input. The file system may of course change
 * meanwhile; whoever writes checks again.
 */
#ifndef STYLIZE_CLI_FILES_H
#define STYLIZE_CLI_FILES_H

#include "cli/options.h"
#include "core/error.h"

/* Whether two paths lead to one file, or would once they are made. */
bool files_same(const char *a, const char *b);

/* Checks OUT and the log of `self` against the file system and against the other files;
 * `weights_path` is the file that the weights come from. */
bool files_check(const options *self, const char *weights_path, error *err);

#endif
