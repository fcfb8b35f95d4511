/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "cli/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
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

static bool check_out(const char *out, error *err) {
    struct stat status;
    char folder[PATH_MAX];
    if (image_format_of_path(out) == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE, "%s: OUT must end in .png, .jpg or .jpeg", out);
    if (stat(out, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return error_set(err, ERROR_FAILURE, "%s is a folder, expected a file to write", out);
        if (!S_ISREG(status.st_mode))
            return true; /* a device or FIFO is written to, not replaced */
    }
    if (!folder_of(out, folder))
        return error_set_errno(err, ENAMETOOLONG, "%s", out);
    if (stat(folder, &status) != 0)
        return error_set_errno(err, errno, "%s cannot be written: folder %s", out, folder);
    if (!S_ISDIR(status.st_mode))
        return error_set_errno(err, ENOTDIR, "%s cannot be written: %s", out, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return error_set_errno(err, errno, "%s cannot be written: folder %s", out, folder);
    return true;
}

bool files_check(const options *self, const char *weights_path, error *err) {
    if (!check_out(self->out, err))
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
    const bool log_file = self->log && strcmp(self->log, "-") != 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].out_too && files_same(self->out, others[i].path))
            return error_set(err, ERROR_USAGE, "%s: OUT would overwrite %s", self->out,
                             others[i].name);
        if (log_file && others[i].path && files_same(self->log, others[i].path))
            return error_set(err, ERROR_USAGE, "--log: %s would overwrite %s", self->log,
                             others[i].name);
    }
    return true;
}
