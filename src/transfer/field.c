/* SPDX-License-Identifier: MIT */
#include "transfer/field.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/nearest_name.h"
#include "network/vgg.h"

#define MOST_SHOWN 80 /* bytes of an item of a list in an error */

static int shown(size_t length) {
    return length < MOST_SHOWN ? (int)length : MOST_SHOWN;
}

/* ---- numbers ---- */

static bool out_of_range(const stylize_field *self, const field_number *number,
                         stylize_error *err) {
    char text[DECIMAL_ROOM];
    decimal_print(number->value, text);
    return stylize_error_set(err, STYLIZE_USAGE, "%s: %.*s is out of range (%s)", self->name,
                             number->typed ? number->length : DECIMAL_ROOM,
                             number->typed ? number->typed : text, self->range);
}

/* Whether 2^53 stands for 2^53 + 1: the one whole number that rounds into the range of exact ones.
 */
static bool is_rounded(const field_number *number) {
    return number->typed && number->value == 0x1p53 &&
           strtoull(number->typed, NULL, 10) == ((uint64_t)1 << 53) + 1;
}

static bool check_number(const stylize_field *self, const field_number *number, double low,
                         double high, bool zero, stylize_error *err) {
    if (!isfinite(number->value))
        return stylize_error_set(err, STYLIZE_USAGE, "%s: %f is not a finite decimal number",
                                 self->name, number->value);
    if (self->kind != STYLIZE_FIELD_NUMBER && self->kind != STYLIZE_FIELD_NUMBERS &&
        number->value != floor(number->value)) {
        char text[DECIMAL_ROOM];
        decimal_print(number->value, text);
        return stylize_error_set(err, STYLIZE_USAGE, "%s: %.*s is not a whole number", self->name,
                                 number->typed ? number->length : DECIMAL_ROOM,
                                 number->typed ? number->typed : text);
    }
    if (((number->value < low || number->value > high) && !(zero && number->value == 0)) ||
        is_rounded(number))
        return out_of_range(self, number, err);
    return true;
}

/* Each in range, in the order given. */
static bool accept_list(const stylize_field *self, const field_number *numbers, int count,
                        bool ascending, recipe_numbers *list, stylize_error *err) {
    if (count > RECIPE_MOST_STAGES)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: more than %d numbers", self->name,
                                 RECIPE_MOST_STAGES);
    for (int i = 0; i < count; i++) {
        if (!check_number(self, &numbers[i], self->low, self->high, self->zero, err))
            return false;
        list->items[i] = (int)numbers[i].value;
        if (ascending && i > 0 && list->items[i] <= list->items[i - 1])
            return stylize_error_set(err, STYLIZE_USAGE, "%s: %d comes after %d, expected %s",
                                     self->name, list->items[i], list->items[i - 1], self->range);
    }
    list->count = count;
    return true;
}

static bool accept_amounts(const stylize_field *self, const field_number *numbers, int count,
                           recipe_amounts *list, stylize_error *err) {
    if (count > RECIPE_MOST_STYLES)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: more than %d numbers", self->name,
                                 RECIPE_MOST_STYLES);
    for (int i = 0; i < count; i++) {
        if (!check_number(self, &numbers[i], self->low, self->high, self->zero, err))
            return false;
        list->items[i] = numbers[i].value;
    }
    list->count = count;
    return true;
}

static bool accept_size(const stylize_field *self, const field_number *numbers, int count,
                        recipe_numbers *list, stylize_error *err) {
    if (count > 2)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: more than two numbers, expected %s",
                                 self->name, self->argument);
    for (int i = 0; i < count; i++) {
        if (!check_number(self, &numbers[i], self->low, self->high, count == 1 && self->zero, err))
            return false;
        list->items[i] = (int)numbers[i].value;
    }
    list->count = 2;
    return true;
}

static bool accept_scales(const stylize_field *self, const field_number *numbers, int count,
                          recipe_numbers *list, stylize_error *err) {
    if (count != 1)
        return accept_list(self, numbers, count, true, list, err);
    if (!check_number(self, &numbers[0], 1, RECIPE_MOST_STAGES, false, err))
        return false;
    list->count = (int)numbers[0].value;
    return true;
}

