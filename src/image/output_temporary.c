/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* flock, getentropy */
#include "image/output_temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"

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

/* Locks a file that was just made. False where a sweep came between: it has the lock, or has
 * removed the file already. Without locks nobody sweeps. */
static bool take(int file, const output_place *place, const char *name) {
    struct stat status;
    if (retry_flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return retry_fstatat(place->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* O_EXCL, unlike mkstemp, gives the permissions of any new file. */
bool output_temporary_make(output_temporary *self, const output_place *place, mode_t mode) {
    *self = (output_temporary){.file = -1, .lock = -1};
    for (int attempt = 0; self->file < 0 && attempt < ATTEMPTS; attempt++) {
        if (!choose_name(place, self->name))
            return false;
        self->file = retry_openat(place->folder, self->name,
                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (self->file < 0 && errno != EEXIST)
            return false;
        if (self->file >= 0 && !take(self->file, place, self->name)) {
            unlinkat(place->folder, self->name, 0);
            close(self->file);
            self->file = -1;
            errno = EEXIST;
        }
    }
    if (self->file < 0)
        return false;
    self->lock = fcntl(self->file, F_DUPFD_CLOEXEC, 0);
    if (self->lock >= 0)
        return true;
    const int number = errno;
    unlinkat(place->folder, self->name, 0);
    close(self->file);
    errno = number;
    return false;
}

void output_temporary_release(output_temporary *self) {
    close(self->lock);
}

void output_temporary_remove(output_temporary *self, const output_place *place) {
    unlinkat(place->folder, self->name, 0);
    close(self->lock);
}

/* ---- what was left ---- */

/* Whether the rest of a name, which has begun as those of its place do, ends like them. */
static bool is_ours(const char *rest) {
    const size_t digits = strspn(rest, "0123456789");
    const char *random = rest + digits + 1;
    return digits > 0 && *rest != '0' && rest[digits] == '-' &&
           strspn(random, "0123456789abcdef") == RANDOM_DIGITS &&
           strcmp(random + RANDOM_DIGITS, END) == 0;
}

static bool is_our_users(const struct stat *status) {
    return S_ISREG(status->st_mode) && status->st_uid == geteuid();
}

/* Removes a file of our user that nobody holds. The lock is held until it is gone, so that who has
 * made it just now notices; and it is of the file that has the name, not of one that had it. */
static void remove_left(int folder, const char *name) {
    struct stat named, open;
    if (retry_fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || !is_our_users(&named))
        return;
    const int file =
        retry_openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (file < 0)
        return;
    if (retry_flock(file, LOCK_EX | LOCK_NB) == 0 && retry_fstat(file, &open) == 0 &&
        is_our_users(&open) &&
        retry_fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        named.st_dev == open.st_dev && named.st_ino == open.st_ino)
        unlinkat(folder, name, 0);
    close(file);
}

void output_temporary_sweep(const output_place *place) {
    char start[OUTPUT_NAME];
    const int length = snprintf(start, sizeof start, BEGIN, place->name);
    const int folder = output_place_open_folder(place);
    DIR *directory = folder >= 0 ? fdopendir(folder) : NULL;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, start, (size_t)length) == 0 && is_ours(entry->d_name + length))
            remove_left(folder, entry->d_name);
    }
    if (directory)
        closedir(directory);
    else if (folder >= 0)
        close(folder);
}
