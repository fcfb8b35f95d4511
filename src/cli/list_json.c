/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/list_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_json.h"
#include "core/json_text.h"

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
        return true; /* analysed: list_add_json frees it */
    }
    const char *what = word ? "too many settings" : "out of memory";
    free(word);
    return stylize_error_set(err, STYLIZE_FAILURE, "%s", what);
}

/* ---- settings ---- */

/* --name=value of an option as it stands in `from`; of a flag --name or --no-name, or nothing where
 * there is nothing to take back. */
static bool add_setting(word_list *self, const option *entry, const options *from,
                        stylize_error *err) {
    const char *name = entry->field->name;
    const bool flag = entry->field->kind == STYLIZE_FIELD_FLAG;
    char *value = option_text(entry, from);
    const size_t size = strlen("--no-=") + strlen(name) + (value ? strlen(value) : 0) + 1;
    char *word = value ? malloc(size) : NULL;
    const bool off = word && flag && !strcmp(value, "no");
    if (off && !entry->filed) {
        free(value);
        free(word);
        return true;
    }
    if (word)
        snprintf(word, size, "--%s%s%s%s", off ? "no-" : "", name, flag ? "" : "=",
                 flag ? "" : value);
    free(value);
    return add(self, word, err);
}

/* Takes out of the object what no file of settings may have, but a line of words. */
static bool take_unfiled(options *self, json_t *object, stylize_error *err) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value) {
        option entry;
        if (!option_named_in_json(key, &entry) || entry.filed)
            continue;
        if (!option_from_json(&entry, self, value, err))
            return false;
        json_object_del(object, key);
    }
    return true;
}

/* Reads them as those of --recipe are, and gives each its word. */
static bool add_settings(word_list *self, json_t *object, stylize_error *err) {
    options read;
    json_t *rest = json_text_copy(object);
    bool ok = options_init(&read, err) &&
              (rest || stylize_error_set(err, STYLIZE_FAILURE, "out of memory")) &&
              take_unfiled(&read, rest, err);
    char *text = ok ? json_text_dump(rest, 0) : NULL;
    if (ok)
        ok = text ? options_read_json(&read, text, strlen(text), err)
                  : stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        option entry;
        if (ok && option_named_in_json(key, &entry))
            ok = add_setting(self, &entry, &read, err);
    }
    free(text);
    json_decref(rest);
    options_clear(&read);
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
              take_names(&names, object, "out", true, err) && add_settings(self, object, err) &&
              add(self, strdup("--"), err);
    for (int i = 0; i < names.count; i++)
        ok = add(self, names.words[i], err) && ok;
    return ok; /* analysed: likewise */
}

bool list_add_json(list *self, const char *text, int line, stylize_error *err) {
    json_error_t cause;
    json_t *object = json_text_load(text, strlen(text), JSON_REJECT_DUPLICATES, &cause);
    word_list words = {.count = 0};
    if (!object && json_text_lacks_memory(&cause))
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    if (!object)
        return stylize_error_set(err, STYLIZE_USAGE, "not JSON: %s", cause.text);
    const bool ok =
        add_words(&words, object, err) && list_add(self, words.words, words.count, line, err);
    for (int i = 0; i < words.count; i++)
        free(words.words[i]);
    /* analysed: words are all that add_words has made */
    json_decref(object);
    return ok;
}
