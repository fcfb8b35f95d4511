/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* fchown, flock, getentropy */
#include "image/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"

#define PIECE ((size_t)1 << 20) /* bytes at a time */

/* ---- temporary files ---- */

/* A temporary file is called .NAME.PROCESS-RANDOM.tmp. The name is cut so that with the rest it is
 * still one that file systems take; nobody can foresee it and be there first. */
#define BEGIN ".%.200s."
#define RANDOM_DIGITS 16
#define END ".tmp"
enum { ATTEMPTS = 1000 };

static bool choose_name(const output_place *place, char name[OUTPUT_NAME]) {
    uint64_t random;
    if (getentropy(&random, sizeof random) != 0)
        return false;
    snprintf(name, OUTPUT_NAME, BEGIN "%ld-%0*" PRIx64 END, place->name, (long)getpid(),
             RANDOM_DIGITS, random);
    return true;
}

/* Opens a new file in the folder and puts its name into name[]; negative with errno set when
 * that fails. O_EXCL, unlike mkstemp, gives the permissions of any new file. The lock says, also to
 * other machines and containers, that somebody is writing. */
static int open_temporary(const output_place *place, mode_t mode, char name[OUTPUT_NAME]) {
    int descriptor = -1;
    errno = EEXIST;
    for (int attempt = 0; descriptor < 0 && errno == EEXIST && attempt < ATTEMPTS; attempt++) {
        if (!choose_name(place, name))
            return -1;
        descriptor = retry_openat(place->folder, name,
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    }
    if (descriptor >= 0)
        retry_flock(descriptor, LOCK_EX | LOCK_NB); /* where there are locks */
    return descriptor;
}

/* The process that a name is of, which has begun as those of `place` do; 0: none of ours. */
static pid_t process_of(const char *rest) {
    char *end;
    const long process = *rest >= '1' && *rest <= '9' ? strtol(rest, &end, 10) : 0;
    if (process <= 0 || process > INT32_MAX || *end != '-' ||
        strspn(end + 1, "0123456789abcdef") != RANDOM_DIGITS ||
        strcmp(end + 1 + RANDOM_DIGITS, END) != 0)
        return 0;
    return (pid_t)process;
}

/* Whether a file is our user's and nobody writes it. */
static bool is_left(int folder, const char *name) {
    struct stat status;
    if (retry_fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode) || status.st_uid != geteuid())
        return false;
    const int descriptor =
        retry_openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    const bool held = retry_flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return !held;
}

/* Removes temporary files whose processes are no more: killed while they wrote. */
static void sweep(const output_place *place) {
    char start[OUTPUT_NAME];
    const int length = snprintf(start, sizeof start, BEGIN, place->name);
    const int folder = output_place_open_folder(place);
    DIR *directory = folder >= 0 ? fdopendir(folder) : NULL;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, start, (size_t)length) != 0)
            continue;
        const pid_t process = process_of(entry->d_name + length);
        if (process > 0 && kill(process, 0) != 0 && errno == ESRCH &&
            is_left(folder, entry->d_name))
            unlinkat(folder, entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
    else if (folder >= 0)
        close(folder);
}

/* ---- writing ---- */

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

