/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include "weights/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"

#define PART ((size_t)1 << 16) /* what is viewed is read in parts of this size */

struct file_bytes {
    char *path; /* for messages */
    int file;   /* -1 where the bytes are borrowed */
    size_t size;
    const unsigned char *borrowed;
    unsigned char *room;   /* [size] addresses; memory only for the parts that were read */
    unsigned char *viewed; /* [parts] 1 for those */
    error failure;         /* the first; ERROR_NONE at first */
};

/* ---- life ---- */

static file_bytes *make(const char *path, error *err) {
    file_bytes *self = calloc(1, sizeof *self);
    if (self) {
        self->file = -1;
        self->path = strdup(path);
    }
    if (self && self->path)
        return self;
    error_set(err, ERROR_MEMORY, "%s: not enough memory", path);
    file_bytes_free(self);
    return NULL;
}

static bool open_file(file_bytes *self, error *err) {
    struct stat info;
    /* O_NONBLOCK: opening a pipe must lead to the refusal below, not to waiting for a writer. */
    self->file = retry_open(self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (self->file < 0 || retry_fstat(self->file, &info))
        return error_set_errno(err, errno, "%s", self->path);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERROR_FAILURE, "%s: not a regular file", self->path);
    self->size = (size_t)info.st_size;
    return (off_t)self->size == info.st_size ||
           error_set(err, ERROR_FAILURE, "%s: too large for this system", self->path);
}

static bool make_room(file_bytes *self, error *err) {
    if (!self->size)
        return true;
    void *room = mmap(NULL, self->size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room != MAP_FAILED)
        self->room = room;
    self->viewed = calloc((self->size - 1) / PART + 1, 1);
    return (self->room && self->viewed) ||
           error_set(err, ERROR_MEMORY, "%s: not enough memory", self->path);
}

file_bytes *file_bytes_open(const char *path, error *err) {
    file_bytes *self = make(path, err);
    if (self && open_file(self, err) && make_room(self, err))
        return self;
    file_bytes_free(self);
    return NULL;
}

file_bytes *file_bytes_adopt(int descriptor, size_t size, const char *name, error *err) {
    file_bytes *self = make(name, err);
    if (!self) {
        close(descriptor);
        return NULL;
    }
    self->file = descriptor;
    self->size = size;
    if (make_room(self, err))
        return self;
    file_bytes_free(self);
    return NULL;
}

file_bytes *file_bytes_borrow(const void *bytes, size_t size, const char *name, error *err) {
    file_bytes *self = make(name, err);
    if (self) {
        self->borrowed = bytes;
        self->size = size;
    }
    return self;
}

void file_bytes_free(file_bytes *self) {
    if (!self)
        return;
    if (self->file >= 0)
        close(self->file);
    if (self->room)
        munmap(self->room, self->size);
    free(self->viewed);
    free(self->path);
    free(self);
}

size_t file_bytes_size(const file_bytes *self) {
    return self->size;
}

int file_bytes_descriptor(const file_bytes *self) {
    return self->file;
}

/* ---- reading ---- */

static bool has(const file_bytes *self, size_t at, size_t length) {
    return at <= self->size && length <= self->size - at;
}

/* Of bytes that the file had when it was opened. */
static bool read_exactly(file_bytes *self, size_t at, size_t length, unsigned char *out) {
    while (length) {
        const ssize_t got = pread(self->file, out, length, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 && self->failure.code != ERROR_NONE)
            return false;
        if (got < 0)
            return error_set_errno(&self->failure, errno, "%s", self->path);
        if (!got)
            return error_set(&self->failure, ERROR_FAILURE, "%s: cut short while it was read",
                             self->path);
        out += got;
        at += (size_t)got;
        length -= (size_t)got;
    }
    return true;
}

const unsigned char *file_bytes_view(file_bytes *self, size_t at, size_t length) {
    static const unsigned char nothing[1];
    if (!has(self, at, length))
        return NULL;
    if (!length)
        return nothing;
    if (self->borrowed)
        return self->borrowed + at;
    for (size_t part = at / PART; part <= (at + length - 1) / PART; part++) {
        const size_t begin = part * PART, rest = self->size - begin;
        if (self->viewed[part])
            continue;
        if (!read_exactly(self, begin, rest < PART ? rest : PART, self->room + begin))
            return NULL;
        self->viewed[part] = 1;
    }
    return self->room + at;
}

bool file_bytes_read(file_bytes *self, size_t at, size_t length, void *out) {
    if (!has(self, at, length))
        return false;
    if (self->borrowed && length)
        memcpy(out, self->borrowed + at, length);
    return self->borrowed || !length || read_exactly(self, at, length, out);
}

bool file_bytes_failed(const file_bytes *self, error *err) {
    if (self->failure.code == ERROR_NONE)
        return false;
    *err = self->failure;
    return true;
}
