/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* flock */
#include "core/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

FILE *retry_fopen(const char *path, const char *mode) {
    FILE *file;
    do
        file = fopen(path, mode);
    while (!file && errno == EINTR);
    return file;
}

size_t retry_fread(void *bytes, size_t size, size_t count, FILE *file) {
    char *to = bytes;
    const size_t wanted = size * count;
    size_t got = 0;
    while (got < wanted) {
        errno = 0;
        got += fread(to + got, 1, wanted - got, file);
        if (got == wanted || !ferror(file) || errno != EINTR)
            break;
        clearerr(file);
    }
    return size ? got / size : 0;
}

int retry_getc(FILE *file) {
    errno = 0;
    int byte = getc(file);
    while (byte == EOF && ferror(file) && errno == EINTR) {
        clearerr(file);
        errno = 0;
        byte = getc(file);
    }
    return byte;
}

/* Makes room for one byte and the end. */
static bool grow(char **line, size_t *room, size_t length) {
    enum { LEAST = 128 };
    if (*line && length + 2 <= *room)
        return true;
    const size_t wanted = 2 * length + LEAST;
    char *grown = length < SSIZE_MAX / 4 ? realloc(*line, wanted) : NULL;
    if (!grown)
        return false;
    *line = grown;
    *room = wanted;
    return true;
}

ssize_t retry_getline(char **line, size_t *room, FILE *file) {
    size_t length = 0;
    int byte = 0;
    while (byte != '\n' && (byte = retry_getc(file)) != EOF) {
        if (!grow(line, room, length))
            return -1;
        (*line)[length++] = (char)byte;
    }
    if (length == 0 || ferror(file))
        return -1;
    (*line)[length] = '\0';
    return (ssize_t)length;
}

int retry_fclose(FILE *file) {
    return fclose(file) == 0 || errno == EINTR ? 0 : EOF;
}

int retry_open(const char *path, int flags, mode_t mode) {
    return retry_openat(AT_FDCWD, path, flags, mode);
}

int retry_openat(int folder, const char *path, int flags, mode_t mode) {
    int file;
    do
        file = openat(folder, path, flags, mode);
    while (file < 0 && errno == EINTR);
    return file;
}

int retry_stat(const char *path, struct stat *status) {
    return retry_fstatat(AT_FDCWD, path, status, 0);
}

int retry_fstat(int file, struct stat *status) {
    int result;
    do
        result = fstat(file, status);
    while (result != 0 && errno == EINTR);
    return result;
}

int retry_fstatat(int folder, const char *path, struct stat *status, int flags) {
    int result;
    do
        result = fstatat(folder, path, status, flags);
    while (result != 0 && errno == EINTR);
    return result;
}

int retry_flock(int file, int operation) {
    int result;
    do
        result = flock(file, operation);
    while (result != 0 && errno == EINTR);
    return result;
}

int retry_fsync(int file) {
    int result;
    do
        result = fsync(file);
    while (result != 0 && errno == EINTR);
    return result;
}

int retry_ftruncate(int file, off_t size) {
    int result;
    do
        result = ftruncate(file, size);
    while (result != 0 && errno == EINTR);
    return result;
}

int retry_renameat(int folder, const char *from, const char *to) {
    int result = renameat(folder, from, folder, to);
    if (result == 0 || errno != EINTR)
        return result;
    do
        result = renameat(folder, from, folder, to);
    while (result != 0 && errno == EINTR);
    /* A server may have renamed it although its answer was not waited for. */
    struct stat status;
    const bool gone = result != 0 && errno == ENOENT;
    return gone && retry_fstatat(folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : result;
}

int retry_close(int file) {
    return close(file) == 0 || errno == EINTR ? 0 : -1;
}

bool retry_write(int file, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        const ssize_t written = write(file, at, count);
        if (written > 0) {
            at += written;
            count -= (size_t)written;
        } else if (written == 0) {
            errno = EIO;
            return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}
