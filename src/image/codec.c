/* SPDX-License-Identifier: MIT */
#include "image/codec.h"

#include <limits.h>

image *codec_new_image(const codec_input *input, uint32_t width, uint32_t height, error *err) {
    if (width > INT_MAX || height > INT_MAX || (uint64_t)width * height > input->max_pixels) {
        error_set(err, ERROR_FAILURE,
                  "cannot read %s: %lu x %lu pixels are over the limit of %zu: shrink it, or raise "
                  "--max-pixels",
                  input->path, (unsigned long)width, (unsigned long)height, input->max_pixels);
        return NULL;
    }
    return image_new((int)width, (int)height, err);
}
