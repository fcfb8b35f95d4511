/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_PATH, statx */
#include "image/output_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/statfs.h>
#endif

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

/* Whether what has a name in a folder may be followed or written to, by the rule that the kernel
 * has for fs.protected_symlinks, fs.protected_regular and fs.protected_fifos where these are 1:
 * root is not excepted, neither as the owner nor as who writes. */
static bool is_trusted(const output_place *self, const struct stat *entry) {
    struct stat folder;
    return retry_fstat(self->folder, &folder) == 0 &&
           (!(folder.st_mode & S_ISVTX) || !(folder.st_mode & S_IWOTH) ||
            entry->st_uid == geteuid() || entry->st_uid == folder.st_uid);
}

static bool look_up(const output_place *self, struct stat *entry) {
    return retry_fstatat(self->folder, self->name, entry, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_trusted_link(const output_place *self) {
    struct stat link;
    return look_up(self, &link) && is_trusted(self, &link);
}

/* Whether a file, open or named in the folder, is a mount of its own: nobody can plant that. */
static bool is_mount(const output_place *self, int from, const char *name,
                     const struct stat *entry) {
    struct stat folder;
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx found;
    if (statx(from, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 0, &found) == 0 &&
        found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
        return found.stx_attributes & STATX_ATTR_MOUNT_ROOT;
#else
    (void)from;
    (void)name;
#endif
    return retry_fstat(self->folder, &folder) == 0 && folder.st_dev != entry->st_dev;
}

static bool can_be_planted(const struct stat *entry) {
    return S_ISREG(entry->st_mode) || S_ISFIFO(entry->st_mode);
}

/* Whether somebody else may have put there what is open now. */
static bool is_planted(const output_place *self, int descriptor, const struct stat *open) {
    return !self->given && can_be_planted(open) && !is_trusted(self, open) &&
           !is_mount(self, descriptor, "", open);
}

/* Whether the links of a folder are those of the system, such as /proc/self/fd/1: they lead to what
 * whoever started the process has opened. */
static bool is_of_system(int folder) {
#ifdef __linux__
    enum { PROC = 0x9fa0 };
    struct statfs status;
    return fstatfs(folder, &status) == 0 && status.f_type == PROC;
#else
    (void)folder;
    return false;
#endif
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
        *refused = !is_trusted_link(self);
        if (*refused)
            return error_set(err, ERROR_FAILURE,
                             "cannot write %s: %s in %s is a link of somebody else in a folder "
                             "that all may write; name a file elsewhere",
                             self->path, self->name, self->folder_name);
        self->given = self->given || is_of_system(self->folder);
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

/* Refuses a file or pipe that somebody else may have planted. One that is written to by its path,
 * with that status, must be the one that was found by following it. */
static bool check_entry(const output_place *self, const struct stat *status, error *err) {
    struct stat entry;
    if (self->given)
        return true;
    const bool exists = look_up(self, &entry);
    if (self->in_place && S_ISFIFO(status->st_mode) &&
        (!exists || entry.st_dev != status->st_dev || entry.st_ino != status->st_ino))
        return fail(self->path, ESTALE, err);
    if (!exists || !can_be_planted(&entry) || is_trusted(self, &entry) ||
        is_mount(self, self->folder, self->name, &entry))
        return true;
    return error_set(err, ERROR_FAILURE,
                     "cannot write %s: %s in %s is a %s of somebody else in a folder that all may "
                     "write; name a file elsewhere",
                     self->path, self->name, self->folder_name,
                     S_ISFIFO(entry.st_mode) ? "pipe" : "file");
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
        self->pipe_owner = S_ISFIFO(status.st_mode) ? status.st_uid : 0;
    }
    if (found ? check_entry(self, &status, err)
              : self->in_place && (self->given || !S_ISFIFO(status.st_mode)))
        return true;
    output_place_clear(self);
    return false;
}

void output_place_clear(output_place *self) {
    if (self->folder >= 0)
        close(self->folder);
    self->folder = -1;
}

static int give_up(int descriptor, int number) {
    close(descriptor);
    errno = number;
    return -1;
}

/* What is no file is opened by its path, and has to be what it was; a pipe also whose it was, since
 * numbers of files are used again. */
static int open_in_place(const output_place *self, int flags) {
    struct stat status;
    const int descriptor =
        retry_open(self->path, (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NOCTTY | O_CLOEXEC, 0);
    if (descriptor >= 0 &&
        (retry_fstat(descriptor, &status) != 0 || status.st_dev != self->device ||
         status.st_ino != self->inode ||
         (S_ISFIFO(status.st_mode) && status.st_uid != self->pipe_owner)))
        return give_up(descriptor, ESTALE);
    return descriptor;
}

/* A file is opened in its folder, and looked at before it is cut: what was planted there since the
 * place was found stays as it is, and a pipe makes nobody wait. */
static int open_file(const output_place *self, int flags) {
    struct stat status;
    const int descriptor =
        retry_openat(self->folder, self->name,
                     (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        errno = errno == ENXIO ? ESTALE : errno; /* a pipe that nobody reads */
        return -1;
    }
    if (retry_fstat(descriptor, &status) != 0)
        return give_up(descriptor, errno);
    if (is_planted(self, descriptor, &status))
        return give_up(descriptor, EACCES);
    if (!S_ISREG(status.st_mode))
        return give_up(descriptor, ESTALE);
    if (fcntl(descriptor, F_SETFL, flags & O_APPEND) != 0 ||
        (flags & O_TRUNC && retry_ftruncate(descriptor, 0) != 0))
        return give_up(descriptor, errno);
    return descriptor;
}

int output_place_open(const output_place *self, int flags) {
    return self->in_place ? open_in_place(self, flags) : open_file(self, flags);
}

int output_place_open_folder(const output_place *self) {
    return retry_openat(self->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}
