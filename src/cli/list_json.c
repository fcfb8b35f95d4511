/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/list_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 200 };

/* Words on the way. */
typedef struct word_list {
    char *words[MOST_WORDS];
    int count;
} word_list;

/* Takes a word that malloc made; false with *err when there is none, or too many are there. */
static bool add(word_list *self, char *word, stylize_error *err) {
    if (word && self->count < MOST_WORDS) {
        self->words[self->count++] = word;
        return true;
    }
    free(word);
    return stylize_error_set(err, STYLIZE_FAILURE, word ? "too many settings" : "out of memory");
}

/* --name=value, or --name of a flag. */
static bool add_option(word_list *self, const char *name, const char *value, bool flag,
                       stylize_error *err) {
    const size_t size = strlen("--=") + strlen(name) + strlen(value) + 1;
    char *word = malloc(size);
    if (word)
        snprintf(word, size, flag ? "--%s" : "--%s=%s", name, value);
    return add(self, word, err);
}

static void name_of(const char *key, char name[40]) {
    snprintf(name, 40, "%s", key);
    for (char *dash = name; (dash = strchr(dash, '_'));)
        *dash = '-';
}

/* ---- fields of the recipe ---- */

/* A field as the recipe has read it. */
static bool add_field(word_list *self, const stylize_recipe *recipe, const char *name,
                      stylize_error *err) {
    const stylize_field *field = stylize_recipe_field_named(name);
    const int length = stylize_recipe_get(recipe, name, NULL, 0);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (!text)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    stylize_recipe_get(recipe, name, text, (size_t)length + 1);
    const bool flag = field->kind == STYLIZE_FIELD_FLAG;
    char off[48];
    snprintf(off, sizeof off, "no-%s", name);
    const bool ok = add_option(self, flag && !strcmp(text, "no") ? off : name, text, flag, err);
    free(text);
    return ok;
}

static bool add_fields(word_list *self, json_t *fields, stylize_error *err) {
    stylize_recipe *recipe = stylize_recipe_new(err);
    char *text = recipe ? json_dumps(fields, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    bool ok = recipe && (text || stylize_error_set(err, STYLIZE_FAILURE, "out of memory")) &&
              stylize_recipe_read_json(recipe, text, strlen(text), err);
    const char *key;
    json_t *value;
    json_object_foreach(fields, key, value) {
        char name[40];
        name_of(key, name);
        ok = ok && add_field(self, recipe, name, err);
    }
    free(text);
    stylize_recipe_free(recipe);
    return ok;
}

/* ---- the program's own options ---- */

/* The option of that name that is a setting of the run; false for none. */
static bool find_own(const char *name, option *entry) {
    for (size_t i = 0; options_at(i, entry); i++) {
        if (entry->own && entry->run && !strcmp(entry->field->name, name))
            return true;
    }
    return false;
}

static bool add_own(word_list *self, const option *entry, const json_t *value, stylize_error *err) {
    char number[32];
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (!json_is_string(value))
        return stylize_error_set(err, STYLIZE_USAGE, "%s: a number or a string is expected",
                                 entry->field->name);
    const char *text = json_is_integer(value) ? number : json_string_value(value);
    return !*text || add_option(self, entry->field->name, text, false, err);
}

/* Moves them out of the object. */
static bool take_own(word_list *self, json_t *object, stylize_error *err) {
    const char *key;
    json_t *value;
    void *next;
    bool ok = true;
    json_object_foreach_safe(object, next, key, value) {
        char name[40];
        option entry;
        name_of(key, name);
        if (!find_own(name, &entry))
            continue;
        ok = ok && add_own(self, &entry, value, err);
        json_object_del(object, key);
    }
    return ok;
}

/* ---- names of pictures ---- */

static bool add_name(word_list *self, const char *key, const json_t *value, stylize_error *err) {
    const char *text = json_string_value(value);
    if (!text || !*text || strlen(text) != json_string_length(value))
        return stylize_error_set(err, STYLIZE_USAGE, "%s: a file's name is expected", key);
    return add(self, strdup(text), err);
}

/* Moves the names under a key, one or an array, out of the object. */
static bool take_names(word_list *self, json_t *object, const char *key, bool needed,
                       stylize_error *err) {
    json_t *value = json_incref(json_object_get(object, key)), *item;
    size_t i;
    bool ok = true;
    json_object_del(object, key);
    if (!value || json_is_null(value))
        ok = !needed || stylize_error_set(err, STYLIZE_USAGE, "%s is missing", key);
    else if (!json_is_array(value))
        ok = add_name(self, key, value, err);
    else
        json_array_foreach(value, i, item) ok = ok && add_name(self, key, item, err);
    json_decref(value);
    return ok;
}

static bool add_words(word_list *self, json_t *object, stylize_error *err) {
    word_list names = {.count = 0};
    bool ok = take_names(&names, object, "content", false, err) &&
              take_names(&names, object, "style", true, err) &&
              take_names(&names, object, "out", true, err) && take_own(self, object, err) &&
              add_fields(self, object, err) && add(self, strdup("--"), err);
    for (int i = 0; i < names.count; i++)
        ok = add(self, names.words[i], err) && ok;
    return ok;
}

bool list_add_json(list *self, const char *text, int line, stylize_error *err) {
    json_error_t cause;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &cause);
    word_list words = {.count = 0};
    if (!object)
        return stylize_error_set(err, STYLIZE_USAGE, "not JSON: %s", cause.text);
    const bool ok =
        add_words(&words, object, err) && list_add(self, words.words, words.count, line, err);
    for (int i = 0; i < words.count; i++)
        free(words.words[i]);
    json_decref(object);
    return ok;
}
