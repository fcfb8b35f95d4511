/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* strcasecmp */
#include "image/format.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

typedef struct facts {
    const char *name;
    const char *extensions[3]; /* NULL past the last */
    int most_side, most_depth;
} facts;

static const facts formats[] = {
    [IMAGE_UNKNOWN] = {0},
    [IMAGE_PNG] = {"PNG", {".png"}, INT_MAX, 16},
    [IMAGE_JPEG] = {"JPEG", {".jpg", ".jpeg"}, IMAGE_JPEG_MOST_SIDE, 8},
    [IMAGE_WEBP] = {"WebP", {".webp"}, IMAGE_WEBP_MOST_SIDE, 8},
    [IMAGE_TIFF] = {"TIFF", {".tif", ".tiff"}, INT_MAX, 16},
};

enum { FORMATS = sizeof formats / sizeof *formats };

image_format image_format_of_path(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (int format = 0; dot && format < FORMATS; format++) {
        for (const char *const *extension = formats[format].extensions; *extension; extension++) {
            if (!strcasecmp(dot, *extension))
                return (image_format)format;
        }
    }
    return IMAGE_UNKNOWN;
}

bool image_format_fits(image_format format, int width, int height, int depth, const char *name,
                       error *err) {
    const bool known = (int)format > IMAGE_UNKNOWN && (int)format < FORMATS;
    const facts *own = &formats[known ? format : IMAGE_UNKNOWN];
    if (!known)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: its format is none of PNG, JPEG, WebP and TIFF", name);
    if (depth != 8 && depth != 16)
        return error_set(err, ERROR_USAGE, "cannot write %s: a sample has 8 or 16 bits, not %d",
                         name, depth);
    if (depth > own->most_depth)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: a %s sample has %d bits; write a .png or .tif for %d",
                         name, own->name, own->most_depth, depth);
    if (width > own->most_side || height > own->most_side)
        return error_set(err, ERROR_FAILURE,
                         "cannot write %s: the picture has %dx%d pixels, but a %s side has at most "
                         "%d; write a .png",
                         name, width, height, own->name, own->most_side);
    return true;
}