bool field_accept_numbers(const stylize_field *self, const field_number *numbers, int count,
                          field_value *value, stylize_error *err) {
    *value = (field_value){0};
    if (count < 1)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: the list is empty, expected %s",
                                 self->name, self->argument);
    switch (self->kind) {
    case STYLIZE_FIELD_COUNTS:
        return accept_list(self, numbers, count, false, &value->numbers, err);
    case STYLIZE_FIELD_SCALES:
        return accept_scales(self, numbers, count, &value->numbers, err);
    case STYLIZE_FIELD_NUMBERS:
        return accept_amounts(self, numbers, count, &value->amounts, err);
    case STYLIZE_FIELD_SIZE:
        return accept_size(self, numbers, count, &value->numbers, err);
    default:
        value->number = numbers[0].value;
        return check_number(self, &numbers[0], self->low, self->high, self->zero, err);
    }
}

/* What stands for "auto" in a number, or a size: where 0 is a value of its own, what none can be.
 */
static double auto_number(const stylize_field *self) {
    return self->low > 0 && !self->zero ? 0 : FIELD_AUTO;
}

bool field_accept_auto(const stylize_field *self, field_value *value, stylize_error *err) {
    *value = (field_value){.number = auto_number(self)};
    if (self->kind == STYLIZE_FIELD_SIZE)
        value->numbers = (recipe_numbers){.items = {FIELD_AUTO}, .count = 2};
    return self->automatic ||
           stylize_error_set(err, STYLIZE_USAGE, "%s: 'auto' is not accepted here, expected %s",
                             self->name, self->argument);
}

bool field_is_list(const stylize_field *self) {
    return self->kind == STYLIZE_FIELD_COUNTS || self->kind == STYLIZE_FIELD_SCALES;
}

bool field_is_auto(const stylize_field *self, const field_value *value) {
    if (!self->automatic)
        return false;
    if (self->kind == STYLIZE_FIELD_LAYERS)
        return value->layers.count == 0;
    if (self->kind == STYLIZE_FIELD_NUMBERS)
        return value->amounts.count == 0;
    if (field_is_list(self))
        return value->numbers.count == 0;
    if (self->kind == STYLIZE_FIELD_SIZE)
        return value->numbers.items[0] == FIELD_AUTO;
    return value->number == auto_number(self);
}

/* Numbers with `separator` between them; without one (0) a single number. */
static bool read_numbers(const stylize_field *self, const char *text, char separator,
                         field_value *value, stylize_error *err) {
    field_number numbers[FIELD_MOST_NUMBERS];
    int count = 0;
    for (const char *item = text; item && count < FIELD_MOST_NUMBERS;) {
        const char *end = separator ? strchr(item, separator) : NULL;
        const size_t length = end ? (size_t)(end - item) : strlen(item);
        field_number *number = &numbers[count++];
        /* of a frame the whole value is shown */
        const bool whole = separator == 'x';
        *number = (field_number){.typed = whole ? text : item,
                                 .length = shown(whole ? strlen(text) : length)};
        if (length == 0)
            return stylize_error_set(err, STYLIZE_USAGE, "%s: a number is missing in '%s'",
                                     self->name, text);
        if (!decimal_read(item, length, &number->value))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: '%.*s' is not a finite decimal number", self->name,
                                     number->length, number->typed);
        item = end ? end + 1 : NULL;
    }
    return field_accept_numbers(self, numbers, count, value, err);
}

/* ---- words ---- */

int field_word_count(const stylize_field *self) {
    int count = 0;
    while (self->words && self->words[count])
        count++;
    return count;
}

static int find_word(const stylize_field *self, const char *text) {
    for (int i = field_word_count(self) - 1; i >= 0; i--) {
        if (!strcmp(self->words[i], text))
            return i;
    }
    return -1;
}

static bool read_word(const stylize_field *self, const char *text, field_value *value,
                      stylize_error *err) {
    const int index = find_word(self, text), count = field_word_count(self);
    value->number = index;
    if (index >= 0)
        return true;
    char list[200] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 self->words[i]);
    const char *near = nearest_name(text, self->words, (size_t)count);
    return stylize_error_set(err, STYLIZE_USAGE, "%s: '%s' is not one of %s%s%s%s", self->name,
                             text, list, near ? "; did you mean " : "", near ? near : "",
                             near ? "?" : "");
}

