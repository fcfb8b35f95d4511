/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* getcwd, strdup */
#include "cli/checkpoint.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/digest.h"
#include "cli/files.h"

#define STANDARD_SECONDS 60
#define MOST_SECONDS 1e9
#define VALUE_BYTES 8192 /* of an option: any path */

/* ---- FILE[,SECONDS] ---- */

bool checkpoints_read(const char *text, char **path, double *seconds, stylize_error *err) {
    *path = strdup(text);
    *seconds = STANDARD_SECONDS;
    if (!*path)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    char *comma = strrchr(*path, ','), *end;
    /* what follows a comma and does not begin as a number does belongs to the name */
    if (!comma || !comma[1] || !strchr("0123456789.+-", comma[1]))
        return true;
    *seconds = strtod(comma + 1, &end);
    if (*end || !(*seconds >= 0 && *seconds <= MOST_SECONDS))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--checkpoint: '%s' is no number of seconds, 0 to 1e9", comma + 1);
    *comma = '\0';
    return **path ||
           stylize_error_set(err, STYLIZE_USAGE, "--checkpoint: the name of the file is missing");
}

static bool check_name(const checkpoints *self, char *const *weights, int count,
                       stylize_error *err) {
    input_name input;
    for (int i = 0; options_input_at(self->options, i, &input); i++) {
        if (strcmp(input.role, "--recipe") != 0 && !strcmp(input.path, "-"))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--checkpoint: %s comes from standard input, which cannot be "
                                     "read again: name a file",
                                     input.role);
    }
    if (stylize_file_in_place(self->path))
        return stylize_error_set(err, STYLIZE_USAGE, "--checkpoint: %s is no file", self->path);
    return files_check_beside(self->options, "--checkpoint", self->path, weights, count, err);
}

bool checkpoints_init(checkpoints *self, const options *opts, char *const *weights, int count,
                      stylize_error *err) {
    *self = (checkpoints){.options = opts};
    if (!opts->checkpoint)
        return true;
    return checkpoints_read(opts->checkpoint, &self->path, &self->every, err) &&
           check_name(self, weights, count, err);
}

void checkpoints_clear(checkpoints *self) {
    free(self->path);
    checkpoint_lines_clear(&self->lines);
    *self = (checkpoints){0};
}

/* ---- what the run was asked for ---- */

bool checkpoints_keep(const option *entry) {
    /* What is asked of one call; and what would begin again, over what is there. */
    static const char *const others[] = {
        "recipe", "plan",    "json",         "quiet", "progress",    "verbose",
        "help",   "version", "list-weights", "print", "save-recipe", "no-defaults",
        "sweep",  "compare", "sweep-size",   "plot",  "animation"};
    if (!entry->own)
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!strcmp(entry->field->name, others[i]))
            return false;
    }
    return true;
}

/* What stylize resume was asked for beside, now and before. */
static bool note_changes(checkpoints *self, stylize_error *err) {
    const options *opts = self->options;
    char line[100];
    snprintf(line, sizeof line, "iterations=%d", opts->more);
    bool ok = opts->more == 0 || checkpoint_lines_add(&self->lines, "changed", line, err);
    for (int i = 0; ok && i < OPTIONS_NEW_WEIGHTS; i++) {
        snprintf(line, sizeof line, "%s=%s", options_new_weights[i], opts->new_weights[i]);
        ok = !opts->new_weights[i] || checkpoint_lines_add(&self->lines, "changed", line, err);
    }
    return ok;
}

static bool note_options(checkpoints *self, stylize_error *err) {
    const options *opts = self->options;
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char value[VALUE_BYTES], line[VALUE_BYTES + 64];
        const bool of_animation =
            opts->animation && !opts->save_pattern && !strcmp(entry.field->name, "save-every");
        if (!checkpoints_keep(&entry) || of_animation)
            continue;
        option_print(&entry, opts, value, sizeof value);
        snprintf(line, sizeof line, "%s=%s", entry.field->name, value);
        if (*value && !checkpoint_lines_add(&self->lines, "option", line, err))
            return false;
    }
    bool ok = !opts->content || checkpoint_lines_add(&self->lines, "content", opts->content, err);
    for (int i = 0; ok && i < opts->style_count; i++)
        ok = checkpoint_lines_add(&self->lines, "style", opts->styles[i], err);
    return ok && checkpoint_lines_add(&self->lines, "out", opts->out, err) &&
           note_changes(self, err);
}

/* ---- what it is made from ---- */

/* Adds a line "DIGEST NAME". */
static bool note_file(checkpoints *self, const char *name, const char *path, const char *role,
                      stylize_error *err) {
    digest_text digest;
    char line[PATH_MAX + sizeof digest + 1];
    if (!digest_file(NULL, path, digest, err))
        return false;
    if (!*digest)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--checkpoint: %s: %s is no file that could be read again", role,
                                 path);
    snprintf(line, sizeof line, "%s %s", digest, path);
    return checkpoint_lines_add(&self->lines, name, line, err);
}

static bool note_inputs(checkpoints *self, stylize_error *err) {
    input_name input;
    for (int i = 0; options_input_at(self->options, i, &input); i++) {
        const bool read_before = !strcmp(input.role, "--recipe"),
                   of_content = !strcmp(input.role, "--mask") && !strcmp(input.path, "alpha");
        if (!read_before && !of_content && !note_file(self, "input", input.path, input.role, err))
            return false;
    }
    return true;
}

