/* SPDX-License-Identifier: MIT */
#include "cli/schema.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/layer_names.h"
#include "cli/options_json.h"
#include "core/json_text.h"

enum { DIGITS = 15 /* of limits and defaults, which are short decimal numbers */ };

/* ---- kinds of values ---- */

/* A whole number where it is one. */
static json_t *number(double value) {
    return value == floor(value) && fabs(value) <= 0x1p53 ? json_integer((json_int_t)value)
                                                          : json_real(value);
}

/* One number in [low, high]; what a double cannot exceed anyway is left out. */
static json_t *number_between(const char *type, double low, double high) {
    json_t *schema = json_pack("{s:s}", "type", type);
    const bool above = low > 0 && low <= DBL_MIN;
    if (json_object_set_new(schema, above ? "exclusiveMinimum" : "minimum",
                            number(above ? 0 : low)) != 0 ||
        (high < DBL_MAX && json_object_set_new(schema, "maximum", number(high)) != 0)) {
        json_decref(schema);
        return NULL;
    }
    return schema;
}

static json_t *number_of(const stylize_field *field, bool whole) {
    return number_between(whole ? "integer" : "number", field->low, field->high);
}

static json_t *array_of(json_t *items, int least, int most) {
    return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", items, "minItems", least,
                     "maxItems", most);
}

/* Either of two, of which one may be missing without having failed. */
static json_t *any_of(json_t *first, json_t *second) {
    return json_pack("{s:[o, o]}", "anyOf", first, second);
}

static json_t *word(const char *text) {
    return json_pack("{s:s}", "const", text);
}

static bool append(json_t *array, json_t *item) {
    return json_array_append_new(array, item) == 0;
}

static json_t *words_of(const stylize_field *field) {
    json_t *list = json_array();
    for (const char *const *next = field->words; *next && list; next++) {
        if (!append(list, option_words_are_numbers(field) ? json_integer(strtol(*next, NULL, 10))
                                                          : json_string(*next))) {
            json_decref(list);
            list = NULL;
        }
    }
    return json_pack("{s:o}", "enum", list);
}

static json_t *layer_names(void) {
    char name[LAYER_NAME];
    json_t *list = json_array();
    for (int i = 0; layer_name_at(i, name); i++) {
        if (!append(list, json_string(name))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *layers_of(const stylize_field *field) {
    return json_pack("{s:s, s:{s:o}, s:o, s:i}", "type", "object", "propertyNames", "enum",
                     layer_names(), "additionalProperties", number_of(field, false),
                     "minProperties", 1);
}

/* A value that is not "auto". */
static json_t *value_of(const stylize_field *field) {
    switch (field->kind) {
    case STYLIZE_FIELD_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case STYLIZE_FIELD_NUMBER:
        return number_of(field, false);
    case STYLIZE_FIELD_INTEGER:
        return number_of(field, true);
    case STYLIZE_FIELD_WORD:
        return words_of(field);
    case STYLIZE_FIELD_TEXT:
        return json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
    case STYLIZE_FIELD_LAYERS:
        return layers_of(field);
    case STYLIZE_FIELD_COUNTS:
        return any_of(number_of(field, true),
                      array_of(number_of(field, true), 1, STYLIZE_MOST_STAGES));
    case STYLIZE_FIELD_SIZE:
        return any_of(number_of(field, true), array_of(number_of(field, true), 2, 2));
    case STYLIZE_FIELD_SCALES:
        return any_of(number_between("integer", 1, STYLIZE_MOST_STAGES),
                      array_of(number_of(field, true), 2, STYLIZE_MOST_STAGES));
    case STYLIZE_FIELD_NUMBERS:
        return any_of(number_of(field, false),
                      array_of(number_of(field, false), 1, STYLIZE_MOST_STYLES));
    }
    return NULL;
}

/* ---- members ---- */

static json_t *type_of(const stylize_field *field) {
    json_t *schema = value_of(field);
    if (field->zero)
        schema = any_of(json_pack("{s:i}", "const", 0), schema);
    return field->automatic ? any_of(word("auto"), schema) : schema;
}

/* Adds what an option takes, is for, and is by default, where it is anything. */
static bool add_member(json_t *members, const option *entry, json_t *standard) {
    char name[OPTION_JSON_NAME];
    json_t *schema = type_of(entry->field);
    option_json_name(entry->field, name);
    const bool has_default = standard && !json_is_null(standard);
    if (!schema ||
        json_object_set_new(schema, "description", json_string(entry->field->help)) != 0 ||
        (has_default && json_object_set(schema, "default", standard) != 0)) {
        json_decref(schema);
        return false;
    }
    return json_object_set_new(members, name, schema) == 0;
}

/* The members of an object of settings; `fields` has the defaults of the recipe. */
static json_t *members_of(const options *defaults, const json_t *fields) {
    json_t *members = json_pack("{s:{s:s, s:s}}", "$schema", "type", "string", "description",
                                "where this schema is, for editors");
    option entry;
    bool ok = members;
    for (size_t i = 0; ok && options_at(i, &entry); i++) {
        char name[OPTION_JSON_NAME];
        if (!entry.filed)
            continue;
        option_json_name(entry.field, name);
        json_t *standard = entry.own ? option_to_json(&entry, defaults)
                                     : json_incref(json_object_get(fields, name));
        ok = standard && add_member(members, &entry, standard);
        json_decref(standard);
    }
    if (ok)
        return members;
    json_decref(members);
    return NULL;
}

char *schema_write(stylize_error *err) {
    options defaults;
    char *json = options_init(&defaults, err) ? options_write_json(&defaults, false, err) : NULL;
    json_t *fields = json ? json_text_load(json, strlen(json), 0, NULL) : NULL;
    json_t *schema =
        fields
            ? json_pack("{s:s, s:s, s:s, s:s, s:o, s:b}", "$schema",
                        "https://json-schema.org/draft/2020-12/schema", "title",
                        "Settings of stylize", "description",
                        "What --recipe reads and --print recipe prints; a member that is missing "
                        "leaves its setting as it is.",
                        "type", "object", "properties", members_of(&defaults, fields),
                        "additionalProperties", 0)
            : NULL;
    const size_t style = JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS);
    char *text = schema ? json_text_dump(schema, style) : NULL;
    json_decref(schema);
    json_decref(fields);
    free(json);
    options_clear(&defaults);
    if (!text)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return text;
}
