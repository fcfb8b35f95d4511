/* SPDX-License-Identifier: MIT */
#include "cli/options_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/growing_text.h"
#include "cli/run_json.h"
#include "core/json_text.h"

enum { MOST_NAMES = 120, VALUE = 40 /* bytes of a number or flag */ };

/* ---- names ---- */

void option_json_name(const stylize_field *field, char name[OPTION_JSON_NAME]) {
    snprintf(name, OPTION_JSON_NAME, "%s", field->name);
    for (char *dash = name; (dash = strchr(dash, '-'));)
        *dash = '_';
}

bool option_named_in_json(const char *name, option *entry) {
    char found[OPTION_JSON_NAME];
    for (size_t i = 0; options_at(i, entry); i++) {
        option_json_name(entry->field, found);
        if (!strcmp(found, name))
            return true;
    }
    return false;
}

/* Says of a member that no option is called like it what may have been meant. */
static bool refuse_unknown(const char *key, stylize_error *err) {
    static char names[MOST_NAMES][OPTION_JSON_NAME];
    const char *list[MOST_NAMES];
    size_t count = 0;
    option entry;
    for (size_t i = 0; count < MOST_NAMES && options_at(i, &entry); i++) {
        if (!entry.filed)
            continue;
        option_json_name(entry.field, names[count]);
        list[count] = names[count];
        count++;
    }
    const char *near = stylize_nearest_name(key, list, count);
    return stylize_error_set(err, STYLIZE_USAGE, "unknown field '%s'%s%s%s", key,
                             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Whether painting's option is one of a command's, too, with the same meaning. */
static bool is_shared(const command *way, const char *name) {
    option entry;
    for (size_t i = way->own_count; command_option_at(way, i, &entry); i++) {
        if (!strcmp(entry.field->name, name))
            return true;
    }
    return false;
}

/* ---- reading ---- */

bool option_words_are_numbers(const stylize_field *field) {
    return field->kind == STYLIZE_FIELD_WORD &&
           !field->words[0][strspn(field->words[0], "0123456789")];
}

static bool is_number(const stylize_field *field) {
    return field->kind == STYLIZE_FIELD_INTEGER || option_words_are_numbers(field);
}

/* A value as one types it, in `room` where JSON has no text of it; NULL for another kind of value
 * than the option has. */
static const char *read_own(const stylize_field *field, const json_t *value, char room[VALUE]) {
    const bool number = is_number(field);
    if (field->kind == STYLIZE_FIELD_FLAG && json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    if (number && json_is_integer(value))
        snprintf(room, VALUE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (number && json_is_real(value))
        snprintf(room, VALUE, "%.17g", json_real_value(value));
    else if (!number && field->kind != STYLIZE_FIELD_FLAG && json_is_string(value))
        return json_string_value(value);
    else
        return NULL;
    return room;
}

bool option_from_json(const option *entry, options *self, const json_t *value, stylize_error *err) {
    const stylize_field *field = entry->field;
    char room[VALUE];
    const char *text = read_own(field, value, room);
    if (!text)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: expected %s in JSON", field->name,
                                 field->kind == STYLIZE_FIELD_FLAG ? "true or false"
                                 : is_number(field)                ? "a number"
                                                                   : "a string");
    if (!stylize_field_check(field, text, NULL, err))
        return false;
    if (field->kind == STYLIZE_FIELD_TEXT)
        text = options_keep_text(self, text, err);
    return text && option_set(entry, self, text, err);
}

/* Takes from an object of settings all that is not the library's to read. */
static bool take_own(options *self, json_t *object, stylize_error *err) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value) {
        option entry;
        const bool schema = !strcmp(key, "$schema") && json_is_string(value);
        if (!schema && !option_named_in_json(key, &entry))
            return refuse_unknown(key, err);
        if (!schema && !entry.filed)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: an option of the command line, which no file can set",
                                     entry.field->name);
        const bool wanted =
            !schema && (!self->command || is_shared(self->command, entry.field->name));
        if (wanted && !entry.own)
            continue;
        if (wanted && !option_from_json(&entry, self, value, err))
            return false;
        json_object_del(object, key);
    }
    return true;
}

