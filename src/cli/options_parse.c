/* SPDX-License-Identifier: MIT
 *
 * What is read from argv.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/foreign_options.h"
#include "cli/options.h"
#include "cli/recipe_file.h"

/* ---- names ---- */

enum { MOST_OPTIONS = 100, SHOWN = 80 /* bytes of a name in an error */ };

static bool find_long(const char *name, size_t length, option *entry) {
    for (size_t i = 0; options_at(i, entry); i++) {
        if (strlen(entry->field->name) == length && !memcmp(entry->field->name, name, length))
            return true;
    }
    return false;
}

static bool find_short(char letter, option *entry) {
    for (size_t i = 0; options_at(i, entry); i++) {
        if (entry->field->letter && entry->field->letter == letter)
            return true;
    }
    return false;
}

/* Says of an option that there is none of, text[length] with its dashes, what may have been meant.
 */
static bool refuse_unknown(const char *text, size_t length, stylize_error *err) {
    const int shown = length < SHOWN ? (int)length : SHOWN;
    const foreign_option *foreign = foreign_option_find(text, length);
    const char *names[MOST_OPTIONS], *near = NULL;
    char word[SHOWN + 1] = "";
    size_t count = 0;
    option entry;
    while (count < MOST_OPTIONS && options_at(count, &entry))
        names[count++] = entry.field->name;
    if (!foreign && !strncmp(text, "--", 2)) {
        memcpy(word, text + 2, (size_t)shown - 2);
        near = stylize_nearest_name(word, names, count);
    }
    if (!foreign && !near)
        foreign = foreign_option_like(text, length);
    if (foreign)
        return stylize_error_set(err, STYLIZE_USAGE, "unknown option '%.*s': an option of %s; %s",
                                 shown, text, foreign->program, foreign->answer);
    return stylize_error_set(err, STYLIZE_USAGE, "unknown option '%.*s'; %s%s%s", shown, text,
                             near ? "did you mean --" : "see stylize --help", near ? near : "",
                             near ? "?" : "");
}

/* ---- argv ---- */

/* What is left of argv. */
typedef struct arguments {
    char **next, **end;
} arguments;

static bool set(options *self, const option *entry, const char *text, stylize_error *err) {
    if (!strcmp(entry->field->name, "size"))
        self->size_given = true;
    return option_set(entry, self, text, err);
}

/* Sets an option whose value is `attached`, or the next argument when that is NULL. */
static bool take_value(options *self, const option *entry, const char *attached, arguments *rest,
                       stylize_error *err) {
    if (!attached && rest->next == rest->end)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s needs a value, %s", entry->field->name,
                                 entry->field->argument);
    return set(self, entry, attached ? attached : *rest->next++, err);
}

/* `text` begins with two dashes. */
static bool parse_long(options *self, const char *text, arguments *rest, stylize_error *err) {
    const size_t length = strcspn(text, "=");
    option entry;
    if (!find_long(text + 2, length - 2, &entry))
        return refuse_unknown(text, length, err);
    const char *attached = text[length] ? text + length + 1 : NULL;
    if (entry.field->kind != STYLIZE_FIELD_FLAG)
        return take_value(self, &entry, attached, rest, err);
    if (attached)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s takes no value; write --%s alone",
                                 entry.field->name, entry.field->name);
    return set(self, &entry, "yes", err);
}

/* `text` begins with one dash. Words such as -content_weight are no letters with a value. */
static bool parse_short(options *self, const char *text, arguments *rest, stylize_error *err) {
    const size_t length = strcspn(text, "=");
    if (length > 2 && foreign_option_find(text, length))
        return refuse_unknown(text, length, err);
    for (const char *letter = text + 1; *letter; letter++) {
        option entry;
        if (!find_short(*letter, &entry)) {
            /* a letter past ASCII is shown with the bytes that belong to it */
            char unknown[SHOWN + 1] = "-";
            strncpy(unknown + 1, letter, *letter & 0x80 ? SHOWN - 1 : 1);
            return refuse_unknown(unknown, strlen(unknown), err);
        }
        if (entry.field->kind != STYLIZE_FIELD_FLAG)
            return take_value(self, &entry, letter[1] ? letter + 1 : NULL, rest, err);
        if (!set(self, &entry, "yes", err))
            return false;
    }
    return true;
}

