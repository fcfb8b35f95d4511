/* SPDX-License-Identifier: MIT
 *
 * Reading a file in a process of its own.
 *
 * The HDF5 library is large, old and no friend of files that were made to harm: where it crashes or
 * hangs it takes its process along. That process is a child whose only way out is a pipe, through
 * which the network comes as plain numbers, whose shapes are checked again. It expects pictures as
 * in Caffe, as all networks in HDF5.
 */
#ifndef STYLIZE_CONVERT_APART_H
#define STYLIZE_CONVERT_APART_H

#include <stdbool.h>

#include "convert/plain_vgg.h"
#include "core/error.h"

typedef bool network_reader(plain_vgg *self, const char *path, bool all, error *err);

/* What `read` makes of the file. False with *err, the reader's or one that says how it ended;
 * clearing is needed either way. To be called before the process has threads. */
bool apart_read(network_reader *read, plain_vgg *self, const char *path, bool all, error *err);

#endif
