/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* fcntl, S_ISSOCK */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/signals.h"
#include "image/output_file.h"
#include "image/picture_file.h"
#include "transfer/params.h"

#define STDOUT_PATH "/dev/stdout"

/* ---- names ---- */

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
        return same_inode(&status_a, &status_b) && !S_ISCHR(status_a.st_mode) &&
               !S_ISSOCK(status_a.st_mode);
    if (exists_a || exists_b)
        return false;
    char folder_a[PATH_MAX], folder_b[PATH_MAX];
    return !strcmp(base_of(a), base_of(b)) && folder_of(a, folder_a) && folder_of(b, folder_b) &&
           stat(folder_a, &status_a) == 0 && stat(folder_b, &status_b) == 0 &&
           same_inode(&status_a, &status_b);
}

/* The path that a "-" stands for. */
static const char *path_of(const char *name, const char *dash) {
    return name && !strcmp(name, "-") ? dash : name;
}

static bool is_stdout(const char *out) {
    return !strcmp(path_of(out, STDOUT_PATH), STDOUT_PATH);
}

static image_format format_of(const char *out) {
    const image_format format = image_format_of_path(out);
    return format == IMAGE_UNKNOWN && (is_stdout(out) || output_file_in_place(out)) ? IMAGE_PNG
                                                                                    : format;
}

/* ---- checks ---- */

static bool check_stdout(error *err) {
    const int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (isatty(STDOUT_FILENO))
        return error_set(err, ERROR_USAGE,
                         "OUT: standard output is a terminal, which takes no picture: redirect it");
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return error_set_errno(err, EBADF, "cannot write to standard output");
    return true;
}

/* output_file_check leaves a temporary file for a moment. */
static bool check_file(const char *path, error *err) {
    signals_hold();
    const bool ok = output_file_check(path, err);
    signals_release();
    return ok;
}

bool files_check_picture(const char *path, const options *self, error *err) {
    if (format_of(path) == IMAGE_JPEG && self->write.depth == STYLIZE_DEPTH_16)
        return error_set(err, ERROR_USAGE,
                         "--depth: %s would be a JPEG file, which has 8 bits; name a .png for 16",
                         path);
    return check_file(path, err);
}

static bool check_out(const options *self, error *err) {
    const char *out = self->out;
    if (is_stdout(out))
        return check_stdout(err);
    /* A folder has no extension either, but another remedy. */
    if (format_of(out) == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "%s: OUT must end in .png, .jpg or .jpeg, or be - for standard output",
                         out);
    return files_check_picture(out, self, err);
}

static bool check_log(const char *log, error *err) {
    struct stat status;
    error cause;
    /* An old log is not replaced but written over: its folder may be read-only. */
    if (stat(log, &status) == 0 && !S_ISDIR(status.st_mode) && access(log, W_OK) == 0)
        return true;
    return check_file(log, &cause) || error_set(err, cause.code, "--log: %s", cause.text);
}

bool files_check(const options *self, const char *weights_path, error *err) {
    const char *log = self->log && strcmp(self->log, "-") != 0 ? self->log : NULL;
    const char *out = path_of(self->out, STDOUT_PATH);
    if (!check_out(self, err) || (log && !check_log(log, err)))
        return false;
    /* OUT may be the picture of --init: it is read whole before OUT is replaced. */
    const struct {
        const char *name, *path;
        bool out_too; /* must differ from OUT, not only from the log */
    } others[] = {
        {"CONTENT", path_of(self->content, "/dev/stdin"), true},
        {"STYLE", path_of(self->style, "/dev/stdin"), true},
        {"the weights", weights_path, true},
        {"--init", path_of(self->init, "/dev/stdin"), false},
        {"OUT", out, false},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].out_too && files_same(out, others[i].path))
            return error_set(err, ERROR_USAGE, "%s: OUT would overwrite %s; name another file",
                             self->out, others[i].name);
        if (log && others[i].path && files_same(log, others[i].path))
            return error_set(err, ERROR_USAGE, "--log: %s would overwrite %s; name another file",
                             log, others[i].name);
    }
    return true;
}

/* ---- writing ---- */

static bool write_stdout(const char *data, size_t size, error *err) {
    errno = 0;
    return (fwrite(data, 1, size, stdout) == size && fflush(stdout) == 0) ||
           error_set_errno(err, errno, "cannot write to standard output");
}

/* A pipe is opened with signals acting: it may never get a reader. */
static bool write_file(const char *out, const char *data, size_t size, error *err) {
    if (output_file_in_place(out))
        return output_file_write(out, data, size, NULL, err);
    signals_hold();
    const bool ok = output_file_write(out, data, size, signals_end_asked, err);
    signals_release();
    return ok;
}

int files_save_memory(const options *self) {
    const int pixel = 4 * (self->write.depth == STYLIZE_DEPTH_16 ? 2 : 1); /* with alpha */
    return 3 * pixel; /* a stream in memory grows by copying itself into twice the room */
}

bool files_save(const stylize_image *picture, const char *path, const options *self, error *err) {
    const picture_file_options how = params_write(&self->write);
    char *data;
    size_t size;
    if (!picture_file_encode(picture, format_of(path), &how,
                             is_stdout(path) ? "standard output" : path, &data, &size, err))
        return false;
    const bool ok =
        is_stdout(path) ? write_stdout(data, size, err) : write_file(path, data, size, err);
    free(data);
    return ok;
}
