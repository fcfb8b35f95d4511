/* SPDX-License-Identifier: MIT
 *
 * Where a file comes from, told by its hash: the well-known pretrained networks, their licences and
 * what they expect of a picture.
 */
#ifndef STYLIZE_CONVERT_ORIGIN_H
#define STYLIZE_CONVERT_ORIGIN_H

#include <stdbool.h>

#include "core/error.h"
#include "network/vgg_source.h"

typedef struct origin {
    const char *name, *licence;
    const vgg_input *input;
} origin;

/* Hashes as lower-case hexadecimal digits. */
typedef struct file_hashes {
    char md5[33], sha256[65];
} file_hashes;

/* False with *err naming the path. */
bool file_hashes_read(file_hashes *self, const char *path, error *err);

/* What is known of a file with these hashes, or NULL. */
const origin *origin_find(const file_hashes *hashes);

#endif
