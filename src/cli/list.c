/* SPDX-License-Identifier: MIT */
#include "cli/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

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

bool list_fail(const list *self, int index, const stylize_error *cause, stylize_error *err) {
    char place[240];
    list_place(self, index, place, sizeof place);
    return stylize_error_set(err, cause->status, "%s%s", place, cause->text);
}

/* ---- options of an item ---- */

const char *list_refused(const options *opts) {
    const struct {
        bool given;
        const char *name;
    } others[] = {
        {opts->help, "help"},
        {opts->version, "version"},
        {opts->list_weights, "list-weights"},
        {opts->plan, "plan"},
        {opts->json, "json"},
        {opts->save_recipe != NULL, "save-recipe"},
        {opts->print != PRINT_NOTHING, "print"},
        {opts->sweeps.count > 0, "sweep"},
        {opts->compared.count > 0, "compare"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].given)
            return others[i].name;
    }
    return NULL;
}

static bool refuse(const options *opts, const options *all, stylize_error *err) {
    const char *name = list_refused(opts);
    if (!name && opts->log && (!all->log || strcmp(opts->log, all->log) != 0))
        name = "log";
    if (opts->command)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "'%s' is a command: a line is of one picture; ./%s is a file",
                                 opts->command->name, opts->command->name);
    if (name)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s is not for one of a list", name);
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

/* Puts OUT into --checkpoint. */
static bool name_checkpoint(options *opts, stylize_error *err) {
    const char *at = opts->checkpoint ? strstr(opts->checkpoint, LIST_OUT) : NULL;
    if (!at)
        return true;
    const size_t size = strlen(opts->checkpoint) + strlen(opts->out) + 1;
    char *name = malloc(size);
    if (!name)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    snprintf(name, size, "%.*s%s%s", (int)(at - opts->checkpoint), opts->checkpoint, opts->out,
             at + strlen(LIST_OUT));
    opts->checkpoint = options_keep_text(opts, name, err);
    free(name);
    return opts->checkpoint != NULL;
}

bool list_options(const list *self, int index, options *opts, stylize_error *err) {
    stylize_error cause;
    if (!parse(self, &self->items[index], opts, &cause) || !name_checkpoint(opts, &cause))
        return list_fail(self, index, &cause, err);
    opts->quiet = true;
    opts->progress = opts->verbose = false;
    return true;
}