static bool take_operand(options *self, const char *text, stylize_error *err) {
    const char **places[] = {&self->content, &self->style, &self->out};
    static const char *const names[] = {"CONTENT", "STYLE", "OUT"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (*places[i])
            continue;
        if (!*text)
            return stylize_error_set(err, STYLIZE_USAGE, "%s is an empty name", names[i]);
        *places[i] = text;
        return true;
    }
    return stylize_error_set(err, STYLIZE_USAGE, "unexpected operand '%s' after CONTENT STYLE OUT",
                             text);
}

static bool parse_arguments(options *self, int argc, char **argv, stylize_error *err) {
    arguments rest = {argv + (argc > 0), argv + argc};
    bool operands_only = false;
    while (rest.next < rest.end) {
        const char *text = *rest.next++;
        bool ok = true;
        if (operands_only || text[0] != '-' || !text[1])
            ok = take_operand(self, text, err);
        else if (text[1] != '-')
            ok = parse_short(self, text, &rest, err);
        else if (text[2])
            ok = parse_long(self, text, &rest, err);
        else
            operands_only = true;
        if (!ok)
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool is_dash(const char *text) {
    return text && !strcmp(text, "-");
}

static bool check_operands(const options *self, stylize_error *err) {
    if (self->help || self->version || self->list_weights || self->print != PRINT_NOTHING)
        return true;
    if (!self->style || (!self->out && !self->plan))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s is missing: the operands are CONTENT STYLE OUT",
                                 !self->content ? "CONTENT"
                                 : !self->style ? "STYLE"
                                                : "OUT");
    if (is_dash(self->content) + is_dash(self->style) + is_dash(self->init) +
            is_dash(self->recipe_file) >
        1)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "-: only one of CONTENT, STYLE, --init and --recipe can come from "
                                 "standard input");
    if (self->quiet && self->progress)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--progress contradicts --quiet: give one of them");
    if (is_dash(self->out) && is_dash(self->log))
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "--log: OUT and the log cannot both go to standard output: name a file");
    return true;
}

/* A new string of the recipe's field; NULL with *err when memory is short. */
static char *field_text(const options *self, const char *name, stylize_error *err) {
    const int length = stylize_recipe_get(self->recipe, name, NULL, 0);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        stylize_recipe_get(self->recipe, name, text, (size_t)length + 1);
    else
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return text;
}

/* Takes the names of files from the recipe. */
static bool take_names(options *self, stylize_error *err) {
    const stylize_field *size = stylize_recipe_field_named("size");
    const char *const *words = stylize_recipe_field_named("init")->words;
    char text[40];
    self->init = field_text(self, "init", err);
    if (!self->init)
        return false;
    for (; words && *words && self->init; words++) {
        if (!strcmp(*words, self->init)) {
            free(self->init);
            self->init = NULL;
        }
    }
    stylize_recipe_get(self->recipe, "size", text, sizeof text);
    self->size_given = self->size_given || strcmp(text, size->standard) != 0;
    return true;
}

bool options_parse(options *self, int argc, char **argv, stylize_error *err) {
    return parse_arguments(self, argc, argv, err) && take_names(self, err) &&
           check_operands(self, err);
}

bool options_parse_over_recipe(options *self, int argc, char **argv, stylize_error *err) {
    options fresh;
    bool ok = options_init(&fresh, err) && recipe_file_read(fresh.recipe, self->recipe_file, err) &&
              options_parse(&fresh, argc, argv, err);
    options_clear(self);
    *self = fresh;
    return ok;
}