bool options_read_json(options *self, const char *json, size_t length, stylize_error *err) {
    json_error_t problem;
    json_t *object = json_text_load(json, length, JSON_REJECT_DUPLICATES, &problem);
    if (!object && json_text_lacks_memory(&problem))
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    if (!json_is_object(object)) { /* which the library has words for */
        json_decref(object);
        return stylize_recipe_read_json(self->recipe, json, length, err);
    }
    bool ok = take_own(self, object, err);
    char *rest = ok ? json_text_dump(object, 0) : NULL;
    if (ok)
        ok = rest ? stylize_recipe_read_json(self->recipe, rest, strlen(rest), err)
                  : stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    free(rest);
    json_decref(object);
    return ok;
}

/* ---- writing ---- */

json_t *option_to_json(const option *entry, const options *self) {
    const stylize_field *field = entry->field;
    const void *place = (const char *)self + entry->offset;
    if (field->kind == STYLIZE_FIELD_FLAG)
        return json_boolean(*(const bool *)place);
    if (field->kind == STYLIZE_FIELD_INTEGER)
        return json_integer(*(const int *)place);
    if (field->kind == STYLIZE_FIELD_WORD) {
        const int index = *(const int *)place;
        const char *word = index >= 0 ? field->words[index] : NULL;
        return !word                             ? json_null()
               : option_words_are_numbers(field) ? json_integer(strtol(word, NULL, 10))
                                                 : json_string(word);
    }
    const char *text = *(const char *const *)place;
    return text ? run_json_string(text) : json_null();
}

bool options_add_own(json_t *object, const options *self, bool of_file) {
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char name[OPTION_JSON_NAME];
        if (!entry.own || !(of_file ? entry.of_file : entry.run))
            continue;
        option_json_name(entry.field, name);
        if (json_object_set_new(object, name, option_to_json(&entry, self)) != 0)
            return false;
    }
    return true;
}

/* Writes the members behind those of the recipe, but for what has no value, and the last brace. */
static bool write_own(const options *self, growing_text *to) {
    const char *name;
    json_t *object = json_object(), *value;
    void *next;
    const bool all = object && options_add_own(object, self, true);
    json_object_foreach_safe(object, next, name, value) {
        if (json_is_null(value))
            json_object_del(object, name);
    }
    char *text = all ? json_text_dump(object, 0) : NULL;
    if (text) {
        growing_text_add(to, ", ");
        growing_text_add(to, text + 1);
    }
    const bool ok = text != NULL;
    free(text);
    json_decref(object);
    return ok;
}

/* Gives each member of the object a line. */
static void write_lines(const char *text, growing_text *to) {
    int depth = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (*text == '\\') /* in a string alone */
            growing_text_add_char(to, *text++);
        const bool opens = !quoted && strchr("{[", *text), closes = !quoted && strchr("}]", *text);
        depth += opens - closes;
        if (closes && depth == 0)
            growing_text_add_char(to, '\n');
        growing_text_add_char(to, *text);
        if (opens && depth == 1)
            growing_text_add(to, "\n  ");
        else if (!quoted && depth == 1 && *text == ',')
            growing_text_add(to, "\n ");
    }
    growing_text_add_char(to, '\n');
}

/* The object on one line; NULL when memory is short. */
static char *write_object(const options *self, const char *recipe) {
    growing_text all = {0};
    growing_text_add_part(&all, recipe, strlen(recipe) - 1); /* without the last brace */
    const bool ok = write_own(self, &all);
    char *text = growing_text_take(&all);
    if (ok)
        return text;
    free(text);
    return NULL;
}

/* The same in lines, in place of `object`, which is freed. */
static char *break_lines(char *object) {
    growing_text all = {0};
    if (!object)
        return NULL;
    write_lines(object, &all);
    free(object);
    return growing_text_take(&all);
}

char *options_write_json(const options *self, bool lines, stylize_error *err) {
    char *recipe = stylize_recipe_write_json(self->recipe, err);
    if (!recipe)
        return NULL;
    char *text = write_object(self, recipe);
    free(recipe);
    if (lines)
        text = break_lines(text);
    if (!text)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return text;
}