/* ---- layers ---- */

bool field_add_layer(const stylize_field *self, const char *name, size_t length, double weight,
                     field_value *value, stylize_error *err) {
    recipe_layers *layers = &value->layers;
    recipe_layer layer = {.weight = weight};
    if (length < sizeof layer.name)
        memcpy(layer.name, name, length);
    if (!vgg_layer_known(layer.name))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: '%.*s' is not a layer of VGG-19 (named like conv4_2, "
                                 "relu4_2 and pool4)",
                                 self->name, shown(length), name);
    for (int i = 0; i < layers->count; i++) {
        if (!strcmp(layers->items[i].name, layer.name))
            return stylize_error_set(err, STYLIZE_USAGE, "%s: %s is given twice", self->name,
                                     layer.name);
    }
    if (layers->count == RECIPE_MOST_LAYERS)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: too many layers", self->name);
    if (!isfinite(weight) || weight < 0) {
        char text[DECIMAL_ROOM];
        decimal_print(weight, text);
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: the weight '%s' of %s is not a number >= 0", self->name, text,
                                 layer.name);
    }
    layers->items[layers->count++] = layer;
    return true;
}

/* One item of a list, L or L:WEIGHT, of this length; *weighed says which. */
static bool read_layer(const stylize_field *self, const char *item, size_t length,
                       field_value *value, bool *weighed, stylize_error *err) {
    const char *colon = memchr(item, ':', length);
    const size_t name_length = colon ? (size_t)(colon - item) : length;
    double weight = 0;
    *weighed = colon;
    if (length == 0)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: an item of the list is empty",
                                 self->name);
    if (!colon || decimal_read(colon + 1, length - name_length - 1, &weight))
        return field_add_layer(self, item, name_length, weight, value, err);
    /* What is no number comes after what is no layer. */
    return field_add_layer(self, item, name_length, 0, value, err) &&
           stylize_error_set(err, STYLIZE_USAGE,
                             "%s: the weight '%.*s' of %.*s is not a number >= 0", self->name,
                             shown(length - name_length - 1), colon + 1, (int)name_length, item);
}

static bool read_layers(const stylize_field *self, const char *text, field_value *value,
                        stylize_error *err) {
    recipe_layers *layers = &value->layers;
    int weights = 0;
    for (const char *item = text; item;) {
        const char *end = strchr(item, ',');
        bool weighed;
        if (!read_layer(self, item, end ? (size_t)(end - item) : strlen(item), value, &weighed,
                        err))
            return false;
        weights += weighed;
        item = end ? end + 1 : NULL;
    }
    if (weights != 0 && weights != layers->count)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: give every layer a weight, or none",
                                 self->name);
    for (int i = 0; weights == 0 && i < layers->count; i++)
        layers->items[i].weight = 1.0 / layers->count;
    return true;
}

/* ---- any kind ---- */

bool field_read(const stylize_field *self, const char *text, field_value *value,
                stylize_error *err) {
    *value = (field_value){0};
    if (!text || !*text)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: the value is empty, expected %s",
                                 self->name, self->argument ? self->argument : "yes or no");
    if (self->automatic && !strcmp(text, "auto"))
        return field_accept_auto(self, value, err);
    switch (self->kind) {
    case STYLIZE_FIELD_FLAG:
        value->number = !strcmp(text, "yes");
        return value->number != 0 || !strcmp(text, "no") ||
               stylize_error_set(err, STYLIZE_USAGE, "%s: '%s' is neither yes nor no", self->name,
                                 text);
    case STYLIZE_FIELD_NUMBER:
    case STYLIZE_FIELD_INTEGER:
        return read_numbers(self, text, '\0', value, err);
    case STYLIZE_FIELD_COUNTS:
    case STYLIZE_FIELD_SCALES:
    case STYLIZE_FIELD_NUMBERS:
        return read_numbers(self, text, ',', value, err);
    case STYLIZE_FIELD_SIZE:
        return read_numbers(self, text, 'x', value, err);
    case STYLIZE_FIELD_WORD:
        return read_word(self, text, value, err);
    case STYLIZE_FIELD_LAYERS:
        return read_layers(self, text, value, err);
    case STYLIZE_FIELD_TEXT:
        value->number = find_word(self, text);
        value->text = value->number < 0 ? text : NULL;
        return true;
    }
    return stylize_error_set(err, STYLIZE_USAGE, "%s: unknown kind", self->name);
}

