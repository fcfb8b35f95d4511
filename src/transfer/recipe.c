/* SPDX-License-Identifier: MIT */
#include "transfer/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "transfer/compat.h"
#include "transfer/field.h"

/* ---- places ---- */

static void *place_at(stylize_recipe *self, size_t offset) {
    return (char *)self + offset;
}

static const void *value_at(const stylize_recipe *self, size_t offset) {
    return (const char *)self + offset;
}

/* An int, or 64 bits where the member is that long. */
static double load_integer(const stylize_recipe *self, const recipe_field *row) {
    const void *place = value_at(self, row->offset);
    return row->bytes == sizeof(uint64_t) ? (double)*(const uint64_t *)place : *(const int *)place;
}

void recipe_load(const stylize_recipe *self, const recipe_field *row, field_value *value) {
    const void *place = value_at(self, row->offset);
    *value = (field_value){0};
    switch (row->field.kind) {
    case STYLIZE_FIELD_FLAG:
        value->number = *(const bool *)place;
        break;
    case STYLIZE_FIELD_NUMBER:
        value->number = *(const double *)place;
        break;
    case STYLIZE_FIELD_INTEGER:
    case STYLIZE_FIELD_WORD:
        value->number = load_integer(self, row);
        break;
    case STYLIZE_FIELD_TEXT:
        value->text = *(char *const *)place;
        value->number = row->field.words ? *(const int *)value_at(self, row->word_offset) : -1;
        break;
    case STYLIZE_FIELD_LAYERS:
        value->layers = *(const recipe_layers *)place;
        break;
    case STYLIZE_FIELD_COUNTS:
    case STYLIZE_FIELD_SCALES:
        value->numbers = *(const recipe_numbers *)place;
        break;
    case STYLIZE_FIELD_NUMBERS:
        value->amounts = *(const recipe_amounts *)place;
        break;
    case STYLIZE_FIELD_SIZE:
        memcpy(value->numbers.items, place, row->bytes);
        value->numbers.count = 2;
        break;
    }
}

static bool copy_text(const char *text, char **copy, stylize_error *err) {
    *copy = NULL;
    if (!text)
        return true;
    const size_t size = strlen(text) + 1;
    *copy = malloc(size);
    if (!*copy)
        return stylize_error_set(err, STYLIZE_FAILURE, "not enough memory for a recipe");
    memcpy(*copy, text, size);
    return true;
}

static bool store_text(stylize_recipe *self, const recipe_field *row, const field_value *value,
                       stylize_error *err) {
    char **place = place_at(self, row->offset), *copy;
    if (!copy_text(value->text, &copy, err))
        return false;
    free(*place);
    *place = copy;
    if (row->field.words)
        *(int *)place_at(self, row->word_offset) = (int)value->number;
    return true;
}

bool recipe_store(stylize_recipe *self, const recipe_field *row, const field_value *value,
                  stylize_error *err) {
    void *place = place_at(self, row->offset);
    switch (row->field.kind) {
    case STYLIZE_FIELD_FLAG:
        *(bool *)place = value->number != 0;
        break;
    case STYLIZE_FIELD_NUMBER:
        *(double *)place = value->number;
        break;
    case STYLIZE_FIELD_INTEGER:
    case STYLIZE_FIELD_WORD:
        if (row->bytes == sizeof(uint64_t))
            *(uint64_t *)place = (uint64_t)value->number;
        else
            *(int *)place = (int)value->number;
        break;
    case STYLIZE_FIELD_TEXT:
        return store_text(self, row, value, err);
    case STYLIZE_FIELD_LAYERS:
        *(recipe_layers *)place = value->layers;
        break;
    case STYLIZE_FIELD_COUNTS:
    case STYLIZE_FIELD_SCALES:
        *(recipe_numbers *)place = value->numbers;
        break;
    case STYLIZE_FIELD_NUMBERS:
        *(recipe_amounts *)place = value->amounts;
        break;
    case STYLIZE_FIELD_SIZE:
        memcpy(place, value->numbers.items, row->bytes);
        break;
    }
    return true;
}

/* ---- what is asked for, and what compat stands for ---- */

static ptrdiff_t row_number(const recipe_field *row) {
    return row - recipe_field_at(0);
}

bool recipe_is_given(const stylize_recipe *self, const char *name) {
    return self->given[row_number(recipe_field_find(name))];
}

/* Gives the fields that nobody asked for what compat stands for. */
static bool follow_compat(stylize_recipe *self, stylize_error *err) {
    const recipe_field *row;
    for (size_t i = 0; (row = recipe_field_at(i)); i++) {
        field_value value;
        if (row->offset != offsetof(stylize_recipe, compat) && !self->given[i] &&
            (!field_read(&row->field, compat_value(self->compat, &row->field), &value, err) ||
             !recipe_store(self, row, &value, err)))
            return false;
    }
    return true;
}

bool recipe_give(stylize_recipe *self, const recipe_field *row, const field_value *value,
                 stylize_error *err) {
    if (!recipe_store(self, row, value, err))
        return false;
    self->given[row_number(row)] = true;
    return row->offset != offsetof(stylize_recipe, compat) || follow_compat(self, err);
}

void recipe_forget_given(stylize_recipe *self) {
    enum { ROOM = 2000 };
    const recipe_field *row;
    for (size_t i = 0; (row = recipe_field_at(i)); i++) {
        char is[ROOM], usual[ROOM];
        field_value value;
        stylize_error unused;
        recipe_load(self, row, &value);
        const int length = field_print(&row->field, &value, is, sizeof is);
        if (field_read(&row->field, compat_value(self->compat, &row->field), &value, &unused) &&
            field_print(&row->field, &value, usual, sizeof usual) == length && length < ROOM &&
            !strcmp(is, usual))
            self->given[i] = false;
    }
}

