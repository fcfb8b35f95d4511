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

#define STDOUT_PATH "/dev/stdout"

static const int depths[] = {8, 16}; /* by options.depth */
static const stylize_format formats[] = {STYLIZE_PNG, STYLIZE_JPEG, STYLIZE_WEBP, STYLIZE_TIFF};

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

const char *files_base(const char *path) {
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
    return !strcmp(files_base(a), files_base(b)) && folder_of(a, folder_a) &&
           folder_of(b, folder_b) && stat(folder_a, &status_a) == 0 &&
           stat(folder_b, &status_b) == 0 && same_inode(&status_a, &status_b);
}

bool files_among(const char *path, char *const *paths, int count) {
    for (int i = 0; i < count; i++) {
        if (files_same(path, paths[i]))
            return true;
    }
    return false;
}

/* The path that a "-" stands for. */
static const char *path_of(const char *name, const char *dash) {
    return name && !strcmp(name, "-") ? dash : name;
}

static bool is_stdout(const char *out) {
    return !strcmp(path_of(out, STDOUT_PATH), STDOUT_PATH);
}

stylize_format files_format(const options *self, const char *path) {
    const stylize_format format = stylize_format_of_path(path);
    if (format != STYLIZE_FORMAT_UNKNOWN)
        return format;
    if (self->format >= 0)
        return formats[self->format];
    return is_stdout(path) || stylize_file_in_place(path) ? STYLIZE_PNG : STYLIZE_FORMAT_UNKNOWN;
}

/* ---- checks ---- */

static bool check_stdout(stylize_error *err) {
    const int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (isatty(STDOUT_FILENO))
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "OUT: a picture is not written to a terminal: redirect standard output");
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return stylize_error_set(err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                                 strerror(EBADF));
    return true;
}

/* stylize_file_check leaves a temporary file for a moment. */
bool files_check_new(const char *path, stylize_error *err) {
    signals_hold();
    const bool ok = stylize_file_check(path, err);
    signals_release();
    return ok;
}

/* What no picture of this depth can be, or this build not write; its size is known later. */
static bool check_format(const options *self, const char *path, stylize_error *err) {
    const stylize_format format = files_format(self, path);
    const char *name = is_stdout(path) ? "standard output" : path;
    stylize_error cause;
    if (stylize_format_check(format, 1, 1, depths[self->depth], name, &cause))
        return true;
    if (cause.status == STYLIZE_USAGE)
        return stylize_error_set(err, STYLIZE_USAGE, "--depth: %s", cause.text);
    *err = cause;
    return false;
}

bool files_check_picture(const char *path, const options *self, stylize_error *err) {
    return check_format(self, path, err) && files_check_new(path, err);
}

bool files_check_size(const options *self, const char *path, int width, int height,
                      stylize_error *err) {
    const stylize_format format = files_format(self, path);
    return format == STYLIZE_FORMAT_UNKNOWN ||
           stylize_format_check(format, width, height, 0, path, err);
}

/* A folder has no extension either, but another remedy. */
static bool check_extension(const options *self, stylize_error *err) {
    const stylize_format named = stylize_format_of_path(self->out);
    const stylize_format format = files_format(self, self->out);
    if (format == STYLIZE_FORMAT_UNKNOWN)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: OUT must end in " STYLIZE_EXTENSIONS
                                 ", or be - for standard output; or give a --format",
                                 self->out);
    if (named != STYLIZE_FORMAT_UNKNOWN && self->format >= 0 && named != formats[self->format])
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--format: the extension of %s asks for another one: leave out "
                                 "--format, or rename it",
                                 self->out);
    return true;
}

static bool check_out(const options *self, stylize_error *err) {
    if (!check_extension(self, err))
        return false;
    if (is_stdout(self->out))
        return check_stdout(err) && check_format(self, self->out, err);
    return files_check_picture(self->out, self, err);
}

