/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* fchown, readlink */
#include "image/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20) /* bytes at a time */
#define MOST_LINKS 40           /* in a row, as the kernel has it */

/* ---- names ---- */

/* Where a path leads, by the links that it names last; what is wrong with it shows when it is used.
 * False with errno set when that becomes too long. */
static bool follow(const char *path, char target[PATH_MAX]) {
    char link[PATH_MAX];
    const char *next = path;
    size_t folder = 0; /* bytes of `target` that stand before a relative name */
    for (int links = 0; links < MOST_LINKS; links++) {
        const size_t length = strlen(next);
        if (folder + length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return false;
        }
        memcpy(target + folder, next, length + 1);
        const ssize_t size = readlink(target, link, sizeof link - 1);
        if (size < 0)
            return true;
        link[size] = '\0';
        next = link;
        const char *slash = strrchr(target, '/');
        folder = link[0] == '/' || !slash ? 0 : (size_t)(slash - target) + 1;
    }
    errno = ELOOP;
    return false;
}

/* The folder of a target, "." where it names none. */
static void folder_of(const char *target, char folder[PATH_MAX]) {
    const char *slash = strrchr(target, '/');
    const size_t length = slash > target ? (size_t)(slash - target) : 1;
    memcpy(folder, slash ? target : ".", length);
    folder[length] = '\0';
}

/* ---- writing ---- */

/* Opens a new file beside `target` and puts its name into name[size]; negative with errno set when
 * that fails. open() with O_EXCL, unlike mkstemp, gives the permissions of any new file. */
static int open_temporary(const char *target, mode_t mode, char *name, size_t size) {
    const char *slash = strrchr(target, '/');
    const char *base = slash ? slash + 1 : target;
    int descriptor = -1;
    errno = EEXIST;
    for (unsigned attempt = 0; descriptor < 0 && errno == EEXIST && attempt < 100; attempt++) {
        /* The name is cut so that with the suffix it is still one that file systems take. */
        snprintf(name, size, "%.*s.%.200s.%ld-%u.tmp", (int)(base - target), target, base,
                 (long)getpid(), attempt);
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }
    return descriptor;
}

struct output_pieces {
    const char *path;
    int descriptor;
    bool (*abandoned)(void); /* or NULL */
};

static bool fail(const output_pieces *self, int number, error *err) {
    return error_set_errno(err, number, "cannot write %s", self->path);
}

bool output_file_put(output_pieces *to, const void *bytes, size_t count, error *err) {
    const char *data = bytes;
    while (count) {
        const ssize_t written = write(to->descriptor, data, count < PIECE ? count : PIECE);
        if (to->abandoned && to->abandoned())
            return fail(to, EINTR, err);
        if (written > 0) {
            data += written;
            count -= (size_t)written;
        } else if (written == 0 || errno != EINTR) {
            return fail(to, written ? errno : EIO, err);
        }
    }
    return true;
}

/* How a file comes to be: what there is to write, in memory or composed. */
typedef struct content {
    const void *data;
    size_t size;
    bool (*compose)(void *user, output_pieces *to, error *err); /* or NULL */
    void *user;
    bool (*abandoned)(void);
} content;

/* Removes the temporary files of `target` whose processes are no more: killed while they wrote. */
static void sweep(const char *target) {
    char folder[PATH_MAX], start[PATH_MAX];
    const char *slash = strrchr(target, '/');
    folder_of(target, folder);
    const int length = snprintf(start, sizeof start, ".%.200s.", slash ? slash + 1 : target);
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        char *end;
        if (strncmp(entry->d_name, start, (size_t)length) != 0)
            continue;
        const long process = strtol(entry->d_name + length, &end, 10);
        if (*end == '-' && strstr(end, ".tmp") && process > 0 && kill((pid_t)process, 0) != 0 &&
            errno == ESRCH)
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
}

