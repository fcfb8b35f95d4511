/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* PATH_MAX */
#include "cli/snapshots.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "image/format.h"

enum { OUT_DIGITS = 4, MOST_DIGITS = 9 };

/* ---- names ---- */

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool bad_pattern(const char *pattern, const char *what, error *err) {
    return error_set(err, ERROR_USAGE, "--save-pattern: %s: %s", pattern, what);
}

static bool read_pattern(snapshots *self, error *err) {
    const char *percent = strchr(self->name, '%'), *end = percent ? percent + 1 : NULL;
    if (!percent || percent < base_of(self->name))
        return bad_pattern(self->name, "the name of the file needs a %d for the iteration", err);
    if (end[0] == '0' && end[1] >= '1' && end[1] <= '0' + MOST_DIGITS) {
        self->digits = end[1] - '0';
        end += 2;
    }
    if (*end != 'd' || strchr(end, '%'))
        return bad_pattern(self->name,
                           "only one %d, or such as %04d, may stand in it, and no other %", err);
    self->head = (int)(percent - self->name);
    self->tail = end + 1;
    if (image_format_of_path(self->tail) == IMAGE_UNKNOWN)
        return bad_pattern(self->name, "it must end in .png, .jpg or .jpeg", err);
    return true;
}

static bool read_out(snapshots *self, error *err) {
    const char *dot = strrchr(base_of(self->name), '.');
    if (image_format_of_path(self->name) == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "--save-every: the name of OUT does for no other pictures: give a "
                         "--save-pattern such as picture-%%04d.png");
    self->digits = OUT_DIGITS;
    self->head = (int)(dot - self->name);
    self->dash = true;
    self->tail = dot;
    return true;
}

bool snapshots_init(snapshots *self, const options *opts, error *err) {
    *self = (snapshots){.every = opts->save_every, .last = opts->params.iterations};
    if (!self->every)
        return !opts->save_pattern ||
               error_set(err, ERROR_USAGE, "--save-pattern: say how often with --save-every");
    self->name = opts->save_pattern ? opts->save_pattern : opts->out;
    return opts->save_pattern ? read_pattern(self, err) : read_out(self, err);
}

/* False when the name is too long. */
static bool make_name(const snapshots *self, int iteration, char name[PATH_MAX]) {
    const int length = snprintf(name, PATH_MAX, "%.*s%s%0*d%s", self->head, self->name,
                                self->dash ? "-" : "", self->digits, iteration, self->tail);
    return length > 0 && length < PATH_MAX;
}

/* The iteration whose picture would have this name in the folder of the pattern, or 0. */
static int iteration_of(const snapshots *self, const char *base) {
    char name[PATH_MAX];
    const char *own = base_of(self->name);
    const size_t head = (size_t)(self->name + self->head - own);
    if (strncmp(base, own, head) != 0)
        return 0;
    const char *digits = base + head;
    if (self->dash && *digits++ != '-')
        return 0;
    if (!isdigit((unsigned char)*digits))
        return 0;
    const long number = strtol(digits, NULL, 10);
    if (number < 1 || number > self->last || number % self->every != 0 ||
        !make_name(self, (int)number, name))
        return 0;
    return strcmp(base_of(name), base) ? 0 : (int)number;
}

/* ---- checks ---- */

typedef struct other {
    const char *name, *path; /* path NULL: there is none */
} other;

enum { OTHERS = 5 };

/* Whether the picture of this iteration would take the place of another file. */
static bool check_name(const snapshots *self, int iteration, const other others[OTHERS],
                       error *err) {
    char name[PATH_MAX];
    if (!make_name(self, iteration, name))
        return true; /* said where the first is checked */
    for (int i = 0; i < OTHERS; i++) {
        if (others[i].path && files_same(name, others[i].path))
            return error_set(err, ERROR_USAGE,
                             "--save-every: %s would overwrite %s: give another --save-pattern",
                             name, others[i].name);
    }
    return true;
}

/* Looks at the files that are there already under names of the pattern: one may be a link. */
static bool check_folder(const snapshots *self, const other others[OTHERS], error *err) {
    char folder[PATH_MAX];
    const int length = (int)(base_of(self->name) - self->name);
    bool ok = true;
    snprintf(folder, sizeof folder, "%.*s", length ? length : 1, length ? self->name : ".");
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (ok && directory && (entry = readdir(directory))) {
        const int iteration = iteration_of(self, entry->d_name);
        ok = !iteration || check_name(self, iteration, others, err);
    }
    if (directory)
        closedir(directory);
    return ok;
}

bool snapshots_check(const snapshots *self, const options *opts, const char *weights_path,
                     error *err) {
    /* --init is read whole before the first of them is written. */
    const other others[OTHERS] = {
        {"CONTENT", opts->content}, {"STYLE", opts->style}, {"the weights", weights_path},
        {"OUT", opts->out},         {"the log", opts->log},
    };
    char name[PATH_MAX];
    if (!self->every || self->last < self->every)
        return true;
    if (!make_name(self, self->last / self->every * self->every, name))
        return error_set(err, ERROR_FAILURE, "--save-every: the names would be too long");
    if (!files_check_picture(name, opts, err))
        return false;
    /* What is not there yet, as OUT may be, has a name all the same. */
    for (int i = 0; i < OTHERS; i++) {
        const int iteration = others[i].path ? iteration_of(self, base_of(others[i].path)) : 0;
        if (iteration && !check_name(self, iteration, others, err))
            return false;
    }
    return check_folder(self, others, err);
}

/* ---- saving ---- */

bool snapshots_take(const snapshots *self, const stylize_iteration *now, const options *opts,
                    error *err) {
    char name[PATH_MAX];
    if (!self->every || now->iteration == 0 || now->iteration % self->every != 0)
        return true;
    return make_name(self, now->iteration, name) && files_save(now->picture, name, opts, err);
}
