/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* getcwd, strdup */
#include "cli/resumption.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checkpoint.h"
#include "cli/digest.h"
#include "cli/report.h"

void resumption_clear(resumption *self) {
    options_clear(&self->options);
    checkpoint_file_close(&self->file);
    free(self->path);
    free(self->out);
    free(self->checkpoint);
    *self = (resumption){0};
}

static bool refuse(const resumption *self, const char *what, const char *name, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s%s", self->asked->operands[0], what,
                             name);
}

/* ---- options ---- */

/* Sets an option out of a line "name=value". */
static bool take_option(resumption *self, const char *line, stylize_error *err) {
    const size_t length = strcspn(line, "=");
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        if (strlen(entry.field->name) == length && !memcmp(entry.field->name, line, length) &&
            checkpoints_keep(&entry) && line[length])
            return option_set(&entry, &self->options, line + length + 1, err);
    }
    return refuse(self, "the checkpoint has an option that is not known here: ", line, err);
}

static bool take_style(resumption *self, const char *path, stylize_error *err) {
    options *opts = &self->options;
    if (opts->style_count == STYLIZE_MOST_STYLES)
        return refuse(self, "the checkpoint has too many styles: ", path, err);
    opts->styles[opts->style_count++] = path;
    return true;
}

static bool take_network(resumption *self, const char *line, stylize_error *err) {
    if (self->network_count == RESUMPTION_MOST_NETWORKS || strlen(line) <= DIGEST_LENGTH + 1)
        return refuse(self, "the checkpoint has no such networks: ", line, err);
    self->networks[self->network_count++] = line + DIGEST_LENGTH + 1;
    return true;
}

/* What an earlier stylize resume has changed, "NAME=VALUE". */
static bool take_change(resumption *self, const char *line, stylize_error *err) {
    static const char more[] = "iterations=";
    options *opts = &self->options;
    if (!strncmp(line, more, strlen(more))) {
        opts->more = (int)strtol(line + strlen(more), NULL, 10);
        return true;
    }
    for (int i = 0; i < OPTIONS_NEW_WEIGHTS; i++) {
        const size_t length = strlen(options_new_weights[i]);
        if (!strncmp(line, options_new_weights[i], length) && line[length] == '=') {
            opts->new_weights[i] = line + length + 1;
            return true;
        }
    }
    return refuse(self, "the checkpoint has a change that is not known here: ", line, err);
}

static bool take_line(resumption *self, const char *name, const char *value, stylize_error *err) {
    if (!strcmp(name, "changed"))
        return take_change(self, value, err);
    if (!strcmp(name, "option"))
        return take_option(self, value, err);
    if (!strcmp(name, "style"))
        return take_style(self, value, err);
    if (!strcmp(name, "network"))
        return take_network(self, value, err);
    if (!strcmp(name, "content"))
        self->options.content = value;
    else if (!strcmp(name, "out"))
        self->options.out = value;
    else if (!strcmp(name, "precision"))
        self->precision = value;
    return true;
}

static bool take_lines(resumption *self, stylize_error *err) {
    char name[32];
    const char *value;
    if (!options_init(&self->options, err))
        return false;
    for (size_t at = 0; checkpoint_lines_next(&self->file.lines, &at, name, &value);) {
        if (!take_line(self, name, value, err))
            return false;
    }
    if (!self->options.out || !self->options.style_count || !self->network_count ||
        !self->precision)
        return refuse(self, "the checkpoint lacks ", "what it is made from", err);
    return options_take_names(&self->options, err);
}

/* ---- what is asked for anew ---- */

/* A path from the root, new; NULL with *err. */
static char *from_root(const char *path, stylize_error *err) {
    char folder[PATH_MAX] = "";
    const bool relative = *path != '/' && getcwd(folder, sizeof folder);
    const size_t size = strlen(folder) + strlen(path) + 2;
    char *all = malloc(size);
    if (all)
        snprintf(all, size, "%s%s%s", folder, relative ? "/" : "", path);
    else
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return all;
}

/* Where further checkpoints go: FILE itself, as often as before, or where it is asked for. */
static bool choose_checkpoint(resumption *self, stylize_error *err) {
    const char *given = self->asked->checkpoint, *before = self->options.checkpoint;
    char *path = NULL, *whole = NULL;
    double seconds;
    bool ok = checkpoints_read(given ? given : before ? before : self->path, &path, &seconds, err);
    if (ok)
        whole = from_root(given ? path : self->path, err);
    if (whole) {
        const size_t size = strlen(whole) + 40;
        self->checkpoint = malloc(size);
        if (self->checkpoint)
            snprintf(self->checkpoint, size, "%s,%.17g", whole, seconds);
        else
            stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    }
    free(path);
    free(whole);
    self->options.checkpoint = self->checkpoint;
    return self->checkpoint != NULL;
}

