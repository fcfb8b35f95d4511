/* SPDX-License-Identifier: MIT
 *
 * The table of a weights file parsed in a process apart (core/guard.h). What comes back is checked
 * against the file's size: every place that a tensor has is in the file.
 */
#ifndef STYLIZE_WEIGHTS_WEIGHTS_GUARD_H
#define STYLIZE_WEIGHTS_WEIGHTS_GUARD_H

#include <stdbool.h>

#include "core/error.h"
#include "weights/weights_file.h"

/* Fills the table of a file, whose bytes are there; false with *err. */
typedef bool weights_parser(weights_file *self, const char *path, error *err);

/* Has that done apart where the guard is on, else right here. */
bool weights_guard_parse(weights_parser *parse, weights_file *self, const char *path, error *err);

#endif