/* Brings what was written from the caches to the disk; what has no fsync does not need it. */
static bool synchronise(int descriptor) {
    return retry_fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* Likewise the names in a folder; one that may not be read is left to the system. */
static bool synchronise_folder(const output_place *place, error *err) {
    const int folder = output_place_open_folder(place);
    const bool ok = folder < 0 || synchronise(folder);
    const int number = errno;
    if (folder >= 0)
        close(folder);
    return ok || error_set_errno(err, number, "cannot write %s: folder %s", place->path,
                                 place->folder_name);
}

/* Gives a new file the owner and the permissions of the old one. */
static void resemble(int descriptor, const struct stat *old) {
    /* Only root may give files away; others may choose among their groups, or not even that. */
    const bool given = fchown(descriptor, old->st_uid, old->st_gid) == 0 ||
                       fchown(descriptor, (uid_t)-1, old->st_gid) == 0;
    (void)given;
    fchmod(descriptor, old->st_mode & 0777);
}

/* Writes it all, as a file like `old`, unless NULL, and closes. */
static bool write_all(int descriptor, const char *path, const content *what,
                      bool (*abandoned)(void), const struct stat *old, error *err) {
    output_pieces to = {path, descriptor, abandoned};
    bool ok = what->compose ? what->compose(what->user, &to, err)
                            : output_file_put(&to, what->data, what->size, err);
    if (ok && old)
        resemble(descriptor, old);
    if (ok && !synchronise(descriptor))
        ok = fail(&to, errno, err);
    return retry_close(descriptor) == 0 || !ok ? ok : fail(&to, errno, err);
}

static bool write_in_place(const output_place *place, const content *what, error *err) {
    const int descriptor = output_place_open(place, O_WRONLY | O_TRUNC);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s", place->path);
    return write_all(descriptor, place->path, what, NULL, NULL, err);
}

/* Writes over a file that cannot be replaced. Until that is done the temporary one, which is whole,
 * stays, and for good where it fails. */
static bool write_over(const output_place *place, const content *what, const char *temporary,
                       error *err) {
    error cause;
    if (write_in_place(place, what, &cause)) {
        unlinkat(place->folder, temporary, 0);
        return true;
    }
    return error_set(err, cause.code, "%s; it is whole in %s/%s", cause.text, place->folder_name,
                     temporary);
}

static bool write_content(const output_place *place, const content *what, error *err) {
    char temporary[OUTPUT_NAME];
    struct stat old;
    if (place->in_place)
        return write_in_place(place, what, err);
    const bool exists = retry_fstatat(place->folder, place->name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISREG(old.st_mode);
    sweep(place);
    const int descriptor = open_temporary(place, exists ? 0600 : 0666, temporary);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s", place->path);
    const bool written =
        write_all(descriptor, place->path, what, what->abandoned, exists ? &old : NULL, err);
    if (written && retry_renameat(place->folder, temporary, place->name) == 0)
        return synchronise_folder(place, err);
    const int number = errno;
    if (written && exists && (number == EBUSY || number == EPERM))
        return write_over(place, what, temporary, err);
    unlinkat(place->folder, temporary, 0);
    return written && error_set_errno(err, number, "cannot write %s", place->path);
}

static bool write_path(const char *path, const content *what, error *err) {
    output_place place;
    if (!output_place_init(&place, path, err))
        return false;
    const bool ok = write_content(&place, what, err);
    output_place_clear(&place);
    return ok;
}

bool output_file_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                       error *err) {
    return write_path(path, &(content){.data = data, .size = size, .abandoned = abandoned}, err);
}

bool output_file_write_at(const output_place *place, const void *data, size_t size,
                          bool (*abandoned)(void), error *err) {
    return write_content(place, &(content){.data = data, .size = size, .abandoned = abandoned},
                         err);
}

bool output_file_compose(const char *path,
                         bool (*compose)(void *user, output_pieces *to, error *err), void *user,
                         bool (*abandoned)(void), error *err) {
    return write_path(path, &(content){.compose = compose, .user = user, .abandoned = abandoned},
                      err);
}

bool output_file_compose_at(const output_place *place,
                            bool (*compose)(void *user, output_pieces *to, error *err), void *user,
                            bool (*abandoned)(void), error *err) {
    return write_content(
        place, &(content){.compose = compose, .user = user, .abandoned = abandoned}, err);
}

/* ---- before there is anything to write ---- */

bool output_file_in_place(const char *path) {
    struct stat status;
    return retry_stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Whether a file can be made in the folder. */
static bool try_temporary(const output_place *place, error *err) {
    char temporary[OUTPUT_NAME];
    const int descriptor = open_temporary(place, 0600, temporary);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s: cannot create a file in folder %s",
                               place->path, place->folder_name);
    close(descriptor);
    unlinkat(place->folder, temporary, 0);
    return true;
}

bool output_file_check_at(const output_place *place, error *err) {
    const char *path = place->path;
    struct stat status;
    const bool exists = retry_stat(path, &status) == 0;
    if (!exists && errno != ENOENT)
        return error_set_errno(err, errno, "cannot write %s", path);
    if (exists && S_ISDIR(status.st_mode))
        return error_set(err, ERROR_FAILURE, "cannot write %s: it is a folder; name a file in it",
                         path);
    if (exists && S_ISSOCK(status.st_mode))
        return error_set(err, ERROR_FAILURE, "cannot write %s: it is a socket", path);
    if (exists && access(path, W_OK) != 0)
        return error_set_errno(err, errno, "cannot write %s", path);
    return place->in_place || try_temporary(place, err);
}

bool output_file_check(const char *path, error *err) {
    output_place place;
    if (!output_place_init(&place, path, err))
        return false;
    const bool ok = output_file_check_at(&place, err);
    output_place_clear(&place);
    return ok;
}
