/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* fseeko, ftello */
#include "image/tiff_stream.h"

#include <stdarg.h>
#include <stdint.h>

/* ---- messages ---- */

bool tiff_stream_refuse(tiff_stream *self, const char *why) {
    if (!self->failed)
        error_set(self->err, ERROR_FAILURE, "cannot %s %s as TIFF: %s", self->verb, self->path,
                  why);
    self->failed = true;
    return false;
}

/* The first message is the cause of those that follow. Nothing else is to be done about it. */
__attribute__((format(printf, 4, 0))) static int
on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args) {
    char text[300];
    (void)tiff;
    (void)module;
    error_write(text, sizeof text, format, args);
    tiff_stream_refuse(user, text);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args) {
    const tiff_stream *self = user;
    return self->strict ? on_error(tiff, user, module, format, args) : 1;
}

/* ---- the stream ---- */

static tmsize_t on_read(thandle_t handle, void *data, tmsize_t size) {
    const tiff_stream *self = handle;
    return size > 0 ? (tmsize_t)fread(data, 1, (size_t)size, self->file) : 0;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t size) {
    const tiff_stream *self = handle;
    return size > 0 ? (tmsize_t)fwrite(data, 1, (size_t)size, self->file) : 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
    const tiff_stream *self = handle;
    const int64_t most = INT64_MAX - self->base;
    if (whence == SEEK_SET && offset <= (toff_t)most)
        offset += (toff_t)self->base;
    else if (whence == SEEK_SET)
        return UINT64_MAX;
    if (fseeko(self->file, (off_t)offset, whence))
        return UINT64_MAX;
    return (toff_t)(ftello(self->file) - self->base);
}

static toff_t on_size(thandle_t handle) {
    const off_t here = ftello(((tiff_stream *)handle)->file);
    const toff_t size = on_seek(handle, 0, SEEK_END);
    fseeko(((tiff_stream *)handle)->file, here, SEEK_SET);
    return size == UINT64_MAX ? 0 : size;
}

/* Who opened it closes it. */
static int on_close(thandle_t handle) {
    (void)handle;
    return 0;
}

TIFF *tiff_stream_open(tiff_stream *self, const char *mode, size_t most) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFF *tiff = NULL;
    if (options) {
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
        TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, self);
        TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, self);
        tiff = TIFFClientOpenExt(self->path, mode, self, on_read, on_write, on_seek, on_close,
                                 on_size, NULL, NULL, options);
        TIFFOpenOptionsFree(options);
    }
    if (!tiff)
        tiff_stream_refuse(self, "libtiff cannot open it");
    return tiff;
}
