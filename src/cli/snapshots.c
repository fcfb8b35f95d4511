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

enum { OUT_DIGITS = 4, MOST_DIGITS = 9 };

/* ---- names ---- */

static bool bad_pattern(const char *pattern, const char *what, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_USAGE, "--save-pattern: %s: %s", pattern, what);
}

static bool read_pattern(snapshots *self, stylize_error *err) {
    const char *percent = strchr(files_base(self->name), '%');
    const char *end = percent ? percent + 1 : NULL;
    self->single = !percent;
    if (!percent && strchr(self->name, '%'))
        return bad_pattern(self->name, "the %d must stand in the file's name, not in a folder's",
                           err);
    if (self->single) {
        self->head = (int)strlen(self->name);
        self->tail = self->name + self->head;
        return stylize_format_of_path(self->name) != STYLIZE_FORMAT_UNKNOWN ||
               bad_pattern(self->name, "it must end in " STYLIZE_EXTENSIONS, err);
    }
    if (strchr(self->name, '%') != percent)
        return bad_pattern(self->name, "the % may stand in the file's name alone", err);
    if (end[0] == '0' && end[1] >= '1' && end[1] <= '0' + MOST_DIGITS) {
        self->digits = end[1] - '0';
        end += 2;
    }
    if (*end != 'd' || strchr(end, '%'))
        return bad_pattern(self->name,
                           "it may contain one %d (or %04d and the like), and no other %", err);
    self->head = (int)(percent - self->name);
    self->tail = end + 1;
    if (stylize_format_of_path(self->tail) == STYLIZE_FORMAT_UNKNOWN)
        return bad_pattern(self->name, "it must end in " STYLIZE_EXTENSIONS, err);
    return true;
}

static bool read_out(snapshots *self, stylize_error *err) {
    const char *dot = strrchr(files_base(self->name), '.');
    if (stylize_format_of_path(self->name) == STYLIZE_FORMAT_UNKNOWN)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--save-every: no names can be made from that of OUT: give a "
                                 "--save-pattern such as picture-%%04d.png");
    self->digits = OUT_DIGITS;
    self->head = (int)(dot - self->name);
    self->dash = true;
    self->tail = dot;
    return true;
}

bool snapshots_wanted(const options *opts) {
    return opts->save_every && (!opts->animation || opts->save_pattern);
}

bool snapshots_init(snapshots *self, const options *opts, stylize_error *err) {
    *self = (snapshots){.options = opts};
    if (opts->save_pattern && !opts->save_every)
        return stylize_error_set(err, STYLIZE_USAGE, "--save-pattern: it needs --save-every COUNT");
    if (!snapshots_wanted(opts))
        return true;
    self->every = opts->save_every;
    self->name = opts->save_pattern ? opts->save_pattern : opts->out;
    return opts->save_pattern ? read_pattern(self, err) : read_out(self, err);
}

/* False when the name is too long. */
static bool make_name(const snapshots *self, int iteration, char name[PATH_MAX]) {
    const int length = self->single
                           ? snprintf(name, PATH_MAX, "%s", self->name)
                           : snprintf(name, PATH_MAX, "%.*s%s%0*d%s", self->head, self->name,
                                      self->dash ? "-" : "", self->digits, iteration, self->tail);
    return length > 0 && length < PATH_MAX;
}

/* The iteration whose picture would have this name in the folder of the pattern, or 0. */
static int iteration_of(const snapshots *self, const char *base) {
    char name[PATH_MAX];
    const char *own = files_base(self->name);
    if (self->single)
        return strcmp(base, own) ? 0 : self->every;
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
    return strcmp(files_base(name), base) ? 0 : (int)number;
}

/* ---- checks ---- */

/* The files of the run: those of the options, and the weights. */
typedef struct others {
    const options *options;
    char *const *weights;
    int weights_count;
} others;

/* A file of the options and its name; false past the last. --init is read whole before the first
 * picture is written. */
static bool other_at(const options *opts, int index, input_name *other) {
    int written = 0;
    while (written < index && options_output_at(opts, written, other))
        written++;
    return options_output_at(opts, index, other) || options_input_at(opts, index - written, other);
}

static bool may_be_lost(const input_name *other) {
    return strcmp(other->role, "--init") != 0;
}

/* Whether the picture of this iteration would take the place of another file. */
static bool check_name(const snapshots *self, int iteration, const others *files,
                       stylize_error *err) {
    char name[PATH_MAX];
    const char *lost = NULL;
    if (!make_name(self, iteration, name))
        return true; /* said where the first is checked */
    input_name other;
    for (int i = 0; !lost && other_at(files->options, i, &other); i++) {
        if (may_be_lost(&other) && files_same(name, other.path))
            lost = other.role;
    }
    if (!lost && files_among(name, files->weights, files->weights_count))
        lost = "the weights";
    return !lost ||
           stylize_error_set(err, STYLIZE_USAGE,
                             "--save-every: %s would overwrite %s: give another --save-pattern",
                             name, lost);
}

/* Looks at the files that are there already under names of the pattern: one may be a link. */
static bool check_folder(const snapshots *self, const others *files, stylize_error *err) {
    char folder[PATH_MAX];
    const int length = (int)(files_base(self->name) - self->name);
    bool ok = true;
    snprintf(folder, sizeof folder, "%.*s", length ? length : 1, length ? self->name : ".");
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (ok && directory && (entry = readdir(directory))) {
        const int iteration = iteration_of(self, entry->d_name);
        ok = !iteration || check_name(self, iteration, files, err);
    }
    if (directory)
        closedir(directory);
    return ok;
}

/* That no picture would take the place of a file of the run, which need not be there yet. */
static bool check_file(const snapshots *self, const char *path, const others *files,
                       stylize_error *err) {
    const int iteration = path ? iteration_of(self, files_base(path)) : 0;
    return !iteration || check_name(self, iteration, files, err);
}

bool snapshots_check(snapshots *self, int iterations, char *const *weights, int count,
                     stylize_error *err) {
    const options *opts = self->options;
    const others files = {.options = opts, .weights = weights, .weights_count = count};
    input_name other;
    char name[PATH_MAX];
    self->last = iterations;
    if (!self->every || self->last < self->every)
        return true;
    if (!make_name(self, self->last / self->every * self->every, name))
        return stylize_error_set(err, STYLIZE_FAILURE, "--save-every: the names would be too long");
    bool ok = files_check_picture(name, opts, err);
    for (int i = 0; ok && other_at(opts, i, &other); i++)
        ok = !may_be_lost(&other) || check_file(self, other.path, &files, err);
    for (int i = 0; ok && i < count; i++)
        ok = check_file(self, weights[i], &files, err);
    return ok && check_folder(self, &files, err);
}

/* ---- saving ---- */

int snapshots_observe(void *user, stylize_session *session, const stylize_event *event) {
    snapshots *self = user;
    char name[PATH_MAX];
    if (event->kind != STYLIZE_EVENT_ITERATION || event->stage_iteration == 0 || !self->every ||
        event->iteration % self->every != 0 || !make_name(self, event->iteration, name))
        return 0;
    return !files_save(stylize_session_picture(session), name, self->options, &self->error);
}
