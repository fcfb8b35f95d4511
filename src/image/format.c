/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* strcasecmp */
#include "image/format.h"

#include <string.h>
#include <strings.h>

image_format image_format_of_path(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    if (!dot)
        return IMAGE_UNKNOWN;
    if (!strcasecmp(dot, ".png"))
        return IMAGE_PNG;
    if (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg"))
        return IMAGE_JPEG;
    return IMAGE_UNKNOWN;
}
