/* SPDX-License-Identifier: MIT
 *
 * Keras weights in HDF5, as of keras.applications' VGG16 and VGG19.
 *
 * A convolution is a group block{b}_conv{i}, at the top of the file or in model_weights, with two
 * datasets in it or in groups below it: the kernel [3][3][in][out], told by its rank of 4, and the
 * bias [out], of rank 1. Their names differ from version to version and are not looked at. Links to
 * other files, data in other files, filters that are not the library's own and loops of groups are
 * not followed. Pictures are expected as in Caffe.
 */
#ifndef STYLIZE_CONVERT_KERAS_H
#define STYLIZE_CONVERT_KERAS_H

#include <stdbool.h>

#include "convert/plain_vgg.h"
#include "core/error.h"

/* Whether the file starts as HDF5 does. */
bool keras_is_file(const char *path);

/* Reads the file, up to conv5_1 or `all`. False with *err naming it; clearing is needed either way.
 * The library may crash on a hostile file: apart.h. */
bool keras_read(plain_vgg *self, const char *path, bool all, error *err);

#endif
