/* SPDX-License-Identifier: MIT
 *
 * What a network's channels are divided by, as a file: so that a conversion can be done again to
 * the same bytes, which measuring anew does not give from one processor to the next.
 *
 * It is a safetensors file of F32 tensors conv{b}_{i}.mean [out]; its metadata name the
 * architecture
 * (`arch`) and say what the means were measured over (`normalized`).
 */
#ifndef STYLIZE_CONVERT_MEANS_H
#define STYLIZE_CONVERT_MEANS_H

#include <stdbool.h>

#include "convert/plain_vgg.h"
#include "convert/rescale.h"
#include "core/error.h"

/* Reads the divisors of all channels of `net`; the file may go on beyond its last convolution.
 * *normalized is a copy of what the file says of them, or NULL. False with *err naming the path;
 * clearing and freeing are needed either way. */
bool channel_means_read(channel_means *self, const plain_vgg *net, const char *path,
                        char **normalized, error *err);

/* Writes the divisors of `net`. False with *err. */
bool channel_means_write(const channel_means *self, const plain_vgg *net, const char *normalized,
                         const char *path, error *err);

#endif
