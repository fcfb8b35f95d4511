/* SPDX-License-Identifier: MIT
 *
 * A recipe as JSON: one object with a member for each field, whose name has '_' for '-'.
 *
 *     FLAG             true or false
 *     NUMBER, INTEGER  a number
 *     WORD, TEXT       a string
 *     LAYERS           {"relu1_1": 0.5, "relu2_1": 0.5}: weights by layer, in order
 *     COUNTS, NUMBERS  a number, or an array of several
 *     SIZE             a number, or [width, height]
 *     SCALES           a number of stages, or an array of sizes
 *     auto             "auto"
 *
 * Numbers are written as short as they read back exactly. Members that are missing leave their
 * field alone; a member that no field has is an error, and so is one that is there twice.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/json_text.h"
#include "transfer/field.h"

/* ---- names ---- */

static char json_letter(char letter) {
    return letter == '-' ? '_' : letter;
}

static bool has_json_name(const stylize_field *field, const char *key) {
    const char *name = field->name;
    while (*name && *key == json_letter(*name)) {
        name++;
        key++;
    }
    return !*name && !*key;
}

static const recipe_field *find_field(const char *key) {
    const recipe_field *row;
    for (size_t i = 0; (row = recipe_field_at(i)); i++) {
        if (has_json_name(&row->field, key))
            return row;
    }
    return NULL;
}

/* ---- reading ---- */

static const char *kind_of(const json_t *json) {
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        break;
    }
    return "null";
}

static const char *kind_expected(const stylize_field *field) {
    switch (field->kind) {
    case STYLIZE_FIELD_FLAG:
        return "true or false";
    case STYLIZE_FIELD_NUMBER:
    case STYLIZE_FIELD_INTEGER:
        return "a number";
    case STYLIZE_FIELD_WORD:
    case STYLIZE_FIELD_TEXT:
        return "a string";
    case STYLIZE_FIELD_LAYERS:
        return "an object of layers and their weights";
    case STYLIZE_FIELD_COUNTS:
    case STYLIZE_FIELD_SCALES:
    case STYLIZE_FIELD_NUMBERS:
        return "a number or an array of numbers";
    case STYLIZE_FIELD_SIZE:
        break;
    }
    return "a number or [width, height]";
}

static bool wrong_kind(const stylize_field *field, const json_t *json, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_USAGE, "%s: %s in JSON, expected %s%s", field->name,
                             kind_of(json), kind_expected(field),
                             field->automatic ? ", or \"auto\"" : "");
}

/* A whole number that a double does not hold is named by its digits, which go into typed. */
static field_number read_number(const json_t *json, char typed[DECIMAL_ROOM]) {
    field_number number = {.value = json_number_value(json)};
    if (json_is_integer(json)) {
        number.typed = typed;
        number.length =
            snprintf(typed, DECIMAL_ROOM, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    }
    return number;
}

/* One number, or an array of them where the field takes several. */
static bool read_numbers(const stylize_field *field, const json_t *json, field_value *value,
                         stylize_error *err) {
    enum { MOST = FIELD_MOST_NUMBERS };
    field_number numbers[MOST];
    char typed[MOST][DECIMAL_ROOM];
    const bool one = json_is_number(json);
    if (!one && (!json_is_array(json) || field->kind == STYLIZE_FIELD_NUMBER ||
                 field->kind == STYLIZE_FIELD_INTEGER))
        return wrong_kind(field, json, err);
    const size_t count = one ? 1 : json_array_size(json);
    for (size_t i = 0; i < count && i < MOST; i++) {
        const json_t *item = one ? json : json_array_get(json, i);
        if (!json_is_number(item))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: %s in a JSON array, expected a number", field->name,
                                     kind_of(item));
        numbers[i] = read_number(item, typed[i]);
    }
    if (count == 1 && !one && field->kind != STYLIZE_FIELD_COUNTS &&
        field->kind != STYLIZE_FIELD_NUMBERS)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: an array of one number in JSON, expected %s", field->name,
                                 kind_expected(field));
    return field_accept_numbers(field, numbers, count < MOST ? (int)count : MOST, value, err);
}