static bool check_log(const char *log, stylize_error *err) {
    struct stat status;
    stylize_error cause;
    /* An old log is not replaced but written over: its folder may be read-only. */
    if (stat(log, &status) == 0 && !S_ISDIR(status.st_mode) && access(log, W_OK) == 0)
        return true;
    return files_check_new(log, &cause) ||
           stylize_error_set(err, cause.status, "--log: %s", cause.text);
}

static bool log_overwrites(const char *log, const char *what, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_USAGE, "--log: %s would overwrite %s; name another file",
                             log, what);
}

bool files_check(const options *self, char *const *weights, int count, stylize_error *err) {
    const char *log = self->log && strcmp(self->log, "-") != 0 ? self->log : NULL;
    const char *out = path_of(self->out, STDOUT_PATH);
    if (!check_out(self, err) || (log && !check_log(log, err)))
        return false;
    input_name input;
    for (int i = 0; options_input_at(self, i, &input); i++) {
        const char *path = path_of(input.path, "/dev/stdin");
        /* OUT may be the picture of --init: it is read whole before OUT is replaced. */
        if (strcmp(input.role, "--init") != 0 && files_same(out, path))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: OUT would overwrite %s; name another file", self->out,
                                     input.role);
        if (log && files_same(log, path))
            return log_overwrites(log, input.role, err);
    }
    if (log && files_same(log, out))
        return log_overwrites(log, "OUT", err);
    if (files_among(out, weights, count))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: OUT would overwrite the weights; name another file",
                                 self->out);
    return !log || !files_among(log, weights, count) || log_overwrites(log, "the weights", err);
}

bool files_check_beside(const options *self, const char *what, const char *path,
                        char *const *weights, int count, stylize_error *err) {
    stylize_error cause;
    input_name input;
    const char *taken = NULL;
    if (!files_check_new(path, &cause))
        return stylize_error_set(err, cause.status, "%s: %s", what, cause.text);
    for (int i = 0; !taken && options_input_at(self, i, &input); i++) {
        if (files_same(path, path_of(input.path, "/dev/stdin")))
            taken = input.role;
    }
    if (!taken && self->out && files_same(path, path_of(self->out, STDOUT_PATH)))
        taken = "OUT";
    if (!taken && self->log && files_same(path, path_of(self->log, STDOUT_PATH)))
        taken = "the log";
    if (!taken && files_among(path, weights, count))
        taken = "the weights";
    return !taken ||
           stylize_error_set(err, STYLIZE_USAGE, "%s: %s would overwrite %s; name another file",
                             what, path, taken);
}

/* ---- writing ---- */

static bool write_stdout(const char *data, size_t size, stylize_error *err) {
    errno = 0;
    return (fwrite(data, 1, size, stdout) == size && fflush(stdout) == 0) ||
           stylize_error_set(err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                             strerror(errno));
}

/* A pipe is opened with signals acting: it may never get a reader. */
bool files_write(const char *out, const char *data, size_t size, stylize_error *err) {
    if (stylize_file_in_place(out))
        return stylize_file_write(out, data, size, NULL, err);
    signals_hold();
    const bool ok = stylize_file_write(out, data, size, signals_end_asked, err);
    signals_release();
    return ok;
}

int files_save_memory(const options *self, const char *path) {
    return stylize_format_memory(path ? files_format(self, path) : STYLIZE_PNG,
                                 depths[self->depth]);
}

bool files_save(const stylize_image *picture, const char *path, const options *self,
                stylize_error *err) {
    char *data;
    size_t size;
    if (!stylize_image_encode(picture, files_format(self, path), depths[self->depth], self->quality,
                              is_stdout(path) ? "standard output" : path, &data, &size, err))
        return false;
    const bool ok =
        is_stdout(path) ? write_stdout(data, size, err) : files_write(path, data, size, err);
    free(data);
    return ok;
}

bool files_save_out(stylize_image *picture, const options *self, stylize_error *err) {
    if (self->dpi > 0)
        stylize_image_set_density(picture, self->dpi);
    return files_save(picture, self->out, self, err);
}
