/* SPDX-License-Identifier: MIT */
#include "cli/run_json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/term_mean.h"
#include "cli/weights_path.h"
#include "core/json_text.h"

#define TEXT_SIZE 8192 /* bytes of an option's value: any path */

/* ---- values ---- */

json_t *run_json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *run_json_string(const char *text) {
    bool lacks_memory;
    json_t *value = json_text_string(text, &lacks_memory);
    char *plain = value || lacks_memory ? NULL : malloc(strlen(text) + 1);
    if (!plain)
        return value;
    strcpy(plain, text);
    for (char *byte = plain; *byte; byte++) {
        if (*byte & 0x80)
            *byte = '?';
    }
    value = json_string(plain);
    free(plain);
    return value;
}

json_t *run_json_size(int width, int height) {
    return json_pack("[i,i]", width, height);
}

json_t *run_json_alone_or_all(json_t *array) {
    if (json_array_size(array) != 1)
        return array;
    json_t *item = json_incref(json_array_get(array, 0));
    json_decref(array);
    return item;
}

json_t *run_json_layers(const stylize_event *event, const char *kind) {
    json_t *object = json_object();
    for (int i = 0; object && i < event->term_count; i++) {
        const stylize_term *term = event->terms[i];
        if (strcmp(term->kind, kind) != 0 || term->region > 0)
            continue;
        const double value = term_mean(event, kind, term->layer);
        if (json_object_set_new(object, term->layer, run_json_number(value)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* ---- the recipe ---- */

static bool is_word(const stylize_field *field, const char *text) {
    for (const char *const *word = field->words; word && *word; word++) {
        if (!strcmp(*word, text))
            return true;
    }
    return false;
}

/* Whether an item of a TEXT names a file. */
static bool is_file(const stylize_field *field, const char *item) {
    return field->files == STYLIZE_FILES_WEIGHTS ? weights_path_is_file(item)
                                                 : !is_word(field, item);
}

/* Copies a list of names without their folders; `to` [size] has room for twice the text. */
static void drop_folders(const stylize_field *field, char *text, char *to, size_t size) {
    size_t used = 0;
    const bool is_list = strchr(field->argument, ',') != NULL;
    for (char *item = text, *next; item; item = next) {
        next = is_list ? strchr(item, ',') : NULL;
        if (next)
            *next++ = '\0';
        const char *kept = is_file(field, item) ? files_base(item) : item;
        used += (size_t)snprintf(to + used, size - used, "%s%s%s",
                                 kept != item && !is_file(field, kept) ? "./" : "", kept,
                                 next ? "," : "");
    }
}

/* The text of a field as it is to be in JSON; "" where it has none. */
static json_t *plain_text(const stylize_recipe *recipe, const stylize_field *field,
                          bool base_names) {
    const int length = stylize_recipe_get(recipe, field->name, NULL, 0);
    const size_t size = length > 0 ? (size_t)length + 1 : 1;
    char *text = malloc(3 * size), *base = text ? text + size : NULL;
    json_t *plain = NULL;
    if (text) {
        stylize_recipe_get(recipe, field->name, text, size);
        if (base_names)
            drop_folders(field, text, base, 2 * size);
        plain = run_json_string(base_names ? base : text);
    }
    free(text);
    return plain;
}

/* A copy of a recipe with texts as they are to be in JSON. NULL when memory is short. */
static stylize_recipe *plain_recipe(const stylize_recipe *recipe, bool base_names) {
    stylize_error err;
    stylize_recipe *copy = stylize_recipe_copy(recipe, &err);
    const stylize_field *field;
    for (size_t i = 0; copy && (field = stylize_recipe_field(i)); i++) {
        if (field->kind != STYLIZE_FIELD_TEXT)
            continue;
        json_t *plain = plain_text(recipe, field, base_names);
        const char *text = plain ? json_string_value(plain) : NULL;
        if (!text || (*text && !stylize_recipe_set(copy, field->name, text, &err))) {
            stylize_recipe_free(copy);
            copy = NULL;
        }
        json_decref(plain);
    }
    return copy;
}

json_t *run_json_recipe(const stylize_recipe *recipe, bool base_names) {
    stylize_error err;
    stylize_recipe *plain = plain_recipe(recipe, base_names);
    char *text = plain ? stylize_recipe_write_json(plain, &err) : NULL;
    stylize_recipe_free(plain);
    json_t *object = text ? json_text_load(text, strlen(text), 0, NULL) : NULL;
    free(text);
    return object;
}

/* ---- the inputs ---- */

/* "content" for CONTENT, "content_map" for --content-map. */
static void write_role(const char *role, char *key, size_t size) {
    size_t length = 0;
    for (role += strspn(role, "-"); *role && length + 1 < size; role++)
        key[length++] = (char)(*role == '-' ? '_' : tolower((unsigned char)*role));
    key[length] = '\0';
}

/* Whether an input makes a difference of its own: --recipe does by what it sets, and the picture
 * whose record is followed does by what it says. */
static bool counts(const input_name *input) {
    return strcmp(input->role, "--recipe") != 0 && strcmp(input->role, "PICTURE") != 0 &&
           (strcmp(input->role, "--mask") != 0 || strcmp(input->path, "alpha") != 0);
}

/* What came from a pipe has neither name nor digest. */
static json_t *input_json(const input_name *input, digests *known, stylize_error *err) {
    char role[40];
    digest_text digest;
    if (!digest_file(known, input->path, digest, err))
        return NULL;
    write_role(input->role, role, sizeof role);
    json_t *name = *digest ? run_json_string(files_base(input->path)) : json_null();
    json_t *object = json_pack("{s:s, s:o, s:s?}", "role", role, "name", name, "sha256",
                               *digest ? digest : NULL);
    if (!object)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return object;
}

json_t *run_json_inputs(const options *opts, digests *known, stylize_error *err) {
    json_t *array = json_array();
    input_name input;
    stylize_error_set(err, STYLIZE_FAILURE, "out of memory"); /* unless it is said otherwise */
    for (int i = 0; array && options_input_at(opts, i, &input); i++) {
        json_t *item = counts(&input) ? input_json(&input, known, err) : NULL;
        if (counts(&input) && (!item || json_array_append_new(array, item) != 0)) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
