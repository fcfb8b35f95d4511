/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_PATH */
#include "image/output_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"

#define MOST_LINKS 40 /* in a row, as the kernel has it */

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

static bool fail(const char *path, int number, error *err) {
    return error_set_errno(err, number, "cannot write %s", path);
}

/* Takes a path apart, "." where it names no folder. `folder` and `from` may overlap. */
static bool split(output_place *self, const char *from, error *err) {
    const char *slash = strrchr(from, '/'), *name = slash ? slash + 1 : from;
    const size_t length = slash && slash > from ? (size_t)(slash - from) : 1;
    if (strlen(name) >= OUTPUT_NAME)
        return fail(self->path, ENAMETOOLONG, err);
    memcpy(self->name, name, strlen(name) + 1);
    memmove(self->folder_name, slash ? from : ".", length);
    self->folder_name[length] = '\0';
    return true;
}

/* Goes from the folder at hand to one that is named from there. */
static bool enter(output_place *self, const char *folder, error *err) {
    const int from = self->folder < 0 ? AT_FDCWD : self->folder;
    const int next = retry_openat(from, folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    const int number = errno;
    output_place_clear(self);
    self->folder = next;
    if (next >= 0)
        return true;
    if (number == ENOENT)
        return error_set(err, ERROR_FAILURE,
                         "cannot write %s: folder %s does not exist; create it first", self->path,
                         self->folder_name);
    return fail(self->path, number, err);
}

/* Whether a link may be followed: the rule of fs.protected_symlinks. */
static bool is_trusted(const output_place *self) {
    struct stat folder, link;
    return retry_fstat(self->folder, &folder) == 0 &&
           retry_fstatat(self->folder, self->name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
           (!(folder.st_mode & S_ISVTX) || !(folder.st_mode & S_IWOTH) ||
            link.st_uid == geteuid() || link.st_uid == folder.st_uid);
}

/* Puts a link's words behind the folder that they start from, to be shown. */
static bool join(const output_place *self, const char *link, char target[OUTPUT_PATH], error *err) {
    const bool whole = link[0] == '/' || !strcmp(self->folder_name, ".");
    const bool root = !strcmp(self->folder_name, "/");
    const int length = snprintf(target, OUTPUT_PATH, "%s%s%s", whole ? "" : self->folder_name,
                                whole || root ? "" : "/", link);
    return length < OUTPUT_PATH || fail(self->path, ENAMETOOLONG, err);
}

/* Follows links to the last name; *refused: one of them is not to be followed. */
static bool walk(output_place *self, bool *refused, error *err) {
    char link[OUTPUT_PATH], target[OUTPUT_PATH];
    if (!split(self, self->path, err) || !enter(self, self->folder_name, err))
        return false;
    for (int links = 0; links < MOST_LINKS; links++) {
        const ssize_t size = readlinkat(self->folder, self->name, link, sizeof link - 1);
        if (size < 0)
            return true;
        link[size] = '\0';
        *refused = !is_trusted(self);
        if (*refused)
            return error_set(err, ERROR_FAILURE,
                             "cannot write %s: %s in %s is a link of somebody else in a folder "
                             "that all may write; name a file elsewhere",
                             self->path, self->name, self->folder_name);
        if (!join(self, link, target, err) || !split(self, target, err))
            return false;
        char *slash = strrchr(link, '/');
        if (slash)
            slash[slash == link] = '\0';
        if (slash && !enter(self, link, err))
            return false;
    }
    return fail(self->path, ELOOP, err);
}

bool output_place_init(output_place *self, const char *path, error *err) {
    struct stat status;
    bool refused = false;
    *self = (output_place){.folder = -1};
    if (strlen(path) >= sizeof self->path)
        return fail(path, ENAMETOOLONG, err);
    memcpy(self->path, path, strlen(path) + 1);
    const bool found = walk(self, &refused, err);
    /* What is no file may have no name of its own, such as a pipe that /dev/stdout leads to. */
    self->in_place = !refused && retry_stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    if (self->in_place) {
        self->device = status.st_dev;
        self->inode = status.st_ino;
    }
    if (found || self->in_place)
        return true;
    output_place_clear(self);
    return false;
}

void output_place_clear(output_place *self) {
    if (self->folder >= 0)
        close(self->folder);
    self->folder = -1;
}

/* What is no file is opened by its path, and has to be what it was. */
static int open_in_place(const output_place *self, int flags) {
    struct stat status;
    const int descriptor =
        retry_open(self->path, (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NOCTTY | O_CLOEXEC, 0);
    if (descriptor >= 0 &&
        (retry_fstat(descriptor, &status) != 0 || status.st_dev != self->device ||
         status.st_ino != self->inode)) {
        close(descriptor);
        errno = ESTALE;
        return -1;
    }
    return descriptor;
}

int output_place_open(const output_place *self, int flags) {
    return self->in_place
               ? open_in_place(self, flags)
               : retry_openat(self->folder, self->name, flags | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int output_place_open_folder(const output_place *self) {
    return retry_openat(self->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}
