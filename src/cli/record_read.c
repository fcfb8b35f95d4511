/* SPDX-License-Identifier: MIT */
#include "cli/record_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_json.h"
#include "core/json_text.h"

enum { MOST_NAME = 255 /* bytes, as file systems have it */, DIGEST = 64 };

static bool damaged(const char *what, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE, "its record is damaged: %s", what);
}

/* ---- the text ---- */

/* What stands behind the pixels: another program has put it there. */
static char *read_late(const char *path, stylize_error *err) {
    char *text = NULL;
    stylize_image *picture = stylize_image_read(path, STYLIZE_MOST_PIXELS, err);
    const char *found = stylize_image_record(picture);
    if (found)
        text = malloc(strlen(found) + 1);
    if (text)
        strcpy(text, found);
    else if (picture)
        stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", path,
                          found ? "out of memory"
                                : "it has no record of how it was made: it is not by stylize, "
                                  "or was painted with --no-metadata, or saved by another program");
    stylize_image_free(picture);
    return text;
}

char *record_read_text(const char *path, stylize_error *err) {
    char *text;
    if (!stylize_record_read(path, &text, err))
        return NULL;
    return text ? text : read_late(path, err);
}

/* ---- values ---- */

/* A string of up to `most` bytes, all of them among `letters`, unless that is NULL; else NULL. */
static const char *string_of(const json_t *object, const char *key, const char *letters,
                             size_t most) {
    const json_t *json = json_object_get(object, key);
    const char *text = json_string_value(json);
    const size_t length = json_string_length(json);
    return text && length > 0 && length <= most && length == strlen(text) &&
                   (!letters || strspn(text, letters) == length)
               ? text
               : NULL;
}

static bool is_null(const json_t *object, const char *key) {
    return json_is_null(json_object_get(object, key));
}

/* The name of a file in no folder, which cannot be taken for standard input either. */
static bool is_base_name(const char *text) {
    bool plain = *text && strlen(text) <= MOST_NAME && !strchr(text, '/') && strcmp(text, ".") &&
                 strcmp(text, "..") && strcmp(text, "-");
    for (; *text && plain; text++)
        plain = (unsigned char)*text >= ' ' && *text != 0x7f;
    return plain;
}

static const char *name_of(const json_t *object) {
    const char *name = string_of(object, "name", NULL, MOST_NAME);
    return name && is_base_name(name) ? name : NULL;
}

static const char *digest_of(const json_t *object) {
    const char *text = string_of(object, "sha256", "0123456789abcdef", DIGEST);
    return text && strlen(text) == DIGEST ? text : NULL;
}

/* ---- parts ---- */

static bool read_input(const json_t *json, record_input *input, stylize_error *err) {
    static const char *const roles[] = {
        "content", "style", "init", "mask", "style_map", "content_map", "content_weight_map"};
    const char *role = string_of(json, "role", NULL, MOST_NAME);
    *input = (record_input){.name = name_of(json), .sha256 = digest_of(json)};
    for (size_t i = 0; role && i < sizeof roles / sizeof *roles; i++) {
        if (!strcmp(role, roles[i]))
            input->role = roles[i];
    }
    if (!input->role)
        return damaged("an input has no role that is known", err);
    if (!input->name && !is_null(json, "name"))
        return damaged("the name of an input is not that of a file without a folder", err);
    return input->sha256 || is_null(json, "sha256") ||
           damaged("the sha256 of an input is none", err);
}

static bool read_inputs(record_content *self, stylize_error *err) {
    const json_t *array = json_object_get(self->json, "inputs");
    const size_t count = json_array_size(array);
    if (!json_is_array(array) || count > RECORD_MOST_INPUTS)
        return damaged("inputs is no list of pictures", err);
    for (size_t i = 0; i < count; i++) {
        if (!read_input(json_array_get(array, i), &self->inputs[i], err))
            return false;
    }
    self->input_count = (int)count;
    return true;
}

static bool read_networks(record_content *self, stylize_error *err) {
    const json_t *array = json_object_get(self->json, "networks");
    const size_t count = json_array_size(array);
    if (!json_is_array(array) || count < 1 || count > RECORD_MOST_STAGES)
        return damaged("networks is no list of those of the stages", err);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(array, i);
        record_network *network = &self->networks[i];
        *network = (record_network){name_of(json), digest_of(json),
                                    string_of(json, "precision", "abfp0123456789", 8)};
        if (!network->name || !network->precision || (!network->sha256 && !is_null(json, "sha256")))
            return damaged("a network lacks its name, its sha256 or its precision", err);
    }
    self->network_count = (int)count;
    return true;
}

