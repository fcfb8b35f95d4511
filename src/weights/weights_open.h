/* SPDX-License-Identifier: MIT
 *
 * Opens a weights file in any of the formats that networks come in. Its first bytes say which
 * (its name does not); that format's reader (safetensors.h, pth.h) does the rest. Formats that are
 * known but not read are refused with the way out.
 */
#ifndef STYLIZE_WEIGHTS_WEIGHTS_OPEN_H
#define STYLIZE_WEIGHTS_WEIGHTS_OPEN_H

#include "core/error.h"
#include "weights/weights_file.h"

/* Opens and checks a file; weights_file_free closes it. NULL with *err naming the path and what is
 * wrong. */
weights_file *weights_open(const char *path, error *err);

/* The same of a file's bytes [size], which must outlive the result; `name` stands for the path. */
weights_file *weights_open_memory(const void *bytes, size_t size, const char *name, error *err);

#endif