static bool note_networks(checkpoints *self, const job *of, stylize_error *err) {
    const networks *nets = &of->networks;
    bool ok = checkpoint_lines_add(&self->lines, "precision",
                                   stylize_network_precision(nets->loaded[nets->count - 1]), err);
    for (int i = 0; ok && i < nets->count; i++)
        ok = note_file(self, "network", nets->paths[i], "a network", err);
    return ok;
}

static bool note_all(checkpoints *self, const job *of, stylize_error *err) {
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof folder))
        snprintf(folder, sizeof folder, "."); /* it has been removed */
    return checkpoint_lines_add(&self->lines, "version", stylize_version(), err) &&
           checkpoint_lines_add(&self->lines, "instruction-set", stylize_instruction_set(), err) &&
           checkpoint_lines_add(&self->lines, "folder", folder, err) && note_options(self, err) &&
           note_inputs(self, err) && note_networks(self, of, err);
}

bool checkpoints_note(checkpoints *self, const job *of, const cost_table *costs,
                      stylize_error *err) {
    if (!self->path)
        return true;
    self->costs = costs;
    const bool ok = note_all(self, of, err);
    self->settled = self->lines.length;
    return ok;
}

/* The next line that tells what the work is. */
static bool next_of_work(const checkpoint_lines *lines, size_t *at, char name[32],
                         const char **value) {
    static const char threads[] = "threads=";
    while (checkpoint_lines_next(lines, at, name, value)) {
        const bool of_call =
            !strcmp(name, "folder") || !strcmp(name, "costs") || !strcmp(name, "cost") ||
            (!strcmp(name, "option") && !strncmp(*value, threads, strlen(threads)));
        if (!of_call)
            return true;
    }
    return false;
}

bool checkpoints_same_work(const checkpoints *self, const checkpoint_lines *other) {
    size_t at = 0, other_at = 0;
    char name[32], other_name[32];
    const char *value, *other_value;
    while (next_of_work(&self->lines, &at, name, &value)) {
        if (!next_of_work(other, &other_at, other_name, &other_value) ||
            strcmp(name, other_name) != 0 || strcmp(value, other_value) != 0)
            return false;
    }
    return !next_of_work(other, &other_at, other_name, &other_value);
}

void checkpoints_remove(const checkpoints *self) {
    if (self->path)
        unlink(self->path);
}

/* ---- costs ---- */

/* Numbers to the bit, in hexadecimal. */
static bool note_costs(checkpoints *self, stylize_error *err) {
    const cost_table *of = self->costs;
    char line[400];
    self->lines.length = self->settled;
    snprintf(line, sizeof line, "%a %a %a %a %a %a %a %a %d %d", of->start_total, of->best_total,
             of->content, of->style, of->tv, of->chroma_tv, of->alpha, of->content_error,
             of->error_stage, of->last_stage);
    bool ok = of->count == 0 || checkpoint_lines_add(&self->lines, "costs", line, err);
    for (int i = 0; ok && i < of->count; i++) {
        const cost_row *row = &of->rows[i];
        snprintf(line, sizeof line, "%a %a %a %s %s", row->weight, row->start, row->best, row->kind,
                 row->layer);
        ok = checkpoint_lines_add(&self->lines, "cost", line, err);
    }
    return ok;
}

/* Adds a row of a line; false where that is none. */
static bool load_row(cost_table *costs, const char *line) {
    cost_row row = {.weight = 0};
    /* analysed: what is no number is refused by the count */
    if (sscanf(line, "%la %la %la %15s %15s", &row.weight, &row.start, &row.best, row.kind,
               row.layer) < 4)
        return false;
    if (costs->count == costs->capacity) {
        const int capacity = 2 * costs->capacity + 16;
        cost_row *grown = realloc(costs->rows, (size_t)capacity * sizeof *grown);
        if (!grown) {
            costs->lacks_memory = true;
            return false;
        }
        costs->rows = grown;
        costs->capacity = capacity;
    }
    costs->rows[costs->count++] = row;
    return true;
}

bool checkpoints_load_costs(const checkpoint_lines *lines, cost_table *costs) {
    const char *all = checkpoint_lines_find(lines, "costs"), *value;
    char name[32];
    /* analysed: likewise */
    bool ok = all && sscanf(all, "%la %la %la %la %la %la %la %la %d %d", &costs->start_total,
                            &costs->best_total, &costs->content, &costs->style, &costs->tv,
                            &costs->chroma_tv, &costs->alpha, &costs->content_error,
                            &costs->error_stage, &costs->last_stage) == 10;
    costs->count = 0;
    for (size_t at = 0; ok && checkpoint_lines_next(lines, &at, name, &value);)
        ok = strcmp(name, "cost") != 0 || load_row(costs, value);
    return ok;
}

/* ---- writing ---- */

int checkpoints_observe(void *user, stylize_session *session, const stylize_event *event) {
    checkpoints *self = user;
    const bool due = event->kind == STYLIZE_EVENT_END ||
                     (event->kind == STYLIZE_EVENT_ITERATION && event->stage_iteration > 0 &&
                      event->seconds - self->last >= self->every);
    if (!due)
        return 0;
    self->written = note_costs(self, &self->error) &&
                    checkpoint_file_write(self->path, &self->lines, session, &self->error);
    self->last = stylize_session_event(session)->seconds;
    return 0;
}
