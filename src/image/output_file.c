/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fstatat */
#include "image/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"
#include "image/output_rights.h"
#include "image/output_temporary.h"

#define PIECE ((size_t)1 << 20) /* bytes at a time */

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

/* Writes it all, in the place of a file with status `old`, unless NULL, and closes. */
static bool write_all(int descriptor, const output_place *place, const content *what,
                      bool (*abandoned)(void), const struct stat *old, error *err) {
    output_pieces to = {place->path, descriptor, abandoned};
    bool ok = what->compose ? what->compose(what->user, &to, err)
                            : output_file_put(&to, what->data, what->size, err);
    if (ok && old)
        output_rights_copy(descriptor, place, old);
    if (ok && !synchronise(descriptor))
        ok = fail(&to, errno, err);
    return retry_close(descriptor) == 0 || !ok ? ok : fail(&to, errno, err);
}

static bool write_in_place(const output_place *place, const content *what, error *err) {
    const int descriptor = output_place_open(place, O_WRONLY | O_TRUNC);
    if (descriptor < 0)
        return error_set_errno(err, errno, "cannot write %s", place->path);
    return write_all(descriptor, place, what, NULL, NULL, err);
}

/* Writes over a file that cannot be replaced. Until that is done the temporary one, which is whole,
 * stays, and where it fails until the next attempt. */
static bool write_over(const output_place *place, const content *what, output_temporary *temporary,
                       error *err) {
    error cause;
    if (write_in_place(place, what, &cause)) {
        output_temporary_remove(temporary, place);
        return true;
    }
    output_temporary_release(temporary);
    return error_set(err, cause.code, "%s; it is whole in %s/%s", cause.text, place->folder_name,
                     temporary->name);
}

static bool write_content(const output_place *place, const content *what, error *err) {
    output_temporary temporary;
    struct stat old;
    if (place->in_place)
        return write_in_place(place, what, err);
    const bool exists = retry_fstatat(place->folder, place->name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISREG(old.st_mode);
    output_temporary_sweep(place);
    if (!output_temporary_make(&temporary, place, exists ? 0600 : 0666))
        return error_set_errno(err, errno, "cannot write %s", place->path);
    const bool written =
        write_all(temporary.file, place, what, what->abandoned, exists ? &old : NULL, err);
    if (written && retry_renameat(place->folder, temporary.name, place->name) == 0) {
        output_temporary_release(&temporary);
        return synchronise_folder(place, err);
    }
    const int number = errno;
    if (written && exists && (number == EBUSY || number == EPERM))
        return write_over(place, what, &temporary, err);
    output_temporary_remove(&temporary, place);
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
    output_temporary temporary;
    if (!output_temporary_make(&temporary, place, 0600))
        return error_set_errno(err, errno, "cannot write %s: cannot create a file in folder %s",
                               place->path, place->folder_name);
    close(temporary.file);
    output_temporary_remove(&temporary, place);
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