bool stylize_field_check(const stylize_field *self, const char *text, double *number,
                         stylize_error *err) {
    field_value value;
    if (!field_read(self, text, &value, err))
        return false;
    if (number)
        *number = value.number;
    return true;
}

const char *stylize_nearest_name(const char *word, const char *const *names, size_t count) {
    return nearest_name(word, names, count);
}

/* ---- printing ---- */

/* Text that is cut to its room, and how long it would be. */
typedef struct printed {
    char *text;
    size_t size, length;
} printed;

__attribute__((format(printf, 2, 3))) static void print(printed *self, const char *format, ...) {
    const bool room = self->length < self->size;
    va_list args;
    va_start(args, format);
    self->length += (size_t)vsnprintf(room ? self->text + self->length : NULL,
                                      room ? self->size - self->length : 0, format, args);
    va_end(args);
}

static void print_layers(printed *out, const recipe_layers *layers) {
    bool equal = true;
    for (int i = 0; i < layers->count; i++)
        equal = equal && layers->items[i].weight == 1.0 / layers->count;
    for (int i = 0; i < layers->count; i++) {
        char weight[DECIMAL_ROOM] = "";
        if (!equal)
            decimal_print(layers->items[i].weight, weight);
        print(out, "%s%s%s%s", i ? "," : "", layers->items[i].name, equal ? "" : ":", weight);
    }
}

static void print_list(printed *out, const recipe_numbers *list) {
    for (int i = 0; i < list->count; i++)
        print(out, "%s%d", i ? "," : "", list->items[i]);
}

static void print_amounts(printed *out, const recipe_amounts *list) {
    for (int i = 0; i < list->count; i++) {
        char text[DECIMAL_ROOM];
        decimal_print(list->items[i], text);
        print(out, "%s%s", i ? "," : "", text);
    }
}

static void print_number(printed *out, const stylize_field *self, double number) {
    char text[DECIMAL_ROOM];
    decimal_print(number, text);
    if (self->kind == STYLIZE_FIELD_INTEGER)
        print(out, "%.0f", number);
    else
        print(out, "%s", text);
}

int field_print(const stylize_field *self, const field_value *value, char *text, size_t size) {
    printed out = {text, size, 0};
    const recipe_numbers *numbers = &value->numbers;
    if (size > 0)
        *text = '\0';
    if (field_is_auto(self, value))
        print(&out, "auto");
    else if (self->kind == STYLIZE_FIELD_FLAG)
        print(&out, "%s", value->number != 0 ? "yes" : "no");
    else if (self->kind == STYLIZE_FIELD_NUMBER || self->kind == STYLIZE_FIELD_INTEGER)
        print_number(&out, self, value->number);
    else if (self->kind == STYLIZE_FIELD_SIZE && numbers->items[1] > 0)
        print(&out, "%dx%d", numbers->items[0], numbers->items[1]);
    else if (self->kind == STYLIZE_FIELD_SIZE)
        print(&out, "%d", numbers->items[0]);
    else if (self->kind == STYLIZE_FIELD_SCALES && numbers->items[0] == 0)
        print(&out, "%d", numbers->count);
    else if (field_is_list(self))
        print_list(&out, numbers);
    else if (self->kind == STYLIZE_FIELD_NUMBERS)
        print_amounts(&out, &value->amounts);
    else if (self->kind == STYLIZE_FIELD_LAYERS)
        print_layers(&out, &value->layers);
    else if (value->text)
        print(&out, "%s", value->text);
    else if (value->number >= 0)
        print(&out, "%s", self->words[(int)value->number]);
    return (int)out.length;
}