/* Writes it all and closes. */
static bool write_all(int descriptor, const char *path, const content *what,
                      bool (*abandoned)(void), error *err) {
    output_pieces to = {path, descriptor, abandoned};
    bool ok = what->compose ? what->compose(what->user, &to, err)
                            : output_file_put(&to, what->data, what->size, err);
    /* what has no fsync does not need it */
    if (ok && what->compose && fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
        ok = fail(&to, errno, err);
    return close(descriptor) == 0 || !ok ? ok : fail(&to, errno, err);
}

static bool write_in_place(const char *path, const content *what, error *err) {
    const int descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s", path);
    return write_all(descriptor, path, what, NULL, err);
}

/* Gives a new file the owner and the permissions of the old one. */
static void resemble(int descriptor, const struct stat *old) {
    /* Only root may give files away; others may choose among their groups, or not even that. */
    const bool given = fchown(descriptor, old->st_uid, old->st_gid) == 0 ||
                       fchown(descriptor, (uid_t)-1, old->st_gid) == 0;
    (void)given;
    fchmod(descriptor, old->st_mode & 0777);
}

static bool write_content(const char *path, const content *what, error *err) {
    char target[PATH_MAX], temporary[PATH_MAX + 64]; /* room for the suffix */
    struct stat old;
    if (output_file_in_place(path))
        return write_in_place(path, what, err);
    if (!follow(path, target))
        return error_set_errno(err, errno, "cannot write %s", path);
    const bool exists = stat(target, &old) == 0;
    if (what->compose)
        sweep(target);
    const int descriptor =
        open_temporary(target, exists ? 0600 : 0666, temporary, sizeof temporary);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s", path);
    if (exists)
        resemble(descriptor, &old);
    const bool written = write_all(descriptor, path, what, what->abandoned, err);
    if (written && rename(temporary, target) == 0)
        return true;
    const int number = errno;
    unlink(temporary);
    if (!written)
        return false;
    if (exists && (number == EBUSY || number == EPERM))
        return write_in_place(path, what, err);
    return error_set_errno(err, number, "cannot write %s", path);
}

bool output_file_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                       error *err) {
    return write_content(path, &(content){.data = data, .size = size, .abandoned = abandoned}, err);
}

bool output_file_compose(const char *path,
                         bool (*compose)(void *user, output_pieces *to, error *err), void *user,
                         bool (*abandoned)(void), error *err) {
    return write_content(path, &(content){.compose = compose, .user = user, .abandoned = abandoned},
                         err);
}

/* ---- before there is anything to write ---- */

bool output_file_in_place(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Whether a file can be made beside `target`. */
static bool try_temporary(const char *path, const char *target, error *err) {
    char folder[PATH_MAX], temporary[PATH_MAX + 64];
    struct stat status;
    folder_of(target, folder);
    if (stat(folder, &status) != 0 && errno == ENOENT)
        return error_set(err, ERROR_FAILURE,
                         "cannot write %s: folder %s does not exist; create it first", path,
                         folder);
    const int descriptor = open_temporary(target, 0600, temporary, sizeof temporary);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s: cannot create a file in folder %s",
                               path, folder);
    close(descriptor);
    unlink(temporary);
    return true;
}

bool output_file_check(const char *path, error *err) {
    char target[PATH_MAX];
    struct stat status;
    const bool exists = stat(path, &status) == 0;
    if (!exists && errno != ENOENT)
        return error_set_errno(err, errno, "cannot write %s", path);
    if (exists && S_ISDIR(status.st_mode))
        return error_set(err, ERROR_FAILURE, "cannot write %s: it is a folder; name a file in it",
                         path);
    if (exists && S_ISSOCK(status.st_mode))
        return error_set(err, ERROR_FAILURE, "cannot write %s: it is a socket", path);
    if ((exists && access(path, W_OK) != 0) || !follow(path, target))
        return error_set_errno(err, errno, "cannot write %s", path);
    return (exists && !S_ISREG(status.st_mode)) || try_temporary(path, target, err);
}