static bool take_asked(resumption *self, stylize_error *err) {
    const options *asked = self->asked;
    options *opts = &self->options;
    if (asked->operand_count > 1) {
        const char *out = asked->operands[1];
        self->out = strcmp(out, "-") ? from_root(out, err) : strdup(out);
        opts->out = self->out;
    }
    if (opts->more <= 1000000000)
        opts->more += asked->more;
    for (int i = 0; i < OPTIONS_NEW_WEIGHTS; i++) {
        if (asked->new_weights[i])
            opts->new_weights[i] = asked->new_weights[i];
    }
    if (asked->threads > 0)
        opts->threads = asked->threads;
    opts->quiet = asked->quiet;
    opts->progress = asked->progress;
    opts->verbose = asked->verbose;
    return opts->out && choose_checkpoint(self, err);
}

static bool check_weights(const resumption *self, stylize_error *err) {
    for (int i = 0; i < OPTIONS_NEW_WEIGHTS; i++) {
        const char *text = self->asked->new_weights[i];
        stylize_error cause;
        double number;
        if (text && (!stylize_field_check(stylize_recipe_field_named(options_new_weights[i]), text,
                                          &number, &cause)))
            return stylize_error_set(err, STYLIZE_USAGE, "--%s", cause.text);
        if (text && !strcmp(text, "auto"))
            return stylize_error_set(err, STYLIZE_USAGE, "--%s: a number is needed here",
                                     options_new_weights[i]);
    }
    return true;
}

/* ---- what it was made from ---- */

/* Compares the files of the lines of that name with their digests. */
static bool check_files(const resumption *self, const char *kind, const char *what,
                        stylize_error *err) {
    char name[32], text[200];
    const char *value;
    for (size_t at = 0; checkpoint_lines_next(&self->file.lines, &at, name, &value);) {
        digest_text digest;
        stylize_error cause;
        if (strcmp(name, kind) != 0)
            continue;
        if (strlen(value) <= DIGEST_LENGTH + 1)
            return refuse(self, "the checkpoint lacks the name of ", what, err);
        const char *path = value + DIGEST_LENGTH + 1;
        snprintf(text, sizeof text, "%s of the checkpoint cannot be read: ", what);
        if (!digest_file(NULL, path, digest, &cause))
            return refuse(self, text, cause.text, err);
        snprintf(text, sizeof text, "%s has changed since the checkpoint was written: ", what);
        if (memcmp(digest, value, DIGEST_LENGTH) != 0)
            return refuse(self, text, path, err);
    }
    return true;
}

static bool check_version(const resumption *self, stylize_error *err) {
    const char *version = checkpoint_lines_find(&self->file.lines, "version");
    return (version && !strcmp(version, stylize_version())) ||
           stylize_error_set(err, STYLIZE_FAILURE,
                             "%s: the checkpoint is of stylize %.40s, and this is %s: go on with "
                             "that version",
                             self->asked->operands[0], version ? version : "?", stylize_version());
}

static void enter_folder(const resumption *self) {
    const char *folder = checkpoint_lines_find(&self->file.lines, "folder");
    const bool there = folder && chdir(folder) == 0;
    (void)there; /* else the inputs may lie here, too: their digests will tell */
}

static void note_instruction_set(const resumption *self) {
    const char *before = checkpoint_lines_find(&self->file.lines, "instruction-set");
    if (!self->asked->quiet && before && strcmp(before, stylize_instruction_set()) != 0)
        report_print(stderr,
                     "stylize: the checkpoint was made with the instruction set %.20s, and this is "
                     "%s: the picture will be nearly, not to the bit, what it would have been "
                     "(STYLIZE_ISA=%.20s, where that runs)\n",
                     before, stylize_instruction_set(), before);
}

bool resumption_read(resumption *self, const options *asked, stylize_error *err) {
    *self = (resumption){.asked = asked};
    if (!check_weights(self, err))
        return false;
    self->path = from_root(asked->operands[0], err);
    if (!self->path || !checkpoint_file_open(&self->file, asked->operands[0], err) ||
        !check_version(self, err) || !take_lines(self, err) || !take_asked(self, err))
        return false;
    enter_folder(self);
    if (!check_files(self, "input", "an input", err) ||
        !check_files(self, "network", "a network", err))
        return false;
    note_instruction_set(self);
    return true;
}

/* ---- the session ---- */

bool resumption_load(resumption *self, stylize_session *session, stylize_error *err) {
    stylize_error cause;
    if (!stylize_session_load(session, checkpoint_file_read, &self->file, &cause))
        return stylize_error_set(err, cause.status, "%s: %s", self->asked->operands[0], cause.text);
    const stylize_plan *plan = stylize_session_plan(session, false, err);
    const bool is_done = plan && stylize_session_event(session)->iteration >= plan->iterations;
    for (int i = 0; plan && i < OPTIONS_NEW_WEIGHTS; i++) {
        const char *text = self->asked->new_weights[i];
        if (text && is_done && self->asked->more == 0)
            return stylize_error_set(
                err, STYLIZE_USAGE,
                "--%s: the run of %s is done: give it iterations for that, too "
                "(-n MORE)",
                options_new_weights[i], self->asked->operands[0]);
        if (text && !stylize_session_set(session, options_new_weights[i], strtod(text, NULL), err))
            return false;
    }
    return plan && stylize_session_add_iterations(session, self->asked->more, err);
}
