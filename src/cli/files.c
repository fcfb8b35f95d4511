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

static stylize_format format_of(const char *out) {
    const stylize_format format = stylize_format_of_path(out);
    const bool unnamed = format == STYLIZE_FORMAT_UNKNOWN;
    return unnamed && (is_stdout(out) || stylize_file_in_place(out)) ? STYLIZE_PNG : format;
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

bool files_check_picture(const char *path, const options *self, stylize_error *err) {
    if (format_of(path) == STYLIZE_JPEG && depths[self->depth] > 8)
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "--depth: %s would be a JPEG file, which has 8 bits; name a .png for 16", path);
    return files_check_new(path, err);
}

static bool check_out(const options *self, stylize_error *err) {
    const char *out = self->out;
    if (is_stdout(out))
        return check_stdout(err);
    /* A folder has no extension either, but another remedy. */
    if (format_of(out) == STYLIZE_FORMAT_UNKNOWN)
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "%s: OUT must end in .png, .jpg or .jpeg, or be - for standard output", out);
    return files_check_picture(out, self, err);
}

static bool is_out(const input_name *output) {
    return !strcmp(output->role, "OUT");
}

/* Whether an output is no file: the log may go to standard output, like OUT, which is checked. */
static bool is_printed(const input_name *output) {
    return !is_out(output) && !strcmp(output->path, "-");
}

/* An old log is not replaced but written over: its folder may be read-only. */
static bool can_write_over(const input_name *output) {
    struct stat status;
    return !strcmp(output->role, "--log") && stat(output->path, &status) == 0 &&
           !S_ISDIR(status.st_mode) && access(output->path, W_OK) == 0;
}

static bool check_output(const options *self, const input_name *output, stylize_error *err) {
    stylize_error cause;
    if (is_out(output))
        return check_out(self, err);
    return is_printed(output) || can_write_over(output) || files_check_new(output->path, &cause) ||
           stylize_error_set(err, cause.status, "%s: %s", output->role, cause.text);
}

/* What is lost where an output is written; NULL for nothing. OUT may be the picture of --init: it
 * is read whole before OUT is replaced. */
static const char *what_is_lost(const options *self, int index, const input_name *output,
                                char *const *weights, int count) {
    const char *path = path_of(output->path, STDOUT_PATH);
    input_name other;
    for (int i = 0; options_input_at(self, i, &other); i++) {
        if (files_same(path, path_of(other.path, "/dev/stdin")) &&
            !(is_out(output) && !strcmp(other.role, "--init")))
            return other.role;
    }
    for (int i = 0; i < index && options_output_at(self, i, &other); i++) {
        if (!is_printed(&other) && files_same(path, path_of(other.path, STDOUT_PATH)))
            return other.role;
    }
    return files_among(path, weights, count) ? "the weights" : NULL;
}

bool files_check(const options *self, char *const *weights, int count, stylize_error *err) {
    input_name output;
    for (int i = 0; options_output_at(self, i, &output); i++) {
        if (!check_output(self, &output, err))
            return false;
    }
    for (int i = 0; options_output_at(self, i, &output); i++) {
        const char *lost =
            is_printed(&output) ? NULL : what_is_lost(self, i, &output, weights, count);
        const bool out = is_out(&output);
        if (lost)
            return stylize_error_set(
                err, STYLIZE_USAGE, "%s: %s would overwrite %s; name another file",
                out ? output.path : output.role, out ? output.role : output.path, lost);
    }
    return true;
}

bool files_check_beside(const options *self, const char *what, const char *path,
                        char *const *weights, int count, stylize_error *err) {
    const input_name output = {what, path};
    stylize_error cause;
    if (!files_check_new(path, &cause))
        return stylize_error_set(err, cause.status, "%s: %s", what, cause.text);
    const char *lost = what_is_lost(self, INT_MAX, &output, weights, count);
    return !lost ||
           stylize_error_set(err, STYLIZE_USAGE, "%s: %s would overwrite %s; name another file",
                             what, path, lost);
}

/* ---- writing ---- */

static bool write_stdout(const char *data, size_t size, stylize_error *err) {
    errno = 0;
    return (fwrite(data, 1, size, stdout) == size && fflush(stdout) == 0) ||
           stylize_error_set(err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                             strerror(errno));
}

/* A pipe is opened with signals acting: it may never get a reader. */
bool files_write(const char *path, const char *data, size_t size, stylize_error *err) {
    if (stylize_file_in_place(path))
        return stylize_file_write(path, data, size, NULL, err);
    signals_hold();
    const bool ok = stylize_file_write(path, data, size, signals_end_asked, err);
    signals_release();
    return ok;
}

int files_save_memory(const options *self) {
    const int pixel = 4 * depths[self->depth] / 8; /* with alpha */
    return 3 * pixel; /* a stream in memory grows by copying itself into twice the room */
}

bool files_save(const stylize_image *picture, const char *path, const options *self,
                stylize_error *err) {
    char *data;
    size_t size;
    if (!stylize_image_encode(picture, format_of(path), depths[self->depth], self->quality,
                              is_stdout(path) ? "standard output" : path, &data, &size, err))
        return false;
    const bool ok =
        is_stdout(path) ? write_stdout(data, size, err) : files_write(path, data, size, err);
    free(data);
    return ok;
}