static bool read_layers(const stylize_field *field, json_t *json, field_value *value,
                        stylize_error *err) {
    const char *name;
    json_t *weight;
    *value = (field_value){0};
    if (!json_is_object(json))
        return wrong_kind(field, json, err);
    json_object_foreach(json, name, weight) {
        if (!json_is_number(weight))
            return stylize_error_set(err, STYLIZE_USAGE, "%s: %s in JSON, expected a weight of %s",
                                     field->name, kind_of(weight), name);
        if (!field_add_layer(field, name, strlen(name), json_number_value(weight), value, err))
            return false;
    }
    return value->layers.count > 0 ||
           stylize_error_set(err, STYLIZE_USAGE, "%s: the object is empty, expected %s",
                             field->name, kind_expected(field));
}

static bool read_value(const stylize_field *field, json_t *json, field_value *value,
                       stylize_error *err) {
    const char *text = json_string_value(json);
    if (field->automatic && text && !strcmp(text, "auto"))
        return field_accept_auto(field, value, err);
    switch (field->kind) {
    case STYLIZE_FIELD_FLAG:
        *value = (field_value){.number = json_is_true(json)};
        return json_is_boolean(json) || wrong_kind(field, json, err);
    case STYLIZE_FIELD_WORD:
    case STYLIZE_FIELD_TEXT:
        return text ? field_read(field, text, value, err) : wrong_kind(field, json, err);
    case STYLIZE_FIELD_LAYERS:
        return read_layers(field, json, value, err);
    default:
        return read_numbers(field, json, value, err);
    }
}

static bool read_object(stylize_recipe *self, json_t *object, stylize_error *err) {
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member) {
        const recipe_field *row = find_field(key);
        field_value value;
        if (!row)
            return recipe_unknown_field(key, '_', err);
        if (!read_value(&row->field, member, &value, err) || !recipe_give(self, row, &value, err))
            return false;
    }
    if (json_object_get(object, "compat"))
        recipe_forget_given(self);
    return true;
}

bool stylize_recipe_read_json(stylize_recipe *self, const char *text, size_t length,
                              stylize_error *err) {
    json_error_t problem;
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *object = json_text_load(text, length, flags, &problem);
    if (!object && json_text_lacks_memory(&problem))
        return stylize_error_set(err, STYLIZE_MEMORY, "JSON: not enough memory to read it");
    if (!object)
        return stylize_error_set(err, STYLIZE_USAGE, "JSON, line %d, column %d: %s", problem.line,
                                 problem.column, problem.text);
    stylize_recipe *changed = NULL;
    bool ok = json_is_object(object) ||
              stylize_error_set(err, STYLIZE_USAGE, "JSON: %s, expected an object of fields",
                                kind_of(object));
    if (ok)
        changed = stylize_recipe_copy(self, err);
    ok = changed && read_object(changed, object, err);
    if (ok) {
        const stylize_recipe before = *self;
        *self = *changed;
        *changed = before;
    }
    stylize_recipe_free(changed);
    json_decref(object);
    return ok;
}

/* ---- writing ---- */

/* A text that grows; after a failure nothing is added any more. */
typedef struct writer {
    char *text;
    size_t length, room;
    bool failed;
} writer;

static int write_bytes(const char *bytes, size_t count, void *to) {
    writer *self = to;
    if (!self->failed && self->room - self->length <= count) {
        const size_t room = 2 * (self->length + count) + 1000;
        char *grown = realloc(self->text, room);
        self->failed = !grown;
        if (grown) {
            self->text = grown;
            self->room = room;
        }
    }
    if (self->failed)
        return -1;
    memcpy(self->text + self->length, bytes, count);
    self->length += count;
    self->text[self->length] = '\0';
    return 0;
}

static void write_text(writer *self, const char *text) {
    write_bytes(text, strlen(text), self);
}

static void write_number(writer *self, double number) {
    char text[DECIMAL_ROOM];
    if (number == floor(number) && fabs(number) < 1e15)
        snprintf(text, sizeof text, "%.0f", number);
    else
        decimal_print(number, text);
    write_text(self, text);
    if (!strcmp(text, "-0")) /* as an integer it would lose its sign */
        write_text(self, ".0");
}

