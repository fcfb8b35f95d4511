/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath */
#include "cli/list.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/files.h"

/* ---- items ---- */

bool list_add(list *self, char *const *words, int count, int line, stylize_error *err) {
    size_t bytes = ((size_t)count + 1) * sizeof *words;
    if (self->count == self->room) {
        const int room = self->room ? 2 * self->room : 64;
        list_item *items = realloc(self->items, (size_t)room * sizeof *items);
        if (!items)
            return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        self->items = items;
        self->room = room;
    }
    for (int i = 0; i < count; i++)
        bytes += strlen(words[i]) + 1;
    char **block = malloc(bytes);
    if (!block)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    char *text = (char *)(block + count + 1);
    for (int i = 0; i < count; i++) {
        block[i] = strcpy(text, words[i]);
        text += strlen(text) + 1;
    }
    block[count] = NULL;
    self->items[self->count++] = (list_item){.words = block, .count = count, .line = line};
    return true;
}

void list_clear(list *self) {
    for (int i = 0; i < self->count; i++)
        free(self->items[i].words);
    free(self->items);
    free(self->common);
    *self = (list){0};
}

void list_place(const list *self, int index, char *text, size_t size) {
    const list_item *item = &self->items[index];
    *text = '\0';
    if (item->line > 0)
        snprintf(text, size, "%.200s:%d: ", self->name, item->line);
}

/* Puts the place before the cause. */
static bool fail_at(const list *self, int index, const stylize_error *cause, stylize_error *err) {
    char place[240];
    list_place(self, index, place, sizeof place);
    return stylize_error_set(err, cause->status, "%s%s", place, cause->text);
}

/* ---- options of an item ---- */

static bool refuse(const options *opts, const options *all, stylize_error *err) {
    const struct {
        bool given;
        const char *name;
    } others[] = {
        {opts->help, "help"},
        {opts->version, "version"},
        {opts->list_weights, "list-weights"},
        {opts->plan, "plan"},
        {opts->save_recipe != NULL, "save-recipe"},
        {opts->print != PRINT_NOTHING, "print"},
        {opts->sweeps.count > 0, "sweep"},
        {opts->compared.count > 0, "compare"},
        {opts->log && (!all->log || strcmp(opts->log, all->log) != 0), "log"},
    };
    if (opts->command)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "'%s' is a command: a line is of one picture; ./%s is a file",
                                 opts->command->name, opts->command->name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].given)
            return stylize_error_set(err, STYLIZE_USAGE, "--%s is not for one of a list",
                                     others[i].name);
    }
    input_name input;
    for (int i = 0; options_input_at(opts, i, &input); i++) {
        if (!strcmp(input.path, "-"))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "-: %s of a list is not read from standard input", input.role);
    }
    return strcmp(opts->out, "-") != 0 ||
           stylize_error_set(err, STYLIZE_USAGE,
                             "-: pictures of a list are not written to standard output");
}

static bool parse(const list *self, const list_item *item, options *opts, stylize_error *err) {
    static char program[] = "stylize";
    const int count = 1 + self->common_count + item->count;
    char **words = calloc((size_t)count + 1, sizeof *words);
    bool ok = options_init(opts, err);
    if (!words)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    opts->defaults_file = self->options->defaults_file;
    words[0] = program;
    memcpy(words + 1, self->common, (size_t)self->common_count * sizeof *words);
    memcpy(words + 1 + self->common_count, item->words, (size_t)item->count * sizeof *words);
    ok = ok && options_parse(opts, count, words, err) &&
         (!options_have_files(opts) || options_parse_over_files(opts, count, words, err)) &&
         refuse(opts, self->options, err);
    free(words);
    opts->argv = NULL;
    opts->argc = 0;
    return ok;
}

bool list_options(const list *self, int index, options *opts, stylize_error *err) {
    stylize_error cause;
    if (!parse(self, &self->items[index], opts, &cause))
        return fail_at(self, index, &cause, err);
    opts->quiet = true;
    opts->progress = opts->verbose = false;
    return true;
}

/* ---- checks ---- */

/* Where OUT comes to lie, and which item's it is. */
typedef struct out_place {
    char *path;
    int index;
} out_place;

static int compare(const void *a, const void *b) {
    const out_place *left = a, *right = b;
    const int order = strcmp(left->path, right->path);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* The path without links and dots, as far as its folder is there; the caller frees it. */
static char *whole_path(const char *path) {
    const char *base = files_base(path);
    const size_t length = (size_t)(base - path);
    char folder[PATH_MAX], *found = NULL;
    if (length < sizeof folder) {
        memcpy(folder, length ? path : ".", length ? length : 1);
        folder[length ? length : 1] = '\0';
        found = realpath(folder, NULL);
    }
    const size_t size = (found ? strlen(found) + 1 : length) + strlen(base) + 1;
    char *whole = malloc(size);
    if (whole)
        snprintf(whole, size, "%s%s%s", found ? found : "", found ? "/" : "", found ? base : path);
    free(found);
    return whole;
}

/* The log is opened before anything is painted. */
static bool check_log(const options *opts, stylize_error *err) {
    input_name input;
    if (!opts->log || !strcmp(opts->log, "-"))
        return true;
    for (int i = 0; options_input_at(opts, i, &input); i++) {
        if (files_same(opts->log, input.path))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--log: %s would overwrite %s; name another file", opts->log,
                                     input.role);
    }
    return !files_same(opts->log, opts->out) ||
           stylize_error_set(err, STYLIZE_USAGE, "--log: %s would overwrite OUT; name another file",
                             opts->log);
}

static bool check_item(const list *self, int index, out_place *place, stylize_error *err) {
    options opts;
    stylize_error cause;
    bool ok = list_options(self, index, &opts, err);
    if (ok && !check_log(&opts, &cause))
        ok = fail_at(self, index, &cause, err);
    if (ok) {
        *place = (out_place){whole_path(opts.out), index};
        ok = place->path || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    }
    options_clear(&opts);
    return ok;
}

static bool check_twice(const list *self, out_place *places, stylize_error *err) {
    qsort(places, (size_t)self->count, sizeof *places, compare);
    for (int i = 1; i < self->count; i++) {
        stylize_error cause;
        const int first = self->items[places[i - 1].index].line;
        if (strcmp(places[i - 1].path, places[i].path) != 0)
            continue;
        if (first > 0)
            stylize_error_set(&cause, STYLIZE_USAGE, "OUT is that of line %d, too: %s", first,
                              places[i].path);
        else
            stylize_error_set(&cause, STYLIZE_USAGE,
                              "--out: two pictures would be %s: use {content} and {style}",
                              places[i].path);
        return fail_at(self, places[i].index, &cause, err);
    }
    return true;
}

bool list_check(const list *self, stylize_error *err) {
    out_place *places = calloc((size_t)self->count, sizeof *places);
    bool ok = places || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (int i = 0; ok && i < self->count; i++)
        ok = check_item(self, i, &places[i], err);
    ok = ok && check_twice(self, places, err);
    for (int i = 0; places && i < self->count; i++)
        free(places[i].path);
    free(places);
    return ok;
}