/* Names of files in the recipe: each is without a folder, but may begin with "./". */
static bool check_names(const record_content *self, stylize_error *err) {
    const stylize_field *field;
    for (size_t i = 0; (field = stylize_recipe_field(i)); i++) {
        char key[OPTION_JSON_NAME];
        if (field->kind != STYLIZE_FIELD_TEXT || field->files == STYLIZE_FILES_ANY)
            continue;
        option_json_name(field, key);
        const char *text = json_string_value(json_object_get(self->recipe, key));
        while (text && *text) {
            text += strncmp(text, "./", 2) ? 0 : 2;
            const size_t length = strcspn(text, ",");
            if (memchr(text, '/', length) || (length == 1 && *text == '-'))
                return stylize_error_set(err, STYLIZE_FAILURE,
                                         "its record is damaged: %s names a folder", key);
            text += length + (text[length] == ',');
        }
    }
    return true;
}

/* ---- the whole ---- */

bool record_parse(record_content *self, const char *text, stylize_error *err) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~_-";
    json_error_t problem;
    *self = (record_content){0};
    self->json = json_text_load(text, strlen(text), JSON_REJECT_DUPLICATES, &problem);
    if (!self->json && json_text_lacks_memory(&problem))
        return stylize_error_set(err, STYLIZE_FAILURE, "not enough memory to read its record");
    if (!json_is_object(self->json))
        return damaged(self->json ? "it is no JSON object" : "it is not JSON", err);
    const json_t *format = json_object_get(self->json, "format");
    if (json_is_integer(format) && json_integer_value(format) > RECORD_FORMAT)
        return stylize_error_set(err, STYLIZE_FAILURE,
                                 "its record is of a later version of this program (format %ld)",
                                 (long)json_integer_value(format));
    if (json_integer_value(format) != RECORD_FORMAT)
        return damaged("it has no format", err);
    self->version = string_of(self->json, "version", plain, 40);
    self->instruction_set = string_of(self->json, "instruction_set", plain, 40);
    self->recipe = json_object_get(self->json, "recipe");
    self->settings = json_object_get(self->json, "settings");
    if (!self->version || !self->instruction_set)
        return damaged("it lacks the version or the instruction set", err);
    if (!json_is_object(self->recipe) || !json_is_object(self->settings))
        return damaged("it lacks the recipe or the settings", err);
    const char *stop = json_string_value(json_object_get(self->json, "stop"));
    self->finished = stop && (!strcmp(stop, stylize_stop_name(STYLIZE_STOP_ITERATIONS)) ||
                              !strcmp(stop, stylize_stop_name(STYLIZE_STOP_CONVERGED)));
    self->changed = json_object_get(self->json, "changed") != NULL;
    return check_names(self, err) && read_inputs(self, err) && read_networks(self, err);
}

bool record_read(record_content *self, const char *path, stylize_error *err) {
    stylize_error cause;
    *self = (record_content){0};
    char *text = record_read_text(path, err);
    const bool ok = text && (record_parse(self, text, &cause) ||
                             stylize_error_set(err, cause.status, "%s: %s", path, cause.text));
    free(text);
    return ok;
}

void record_content_clear(record_content *self) {
    json_decref(self->json);
    *self = (record_content){0};
}

int record_network_of(const record_content *self, int stage, int count) {
    const int dropped = count > self->network_count ? count - self->network_count : 0;
    return stage + dropped < count ? stage + dropped : count - 1;
}

/* ---- applying ---- */

static bool apply_settings(const record_content *self, options *opts, stylize_error *err) {
    const char *key;
    json_t *json;
    json_object_foreach(self->settings, key, json) {
        option entry;
        if (!option_named_in_json(key, &entry) || !entry.own || !entry.of_file)
            return stylize_error_set(err, STYLIZE_FAILURE, "unknown setting '%.40s'", key);
        if (!json_is_null(json) && !option_from_json(&entry, opts, json, err))
            return false;
    }
    return true;
}

bool record_apply(const record_content *self, options *opts, stylize_error *err) {
    json_t *recipe = json_text_copy(self->recipe);
    if (recipe)
        json_object_del(recipe, "max_pixels");
    char *text = recipe ? json_text_dump(recipe, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(recipe);
    stylize_error cause;
    bool ok = text ? stylize_recipe_read_json(opts->recipe, text, strlen(text), &cause)
                   : stylize_error_set(&cause, STYLIZE_FAILURE, "out of memory");
    free(text);
    ok = ok && apply_settings(self, opts, &cause);
    return ok || stylize_error_set(err, STYLIZE_FAILURE, "%s", cause.text);
}