static void write_name(writer *self, const char *name) {
    write_text(self, "\"");
    for (; *name; name++) {
        const char letter = json_letter(*name);
        write_bytes(&letter, 1, self);
    }
    write_text(self, "\": ");
}

/* False with *err where the text is not UTF-8; short memory is noticed at the end. */
static bool write_string(writer *self, const stylize_field *field, const char *text,
                         stylize_error *err) {
    bool lacks_memory;
    json_t *json = json_text_string(text, &lacks_memory);
    const bool ok = json || lacks_memory;
    char *quoted = json ? json_text_dump(json, JSON_ENCODE_ANY) : NULL;
    if (!ok)
        stylize_error_set(err, STYLIZE_FAILURE, "%s: '%s' is not UTF-8, as JSON requires",
                          field->name, text);
    else if (quoted)
        write_text(self, quoted);
    else
        self->failed = true;
    free(quoted);
    json_decref(json);
    return ok;
}

static void write_layers(writer *self, const recipe_layers *layers) {
    for (int i = 0; i < layers->count; i++) {
        write_text(self, i ? ", " : "{");
        write_name(self, layers->items[i].name);
        write_number(self, layers->items[i].weight);
    }
    write_text(self, "}");
}

static void write_amounts(writer *self, const recipe_amounts *list) {
    for (int i = 0; i < list->count; i++) {
        write_text(self, i ? ", " : list->count > 1 ? "[" : "");
        write_number(self, list->items[i]);
    }
    write_text(self, list->count > 1 ? "]" : "");
}

static void write_array(writer *self, const int *items, int count) {
    for (int i = 0; i < count; i++) {
        write_text(self, i ? ", " : "[");
        write_number(self, items[i]);
    }
    write_text(self, "]");
}

static bool write_value(writer *self, const stylize_field *field, const field_value *value,
                        stylize_error *err) {
    const recipe_numbers *numbers = &value->numbers;
    if (field_is_auto(field, value)) /* analysed: kinds are told in their order */
        write_text(self, "\"auto\"");
    else if (field->kind == STYLIZE_FIELD_FLAG)
        write_text(self, value->number != 0 ? "true" : "false");
    else if (field->kind == STYLIZE_FIELD_NUMBER || field->kind == STYLIZE_FIELD_INTEGER)
        write_number(self, value->number);
    else if (field->kind == STYLIZE_FIELD_SIZE && numbers->items[1] == 0) /* analysed: likewise */
        write_number(self, numbers->items[0]);
    else if (field->kind == STYLIZE_FIELD_SCALES && numbers->items[0] == 0)
        write_number(self, numbers->count);
    else if (field->kind == STYLIZE_FIELD_COUNTS && numbers->count == 1)
        write_number(self, numbers->items[0]);
    else if (field_is_list(field) || field->kind == STYLIZE_FIELD_SIZE)
        write_array(self, numbers->items, numbers->count);
    else if (field->kind == STYLIZE_FIELD_NUMBERS)
        write_amounts(self, &value->amounts);
    else if (field->kind == STYLIZE_FIELD_LAYERS)
        write_layers(self, &value->layers);
    else if (value->text)
        return write_string(self, field, value->text, err);
    else
        return write_string(self, field, field->words[(int)value->number], err);
    return true;
}

char *stylize_recipe_write_json(const stylize_recipe *self, stylize_error *err) {
    writer out = {0};
    const recipe_field *row;
    bool ok = true;
    for (size_t i = 0; ok && (row = recipe_field_at(i)); i++) {
        field_value value;
        recipe_load(self, row, &value);
        write_text(&out, i ? ", " : "{");
        write_name(&out, row->field.name);
        ok = write_value(&out, &row->field, &value, err);
    }
    write_text(&out, "}");
    if (ok && out.failed)
        ok = stylize_error_set(err, STYLIZE_FAILURE, "not enough memory for a recipe as JSON");
    if (ok)
        return out.text;
    free(out.text);
    return NULL;
}
