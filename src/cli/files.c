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

#include "cli/places.h"
#include "cli/signals.h"
#include "core/retry.h"

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

/* Appends the names of `rest` to a whole path, for which there is room. */
static void append_names(char *whole, const char *rest) {
    while (*(rest += strspn(rest, "/"))) {
        const size_t length = strcspn(rest, "/"), end = strlen(whole);
        char *slash = strrchr(whole, '/');
        if (length == 2 && !memcmp(rest, "..", 2)) {
            if (slash)
                *slash = '\0';
        } else if (length != 1 || *rest != '.') {
            whole[end] = '/';
            memcpy(whole + end + 1, rest, length);
            whole[end + 1 + length] = '\0';
        }
        rest += length;
    }
}

char *files_whole_path(const char *path) {
    size_t there = strlen(path);
    char *head = malloc(there + 1), *found = NULL, *whole = NULL;
    if (!head)
        return NULL;
    memcpy(head, path, there + 1);
    while (there > 0 && !(found = realpath(head, NULL))) {
        while (there > 0 && head[there - 1] == '/')
            there--;
        while (there > 0 && head[there - 1] != '/')
            there--;
        head[there] = '\0';
    }
    if (!found)
        found = realpath(".", NULL);
    const size_t length = found ? strlen(found) : 0, size = length + strlen(path + there) + 2;
    whole = malloc(size);
    if (whole) {
        memcpy(whole, found ? found : "", length + 1);
        if (!strcmp(whole, "/"))
            *whole = '\0';
        append_names(whole, path + there);
        if (!*whole)
            memcpy(whole, "/", 2);
    }
    free(found);
    free(head);
    return whole;
}

static bool same_inode(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool files_same(const char *a, const char *b) {
    struct stat status_a, status_b;
    const bool exists_a = retry_stat(a, &status_a) == 0, exists_b = retry_stat(b, &status_b) == 0;
    if (exists_a && exists_b)
        return same_inode(&status_a, &status_b) && !S_ISCHR(status_a.st_mode) &&
               !S_ISSOCK(status_a.st_mode);
    if (exists_a || exists_b)
        return false;
    char folder_a[PATH_MAX], folder_b[PATH_MAX];
    return !strcmp(files_base(a), files_base(b)) && folder_of(a, folder_a) &&
           folder_of(b, folder_b) && retry_stat(folder_a, &status_a) == 0 &&
           retry_stat(folder_b, &status_b) == 0 && same_inode(&status_a, &status_b);
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

/* The check leaves a temporary file for a moment. */
bool files_check_new(const char *path, stylize_error *err) {
    signals_hold();
    const bool ok = places_keep(path, true, err);
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

bool files_check_name(const options *self, stylize_error *err) {
    return check_extension(self, err) && check_format(self, self->out, err);
}

static bool check_out(const options *self, stylize_error *err) {
    return files_check_name(self, err) &&
           (is_stdout(self->out) ? check_stdout(err) : files_check_new(self->out, err));
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
    return !strcmp(output->role, "--log") && retry_stat(output->path, &status) == 0 &&
           !S_ISDIR(status.st_mode) && access(output->path, W_OK) == 0;
}

static bool check_output(const options *self, const input_name *output, stylize_error *err) {
    stylize_error cause;
    if (is_out(output))
        return check_out(self, err);
    if (is_printed(output))
        return true;
    return (can_write_over(output) ? places_keep(output->path, false, &cause)
                                   : files_check_new(output->path, &cause)) ||
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
        if (strcmp(other.role, output->role) != 0 && !is_printed(&other) &&
            files_same(path, path_of(other.path, STDOUT_PATH)))
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
    signals_await_reader(true);
    const bool ok = fwrite(data, 1, size, stdout) == size && fflush(stdout) == 0;
    const int number = errno;
    signals_await_reader(false);
    return ok || stylize_error_set(err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                                   strerror(number));
}

bool files_write(const char *path, const char *data, size_t size, stylize_error *err) {
    const bool in_place = places_is_special(path);
    if (in_place)
        signals_await_reader(true);
    else
        signals_hold();
    const bool ok = places_write(path, data, size, in_place ? NULL : signals_end_asked, err);
    if (in_place)
        signals_await_reader(false);
    else
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
