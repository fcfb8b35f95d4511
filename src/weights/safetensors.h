/* SPDX-License-Identifier: MIT
 *
 * The safetensors file format: an 8-byte little-endian header length, a JSON header that names each
 * tensor's type, shape and byte range, then the data.
 *
 * Nothing in the file is trusted: the parser refuses a file shorter than 8 bytes, a header over
 * 100 MB or over the file, a header that does not start with '{' or is not a JSON object, duplicate
 * names, metadata that is not string to string, an entry without or with other keys than dtype,
 * shape and data_offsets, an unknown type, a rank over 4, a name over WEIGHTS_NAME_MAX bytes,
 * integers that are negative or not exact, a shape whose byte count overflows or differs from
 * end - begin, and ranges that do not start at 0, touch exactly and end at the file's end. Nesting
 * is bounded.
 */
#ifndef STYLIZE_WEIGHTS_SAFETENSORS_H
#define STYLIZE_WEIGHTS_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "weights/weights_file.h"

/* Fills the table of `file` from its bytes. False with *err naming `path` and what is wrong. */
bool safetensors_parse(weights_file *file, const char *path, error *err);

#endif