/* ---- life ---- */

static stylize_recipe *recipe_new(stylize_error *err) {
    stylize_recipe *self = calloc(1, sizeof *self);
    if (!self)
        stylize_error_set(err, STYLIZE_FAILURE, "not enough memory for a recipe");
    return self;
}

stylize_recipe *stylize_recipe_new(stylize_error *err) {
    stylize_recipe *self = recipe_new(err);
    bool ok = self;
    const recipe_field *row;
    for (size_t i = 0; ok && (row = recipe_field_at(i)); i++) {
        field_value value;
        ok = field_read(&row->field, row->field.standard, &value, err) &&
             recipe_store(self, row, &value, err);
    }
    if (ok)
        return self;
    stylize_recipe_free(self);
    return NULL;
}

stylize_recipe *stylize_recipe_copy(const stylize_recipe *self, stylize_error *err) {
    stylize_recipe *copy = recipe_new(err);
    bool ok = copy;
    const recipe_field *row;
    for (size_t i = 0; ok && (row = recipe_field_at(i)); i++) {
        field_value value;
        recipe_load(self, row, &value);
        ok = recipe_store(copy, row, &value, err);
    }
    if (ok) {
        memcpy(copy->given, self->given, sizeof copy->given);
        return copy;
    }
    stylize_recipe_free(copy);
    return NULL;
}

void stylize_recipe_free(stylize_recipe *self) {
    const recipe_field *row;
    for (size_t i = 0; self && (row = recipe_field_at(i)); i++) {
        if (row->field.kind == STYLIZE_FIELD_TEXT)
            free(*(char **)place_at(self, row->offset));
    }
    free(self);
}

/* ---- fields ---- */

bool stylize_recipe_set(stylize_recipe *self, const char *name, const char *text,
                        stylize_error *err) {
    const recipe_field *row = recipe_field_find(name);
    field_value value;
    if (!row)
        return recipe_unknown_field(name, '-', err);
    return field_read(&row->field, text, &value, err) && recipe_give(self, row, &value, err);
}

/* A number that chooses: a flag's no or yes, or a word. */
static bool choose(const stylize_field *field, double number, field_value *value,
                   stylize_error *err) {
    const int last = field->kind == STYLIZE_FIELD_FLAG ? 1 : field_word_count(field) - 1;
    *value = (field_value){0};
    for (int i = 0; i <= last; i++) {
        if (number == i) {
            value->number = i;
            return true;
        }
    }
    return stylize_error_set(err, STYLIZE_USAGE, "%s: %g is out of range (0 to %d)", field->name,
                             number, last);
}

bool stylize_recipe_set_number(stylize_recipe *self, const char *name, double number,
                               stylize_error *err) {
    const recipe_field *row = recipe_field_find(name);
    field_value value;
    if (!row)
        return recipe_unknown_field(name, '-', err);
    const stylize_field *field = &row->field;
    const field_number item = {.value = number};
    bool ok;
    switch (field->kind) {
    case STYLIZE_FIELD_FLAG:
    case STYLIZE_FIELD_WORD:
        ok = choose(field, number, &value, err);
        break;
    case STYLIZE_FIELD_NUMBER:
    case STYLIZE_FIELD_INTEGER:
        value = (field_value){.number = number};
        ok = field_is_auto(field, &value) || field_accept_numbers(field, &item, 1, &value, err);
        break;
    case STYLIZE_FIELD_COUNTS:
    case STYLIZE_FIELD_SIZE:
    case STYLIZE_FIELD_SCALES:
    case STYLIZE_FIELD_NUMBERS:
        ok = field_accept_numbers(field, &item, 1, &value, err);
        break;
    default:
        return stylize_error_set(err, STYLIZE_USAGE, "%s: not settable by a number, expected %s",
                                 name, field->argument);
    }
    return ok && recipe_give(self, row, &value, err);
}

int stylize_recipe_get(const stylize_recipe *self, const char *name, char *text, size_t size) {
    const recipe_field *row = recipe_field_find(name);
    field_value value;
    if (!row)
        return -1;
    recipe_load(self, row, &value);
    return field_print(&row->field, &value, text, size);
}

bool stylize_recipe_get_number(const stylize_recipe *self, const char *name, double *number) {
    const recipe_field *row = recipe_field_find(name);
    field_value value;
    if (!row || (row->field.kind != STYLIZE_FIELD_FLAG && row->field.kind != STYLIZE_FIELD_NUMBER &&
                 row->field.kind != STYLIZE_FIELD_INTEGER && row->field.kind != STYLIZE_FIELD_WORD))
        return false;
    recipe_load(self, row, &value);
    *number = value.number;
    return true;
}

static const recipe_layers *find_layers(const stylize_recipe *self, const char *name) {
    const recipe_field *row = recipe_field_find(name);
    return row && row->field.kind == STYLIZE_FIELD_LAYERS ? value_at(self, row->offset) : NULL;
}

int stylize_recipe_layer_count(const stylize_recipe *self, const char *name) {
    const recipe_layers *layers = find_layers(self, name);
    return layers ? layers->count : 0;
}

const char *stylize_recipe_layer(const stylize_recipe *self, const char *name, int index,
                                 double *weight) {
    const recipe_layers *layers = find_layers(self, name);
    if (!layers || index < 0 || index >= layers->count)
        return NULL;
    if (weight)
        *weight = layers->items[index].weight;
    return layers->items[index].name;
}
