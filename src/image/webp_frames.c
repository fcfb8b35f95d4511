/* SPDX-License-Identifier: MIT */
#include "image/webp_frames.h"

#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "core/memory.h"
#include "image/webp_pixels.h"

struct webp_frames {
    WebPAnimEncoder *encoder;
    WebPConfig config;
    int end; /* milliseconds: of the frames so far */
    char path[256];
};

webp_frames *webp_frames_new(int width, int height, int quality, const char *path, error *err) {
    WebPAnimEncoderOptions options;
    webp_frames *self = memory_alloc(1, sizeof *self, err);
    if (!self)
        return NULL;
    strncpy(self->path, path, sizeof self->path - 1);
    const bool known = WebPAnimEncoderOptionsInit(&options) && WebPConfigInit(&self->config);
    self->config.quality = (float)quality;
    self->encoder = known ? WebPAnimEncoderNew(width, height, &options) : NULL;
    if (!self->encoder) {
        error_set(err, ERROR_MEMORY, "cannot write %s: out of memory for frames of %dx%d", path,
                  width, height);
        webp_frames_free(self);
        return NULL;
    }
    return self;
}

void webp_frames_free(webp_frames *self) {
    if (self)
        WebPAnimEncoderDelete(self->encoder);
    memory_free(self);
}

bool webp_frames_add(webp_frames *self, const image *frame, int milliseconds, error *err) {
    WebPPicture picture;
    if (!WebPPictureInit(&picture))
        return error_set(err, ERROR_FAILURE, "cannot write %s: libwebp has another version",
                         self->path);
    const bool ok = webp_pixels_import(&picture, frame, self->path, err) &&
                    (WebPAnimEncoderAdd(self->encoder, &picture, self->end, &self->config) ||
                     error_set(err, ERROR_FAILURE, "cannot write %s as WebP: %s", self->path,
                               WebPAnimEncoderGetError(self->encoder)));
    WebPPictureFree(&picture);
    self->end += milliseconds;
    return ok;
}

bool webp_frames_encode(webp_frames *self, char **data, size_t *size, error *err) {
    WebPData whole;
    WebPDataInit(&whole);
    *data = NULL;
    *size = 0;
    if (!WebPAnimEncoderAdd(self->encoder, NULL, self->end, NULL) ||
        !WebPAnimEncoderAssemble(self->encoder, &whole))
        return error_set(err, ERROR_FAILURE, "cannot write %s as WebP: %s", self->path,
                         WebPAnimEncoderGetError(self->encoder));
    *data = malloc(whole.size);
    *size = *data ? whole.size : 0;
    if (*data)
        memcpy(*data, whole.bytes, whole.size);
    WebPDataClear(&whole);
    return *data || error_set(err, ERROR_MEMORY, "cannot write %s: out of memory", self->path);
}
