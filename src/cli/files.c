/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath */
#include "cli/files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image.h"

/* The folder of a path, "." where it names none; false when the path is too long. */
static bool folder_of(const char *path, char folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 1;
    if (slash == path)
        length = 1;
    if (length >= PATH_MAX)
        return false;
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
    return true;
}

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool same_inode(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool files_same(const char *a, const char *b) {
    struct stat status_a, status_b;
    const bool exists_a = stat(a, &status_a) == 0, exists_b = stat(b, &status_b) == 0;
    if (exists_a && exists_b)
        return same_inode(&status_a, &status_b);
    if (exists_a || exists_b)
        return false;
    char folder_a[PATH_MAX], folder_b[PATH_MAX];
    return !strcmp(base_of(a), base_of(b)) && folder_of(a, folder_a) && folder_of(b, folder_b) &&
           stat(folder_a, &status_a) == 0 && stat(folder_b, &status_b) == 0 &&
           same_inode(&status_a, &status_b);
}

/* Whether a file can be made in the folder of `path`. */
static bool check_folder(const char *what, const char *path, error *err) {
    struct stat status;
    char folder[PATH_MAX];
    if (!folder_of(path, folder))
        return error_set_errno(err, ENAMETOOLONG, "%scannot write %s", what, path);
    if (stat(folder, &status) != 0)
        return error_set_errno(err, errno, "%scannot write %s: folder %s", what, path, folder);
    if (!S_ISDIR(status.st_mode))
        return error_set_errno(err, ENOTDIR, "%scannot write %s: %s", what, path, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return error_set_errno(err, errno, "%scannot write %s: folder %s", what, path, folder);
    return true;
}

/* Whether `path` can be written: a new file, or one that may be. `what` stands before the text. */
static bool check_writable(const char *what, const char *path, struct stat *status, error *err) {
    if (stat(path, status) != 0) {
        const int number = errno;
        struct stat link;
        if (number == ENOENT && lstat(path, &link) == 0)
            return error_set(err, ERROR_FAILURE, "%scannot write %s: a link to nowhere; remove it",
                             what, path);
        status->st_mode = 0;
        if (number != ENOENT && number != ENOTDIR)
            return error_set_errno(err, number, "%scannot write %s", what, path);
        return check_folder(what, path, err);
    }
    if (S_ISDIR(status->st_mode))
        return error_set(err, ERROR_FAILURE, "%scannot write %s: it is a folder; name a file in it",
                         what, path);
    if (access(path, W_OK) != 0)
        return error_set_errno(err, errno, "%scannot write %s", what, path);
    return true;
}

static bool check_out(const options *self, error *err) {
    const char *out = self->out;
    struct stat status;
    const image_format format = image_format_of_path(out);
    if (format == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE, "%s: OUT must end in .png, .jpg or .jpeg", out);
    if (format == IMAGE_JPEG && self->write.depth == STYLIZE_DEPTH_16)
        return error_set(err, ERROR_USAGE,
                         "--depth: %s would be a JPEG file, which has 8 bits; name a .png for 16",
                         out);
    if (!check_writable("", out, &status, err))
        return false;
    if (!status.st_mode)
        return true;
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_FAILURE, "cannot write %s: it is no regular file", out);
    /* It is replaced by a new file beside it, or beside what it links to. */
    char *target = realpath(out, NULL);
    const bool ok = target ? check_folder("", target, err)
                           : error_set_errno(err, errno, "cannot write %s", out);
    free(target);
    return ok;
}

bool files_check(const options *self, const char *weights_path, error *err) {
    struct stat status;
    const bool log_file = self->log && strcmp(self->log, "-") != 0;
    if (!check_out(self, err) || (log_file && !check_writable("--log: ", self->log, &status, err)))
        return false;
    /* OUT may be the picture of --init: it is read whole before OUT is replaced. */
    const struct {
        const char *name, *path;
        bool out_too; /* must differ from OUT, not only from the log */
    } others[] = {
        {"CONTENT", self->content, true},    {"STYLE", self->style, true},
        {"the weights", weights_path, true}, {"--init", self->init, false},
        {"OUT", self->out, false},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].out_too && files_same(self->out, others[i].path))
            return error_set(err, ERROR_USAGE, "%s: OUT would overwrite %s; name another file",
                             self->out, others[i].name);
        if (log_file && others[i].path && files_same(self->log, others[i].path))
            return error_set(err, ERROR_USAGE, "--log: %s would overwrite %s; name another file",
                             self->log, others[i].name);
    }
    return true;
}
