/* SPDX-License-Identifier: MIT
 *
 * A weights file as a VGG: names, shapes and metadata (docs/weights-format.md).
 *
 * Every tensor whose name claims to be part of the convolutional network must be one of VGG-16's or
 * VGG-19's, the convolutions present must be the network's first ones without a gap, and each must
 * take the channels that the one before gives. Widths come from the shapes. Other tensors, such as
 * a classifier's, are left alone.
 */
#ifndef STYLIZE_NETWORK_VGG_FILE_H
#define STYLIZE_NETWORK_VGG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/vgg_source.h"

typedef struct vgg_file vgg_file;

/* Opens and checks a file; values are checked when they are read. NULL with *err naming the path
 * and what makes it no VGG: names of neither scheme, a gap, shapes that do not follow one another,
 * incomplete metadata. */
vgg_file *vgg_file_open(const char *path, error *err);

/* The same of a file's bytes [size], which must outlive the result; `name` stands for the path. */
vgg_file *vgg_file_open_memory(const void *bytes, size_t size, const char *name, error *err);
void vgg_file_free(vgg_file *self);

/* Valid as long as the file is open. */
vgg_source vgg_file_source(const vgg_file *self);

/* Whether it says what it expects of a picture, rather than torchvision's being assumed. */
bool vgg_file_states_input(const vgg_file *self);

/* The value of another key of its metadata, or NULL. */
const char *vgg_file_metadata(const vgg_file *self, const char *key);

#endif
