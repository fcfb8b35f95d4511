/* SPDX-License-Identifier: MIT */
#include "image/webp_pixels.h"

#include "core/memory.h"
#include "image/pixels.h"

bool webp_pixels_refuse(const WebPPicture *picture, const char *path, error *err) {
    switch (picture->error_code) {
    case VP8_ENC_ERROR_OUT_OF_MEMORY:
    case VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY:
        return error_set(err, ERROR_MEMORY, "cannot write %s: out of memory", path);
    default:
        return error_set(err, ERROR_FAILURE, "cannot write %s as WebP: libwebp's error %d", path,
                         (int)picture->error_code);
    }
}

/* As the encoder wants them: blue in the lowest byte. */
bool webp_pixels_import(WebPPicture *picture, const image *self, const char *path, error *err) {
    const pixels_format format = {IMAGE_CHANNELS + 1, PIXELS_U8};
    picture->use_argb = 1;
    picture->width = self->width;
    picture->height = self->height;
    if (!WebPPictureAlloc(picture))
        return webp_pixels_refuse(picture, path, err);
    uint8_t *row = memory_alloc(1, pixels_format_row_size(format, self->width), err);
    for (int y = 0; row && y < self->height; y++) {
        uint32_t *to = picture->argb + (size_t)y * (size_t)picture->argb_stride;
        pixels_pack_row(self, y, format, row);
        for (size_t x = 0; x < (size_t)self->width; x++) {
            const uint8_t *pixel = row + 4 * x;
            to[x] = (uint32_t)pixel[3] << 24 | (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 |
                    pixel[2];
        }
    }
    memory_free(row);
    return row != NULL;
}
