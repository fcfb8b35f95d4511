/* SPDX-License-Identifier: MIT
 *
 * Takes the place of webp.c and webp_frames.c where the program is built without libwebp.
 */
#include "image/webp.h"
#include "image/webp_frames.h"

#define WITHOUT "this program was built without libwebp: install libwebp-dev and build it again"

bool codec_has_webp(const char *path, error *err) {
    return error_set(err, ERROR_FAILURE, "cannot write %s: %s", path, WITHOUT);
}

image *codec_read_webp(const codec_input *input, int *orientation, error *err) {
    (void)orientation;
    error_set(err, ERROR_FAILURE, "cannot read %s, which is WebP: %s", input->path, WITHOUT);
    return NULL;
}

bool codec_read_webp_record(const codec_input *input, char **record, error *err) {
    *record = NULL;
    codec_read_webp(input, NULL, err);
    return false;
}

bool codec_write_webp(const image *self, int quality, buffer *to, const char *path, error *err) {
    (void)self;
    (void)quality;
    (void)to;
    return codec_has_webp(path, err);
}

webp_frames *webp_frames_new(int width, int height, int quality, const char *path, error *err) {
    (void)width;
    (void)height;
    (void)quality;
    codec_has_webp(path, err);
    return NULL;
}

bool webp_frames_add(webp_frames *self, const image *frame, int milliseconds, error *err) {
    (void)self;
    (void)frame;
    (void)milliseconds;
    return codec_has_webp("it", err);
}

bool webp_frames_encode(webp_frames *self, char **data, size_t *size, error *err) {
    (void)self;
    *data = NULL;
    *size = 0;
    return codec_has_webp("it", err);
}

void webp_frames_free(webp_frames *self) {
    (void)self;
}
