/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* flock */
#include "cli/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files.h"
#include "core/retry.h"

/* ".OUT.claim" beside OUT; NULL when memory is short. */
static char *path_for(const char *out) {
    const char *base = files_base(out);
    const size_t size = strlen(out) + sizeof "..claim";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s.%s.claim", (int)(base - out), out, base);
    return path;
}

/* Whether the path still leads to the file that is open: whoever had the lock before has removed
 * it. */
static bool is_there(int file, const char *path) {
    struct stat open, named;
    return retry_fstat(file, &open) == 0 && retry_stat(path, &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

bool claim_make(claim *self, const char *out) {
    *self = (claim){.path = path_for(out), .file = -1};
    while (self->path) {
        self->file = retry_open(self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (self->file < 0)
            break;
        if (retry_flock(self->file, LOCK_EX | LOCK_NB) != 0) {
            const bool taken = errno == EWOULDBLOCK;
            close(self->file);
            self->file = -1;
            if (!taken)
                unlink(self->path); /* nobody can lock it here */
            free(self->path);
            self->path = NULL;
            return !taken;
        }
        if (is_there(self->file, self->path))
            return true;
        close(self->file);
    }
    free(self->path);
    self->path = NULL;
    return true;
}

void claim_give_up(claim *self) {
    if (!self->path)
        return;
    unlink(self->path); /* before the lock goes, so that nobody has it meanwhile */
    close(self->file);
    free(self->path);
    *self = (claim){.file = -1};
}
