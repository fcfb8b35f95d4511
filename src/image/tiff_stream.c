/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* fseeko, ftello */
#include "image/tiff_stream.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/retry.h"

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
    const char *path = ((tiff_stream *)user)->path;
    const size_t length = strlen(path);
    char text[600];
    (void)tiff;
    (void)module;
    error_write(text, sizeof text, format, args);
    const bool named = !strncmp(text, path, length) && !strncmp(text + length, ": ", 2);
    tiff_stream_refuse(user, text + (named ? length + 2 : 0)); /* it names the file once */
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args) {
    const tiff_stream *self = user;
    return self->strict ? on_error(tiff, user, module, format, args) : 1;
}

/* ---- a file that is read ---- */

static tmsize_t on_read(thandle_t handle, void *data, tmsize_t size) {
    const tiff_stream *self = handle;
    return size > 0 ? (tmsize_t)retry_fread(data, 1, (size_t)size, self->file) : 0;
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

/* ---- memory that is written ---- */

static tmsize_t on_read_back(thandle_t handle, void *data, tmsize_t size) {
    tiff_stream *self = handle;
    const size_t left = self->at < self->size ? self->size - self->at : 0;
    const size_t bytes = size < 0 ? 0 : (size_t)size < left ? (size_t)size : left;
    if (bytes)
        memcpy(data, self->data + self->at, bytes);
    self->at += bytes;
    return (tmsize_t)bytes;
}

static bool grow(tiff_stream *self, size_t end) {
    enum { LEAST = 1 << 16 };
    size_t room = self->room ? self->room : LEAST;
    while (room < end)
        room *= 2;
    uint8_t *data = room > self->room ? realloc(self->data, room) : self->data;
    if (!data)
        return tiff_stream_refuse(self, "out of memory");
    memset(data + self->room, 0, room - self->room);
    self->data = data;
    self->room = room;
    return true;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t size) {
    tiff_stream *self = handle;
    if (size < 0 || self->at > SIZE_MAX / 4 || !grow(self, self->at + (size_t)size))
        return -1;
    memcpy(self->data + self->at, data, (size_t)size);
    self->at += (size_t)size;
    self->size = self->at > self->size ? self->at : self->size;
    return size;
}

static toff_t on_move(thandle_t handle, toff_t offset, int whence) {
    tiff_stream *self = handle;
    const size_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? self->at : self->size;
    self->at = from + (size_t)offset;
    return self->at;
}

static toff_t on_size_so_far(thandle_t handle) {
    return ((tiff_stream *)handle)->size;
}

void tiff_stream_clear(tiff_stream *self) {
    free(self->data);
    self->data = NULL;
}

/* ---- both ---- */

static tmsize_t on_write_to_read(thandle_t handle, void *data, tmsize_t size) {
    (void)handle;
    (void)data;
    (void)size;
    return -1;
}

/* Who opened it closes it. */
static int on_close(thandle_t handle) {
    (void)handle;
    return 0;
}

TIFF *tiff_stream_open(tiff_stream *self, const char *mode, size_t most) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    const bool writes = *mode == 'w';
    TIFF *tiff = NULL;
    if (options && (writes || on_seek(self, 0, SEEK_SET) == 0)) { /* libtiff just reads on */
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
        TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, self);
        TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, self);
        tiff = TIFFClientOpenExt(self->path, mode, self, writes ? on_read_back : on_read,
                                 writes ? on_write : on_write_to_read, writes ? on_move : on_seek,
                                 on_close, writes ? on_size_so_far : on_size, NULL, NULL, options);
    }
    TIFFOpenOptionsFree(options);
    if (!tiff)
        tiff_stream_refuse(self, "libtiff cannot open it");
    return tiff;
}
