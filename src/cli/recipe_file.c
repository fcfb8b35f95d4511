/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli/recipe_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/options_json.h"
#include "cli/record_read.h"
#include "core/retry.h"

enum { MOST_BYTES = 1 << 20 }; /* a recipe has some thousand */

/* ---- the user's defaults ---- */

bool recipe_file_find_defaults(char **path, stylize_error *err) {
    static const char name[] = "stylize/defaults.json";
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME"), *between = "";
    struct stat status;
    *path = NULL;
    if (!config || config[0] != '/') { /* the XDG specification has relative ones ignored */
        config = home;
        between = ".config/";
    }
    if (!config || config[0] != '/')
        return true;
    const size_t size = strlen(config) + strlen(between) + sizeof name + 1;
    *path = malloc(size);
    if (!*path)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    snprintf(*path, size, "%s/%s%s", config, between, name);
    if (retry_stat(*path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        free(*path);
        *path = NULL;
    }
    return true;
}

/* ---- reading ---- */

/* The first bytes of a stream, up to MOST_BYTES + 1, in memory that the caller frees; NULL with
 * errno set when they cannot be read. */
static char *read_all(FILE *file, size_t *length) {
    char *text = malloc(MOST_BYTES + 1);
    if (!text)
        return NULL;
    errno = 0;
    *length = retry_fread(text, 1, MOST_BYTES + 1, file);
    if (!ferror(file))
        return text;
    const int number = errno ? errno : EIO;
    free(text);
    errno = number;
    return NULL;
}

/* False with *err, which names the file. */
static bool read_stream(options *self, FILE *file, const char *name, stylize_error *err) {
    stylize_error cause;
    size_t length = 0;
    char *text = file ? read_all(file, &length) : NULL;
    bool ok = text != NULL;
    if (!ok)
        stylize_error_set(err, STYLIZE_FAILURE, "cannot read %s: %s", name, strerror(errno));
    else if (length > MOST_BYTES)
        ok = stylize_error_set(err, STYLIZE_FAILURE,
                               "%s has over %d bytes, which is too large for a recipe", name,
                               MOST_BYTES);
    else if (!options_read_json(self, text, length, &cause))
        ok = stylize_error_set(err, cause.status, "%s: %s", name, cause.text);
    free(text);
    return ok;
}

/* The settings of a picture that was painted. */
static bool read_picture(options *self, const char *path, stylize_error *err) {
    record_content record;
    stylize_error cause;
    bool ok = record_read(&record, path, err);
    if (ok && !record_apply(&record, self, &cause))
        ok = stylize_error_set(err, cause.status, "%s: %s", path, cause.text);
    record_content_clear(&record);
    return ok;
}

static bool read_file(options *self, const char *path, stylize_error *err) {
    if (stylize_format_of_path(path) != STYLIZE_FORMAT_UNKNOWN)
        return read_picture(self, path, err);
    FILE *file = retry_fopen(path, "rb");
    const bool ok = read_stream(self, file, path, err);
    if (file)
        fclose(file);
    return ok;
}

bool recipe_file_read(options *self, const options *from, stylize_error *err) {
    const char *defaults = from->no_defaults ? NULL : from->defaults_file;
    const char *recipe = from->recipe_file;
    stylize_error cause;
    if (defaults && !read_file(self, defaults, &cause))
        return stylize_error_set(err, cause.status, "%s (--no-defaults leaves the file out)",
                                 cause.text);
    const bool ok =
        !recipe || (strcmp(recipe, "-") ? read_file(self, recipe, &cause)
                                        : read_stream(self, stdin, "standard input", &cause));
    return ok || stylize_error_set(err, cause.status, "--recipe: %s", cause.text);
}

/* ---- writing ---- */

bool recipe_file_write(const options *self, stylize_error *err) {
    stylize_error cause;
    if (!self->save_recipe)
        return true;
    char *text = options_write_json(self, true, &cause);
    const bool ok = text && files_write(self->save_recipe, text, strlen(text), &cause);
    free(text);
    return ok || stylize_error_set(err, cause.status, "--save-recipe: %s", cause.text);
}
