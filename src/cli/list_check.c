/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a list before anything is painted. All files that its pictures read and write
 * are brought together by the places they lie at.
 */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/checkpoint.h"
#include "cli/files.h"
#include "cli/list.h"
#include "cli/networks.h"
#include "cli/snapshots.h"
#include "core/retry.h"

enum { OF_ALL = -1 }; /* an index: of no item but of the command line */

typedef struct used_file {
    char *place; /* by files_whole_path; owned */
    char *name;  /* as it is written in the list; owned */
    const char *role;
    int index; /* of the item, or OF_ALL */
    int order; /* among those of the list */
    bool written;
} used_file;

typedef struct used_files {
    used_file *items;
    int count, room;
    char *weights; /* of the last item whose networks are there; owned */
} used_files;

static void used_files_clear(used_files *self) {
    for (int i = 0; i < self->count; i++) {
        free(self->items[i].place);
        free(self->items[i].name);
    }
    free(self->items);
    free(self->weights);
}

/* ---- what is used ---- */

/* Of these nothing is lost. */
static bool is_device(const char *path) {
    struct stat status;
    return retry_stat(path, &status) == 0 && (S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode));
}

static bool add(used_files *self, const char *role, const char *path, int index, bool written,
                stylize_error *err) {
    if (!path || !strcmp(path, "-") || is_device(path))
        return true;
    if (self->count == self->room) {
        const int more = self->room ? 2 * self->room : 64;
        used_file *items = realloc(self->items, (size_t)more * sizeof *items);
        if (!items)
            return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        self->items = items;
        self->room = more;
    }
    self->items[self->count] = (used_file){.place = files_whole_path(path),
                                           .name = strdup(path),
                                           .role = role,
                                           .index = index,
                                           .order = self->count,
                                           .written = written};
    const used_file *file = &self->items[self->count++];
    return (file->place && file->name) || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

/* The files of the networks, where those of the item before were others. Whether they are there is
 * said when they are loaded. */
static bool add_networks(used_files *self, const options *opts, int index, stylize_error *err) {
    const char *text = stylize_recipe_weights(opts->recipe);
    networks nets;
    stylize_error unused;
    bool ok = true;
    if (self->weights && !strcmp(self->weights, text))
        return true;
    free(self->weights);
    self->weights = strdup(text);
    if (networks_find(&nets, text, NULL, &unused)) {
        for (int i = 0; ok && i < nets.count; i++)
            ok = add(self, "the weights", nets.paths[i], index, false, err);
    }
    networks_clear(&nets);
    return ok;
}

static bool add_checkpoint(used_files *self, const options *opts, int index, stylize_error *err) {
    char *path = NULL;
    double seconds;
    const bool ok =
        !opts->checkpoint || (checkpoints_read(opts->checkpoint, &path, &seconds, err) &&
                              add(self, "--checkpoint", path, index, true, err));
    free(path);
    return ok;
}

static bool add_item(used_files *self, const options *opts, int index, stylize_error *err) {
    input_name file;
    bool ok = true;
    for (int i = 0; ok && options_input_at(opts, i, &file); i++)
        ok = add(self, file.role, file.path, index, false, err);
    for (int i = 0; ok && options_output_at(opts, i, &file); i++) {
        if (strcmp(file.role, "--log") != 0) /* which is one for all */
            ok = add(self, file.role, file.path, index, true, err);
    }
    return ok && add(self, "--plot", opts->plot, index, true, err) &&
           add(self, "--save-pattern", opts->save_pattern, index, true, err) &&
           add_checkpoint(self, opts, index, err) && add_networks(self, opts, index, err);
}

static bool check_names(const options *opts, stylize_error *err) {
    snapshots unused;
    return files_check_name(opts, err) && snapshots_init(&unused, opts, err);
}

static bool check_item(const list *self, int index, used_files *files, stylize_error *err) {
    options opts;
    stylize_error cause;
    bool ok = list_options(self, index, &opts, err);
    if (ok && (!check_names(&opts, &cause) || !add_item(files, &opts, index, &cause)))
        ok = list_fail(self, index, &cause, err);
    options_clear(&opts);
    return ok;
}

/* ---- what would be lost ---- */

static int compare(const void *a, const void *b) {
    const used_file *left = a, *right = b;
    const int order = strcmp(left->place, right->place);
    return order ? order : left->order - right->order;
}

static bool is_out(const used_file *file) {
    return !strcmp(file->role, "OUT");
}

/* Whether something is lost where `file`, which is written, and another one are the same. OUT may
 * be the picture of its own --init, which is read whole before. */
static bool clash(const used_file *file, const used_file *other) {
    if (other->written)
        return other->order < file->order; /* the later one is named */
    return !(is_out(file) && file->index == other->index && !strcmp(other->role, "--init"));
}

static bool refuse_twice(const list *self, const used_file *file, int line, stylize_error *err) {
    stylize_error cause;
    if (line > 0)
        stylize_error_set(&cause, STYLIZE_USAGE, "%s is that of line %d, too: %s", file->role, line,
                          file->place);
    else
        stylize_error_set(&cause, STYLIZE_USAGE,
                          "--out: two pictures would be %s: use {content} and {style}",
                          file->place);
    return list_fail(self, file->index, &cause, err);
}

static bool refuse_clash(const list *self, const used_file *file, const used_file *other,
                         stylize_error *err) {
    const int line = other->index == OF_ALL ? 0 : self->items[other->index].line;
    const int at = file->index == OF_ALL ? other->index : file->index;
    const bool named = is_out(file);
    char of_line[32] = "";
    stylize_error cause;
    if (other->written && !strcmp(file->role, other->role))
        return refuse_twice(self, file, line, err);
    if (line > 0 && at != other->index)
        snprintf(of_line, sizeof of_line, " of line %d", line);
    stylize_error_set(&cause, STYLIZE_USAGE, "%s: %s would overwrite %s%s; name another file",
                      named ? file->name : file->role, named ? file->role : file->name, other->role,
                      of_line);
    if (at != OF_ALL)
        return list_fail(self, at, &cause, err);
    *err = cause;
    return false;
}

/* Checks files [count] of one place. */
static bool check_place(const list *self, const used_file *files, int count, stylize_error *err) {
    for (int i = 0; i < count; i++) {
        for (int k = 0; files[i].written && k < count; k++) {
            if (k != i && clash(&files[i], &files[k]))
                return refuse_clash(self, &files[i], &files[k], err);
        }
    }
    return true;
}

static bool check_places(const list *self, used_files *files, stylize_error *err) {
    bool ok = true;
    if (files->count > 0)
        qsort(files->items, (size_t)files->count, sizeof *files->items, compare);
    for (int i = 0, next; ok && i < files->count; i = next) {
        const used_file *first = &files->items[i];
        for (next = i + 1; next < files->count && !strcmp(first->place, files->items[next].place);)
            next++;
        ok = check_place(self, first, next - i, err);
    }
    return ok;
}

bool list_check(const list *self, stylize_error *err) {
    const options *all = self->options;
    used_files files = {.count = 0};
    bool ok =
        add(&files, "--log", all->log, OF_ALL, true, err) &&
        (all->operand_count == 0 || add(&files, "JOBS", all->operands[0], OF_ALL, false, err));
    for (int i = 0; ok && i < self->count; i++)
        ok = check_item(self, i, &files, err);
    ok = ok && check_places(self, &files, err);
    used_files_clear(&files);
    return ok;
}
