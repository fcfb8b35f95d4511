/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strndup */
#include "cli/sweep_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

void sweep_axis_clear(sweep_axis *self) {
    for (int i = 0; i < self->count; i++)
        free(self->values[i]);
    *self = (sweep_axis){0};
}

static bool add(sweep_axis *self, const char *what, const char *text, size_t length,
                stylize_error *err) {
    if (length == 0)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: a value is empty", what);
    if (self->count == SWEEP_MOST_CELLS)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: more than %d values", what,
                                 SWEEP_MOST_CELLS);
    self->values[self->count] = strndup(text, length);
    if (!self->values[self->count])
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->count++;
    return true;
}

/* ---- ranges ---- */

typedef struct range {
    double first, last;
    char kind; /* 'x': equal factors, '+': equal steps */
    int count;
    size_t head,
        tail; /* bytes of the ends as they were typed; the last one begins behind the dots */
} range;

/* Reads a number that begins with a digit, a point or a minus, and what follows it. */
static const char *take_number(const char *text, double *value) {
    char *end;
    if (!strchr("0123456789.-", *text) || !*text || !strncmp(text, "..", 2))
        return NULL;
    /* two points would be read as that of a fraction and one more: "1..5" */
    const char *dots = strstr(text, "..");
    char number[40];
    const size_t length = dots ? (size_t)(dots - text) : strlen(text);
    if (length == 0 || length >= sizeof number)
        return NULL;
    memcpy(number, text, length);
    number[length] = '\0';
    *value = strtod(number, &end);
    return end > number && isfinite(*value) ? text + (end - number) : NULL;
}

/* Whether text[length] is A..BxN or A..B+N. */
static bool read_range(const char *text, size_t length, range *to) {
    char copy[120];
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    const char *end = take_number(copy, &to->first);
    if (!end || strncmp(end, "..", 2) != 0)
        return false;
    to->head = (size_t)(end - copy);
    const char *last = end + 2;
    end = take_number(last, &to->last);
    if (!end || (*end != 'x' && *end != '+'))
        return false;
    to->tail = (size_t)(end - last);
    to->kind = *end++;
    const size_t digits = strspn(end, "0123456789");
    to->count = digits > 0 && digits < 9 ? (int)strtol(end, NULL, 10) : 0;
    return digits > 0 && !end[digits];
}

static bool add_range(sweep_axis *self, const char *text, size_t length, const range *of,
                      bool whole, stylize_error *err) {
    const int shown = length < 60 ? (int)length : 60;
    if (of->count < 2 || of->count > SWEEP_MOST_CELLS)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--sweep: %.*s: a range has 2 to %d values, as in 100..1000x4",
                                 shown, text, SWEEP_MOST_CELLS);
    if (of->kind == 'x' && !(of->first > 0 && of->last > 0))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--sweep: %.*s: equal factors need numbers above 0; write + in "
                                 "place of x for equal steps",
                                 shown, text);
    bool ok = add(self, "--sweep", text, of->head, err);
    for (int i = 1; ok && i < of->count - 1; i++) {
        const double part = (double)i / (of->count - 1);
        const double value = of->kind == 'x' ? of->first * pow(of->last / of->first, part)
                                             : of->first + part * (of->last - of->first);
        char number[40];
        snprintf(number, sizeof number, whole ? "%.0f" : "%.3g", value);
        if (!whole && strchr(number, 'e')) /* as people write it, where that is not long */
            snprintf(number, sizeof number, fabs(value) >= 1 && fabs(value) < 1e9 ? "%.0f" : "%.3g",
                     value);
        ok = add(self, "--sweep", number, strlen(number), err);
    }
    return ok && add(self, "--sweep", text + of->head + 2, of->tail, err);
}

/* ---- the whole ---- */

static bool is_whole(const stylize_field *field) {
    return field->kind == STYLIZE_FIELD_INTEGER || field->kind == STYLIZE_FIELD_COUNTS ||
           field->kind == STYLIZE_FIELD_SIZE || field->kind == STYLIZE_FIELD_SCALES;
}

/* Finds the field that text[length] names; NULL with *err where there is none. */
static const stylize_field *find_field(const char *text, size_t length, stylize_error *err) {
    char name[40];
    const int shown = length < sizeof name ? (int)length : (int)sizeof name - 1;
    snprintf(name, sizeof name, "%.*s", shown, text);
    const stylize_field *field = length < sizeof name ? stylize_recipe_field_named(name) : NULL;
    if (!field)
        stylize_error_set(err, STYLIZE_USAGE,
                          "--sweep: '%s' is no setting of a picture: name an option without its "
                          "dashes, as in beta=100,300",
                          name);
    return field;
}

bool sweep_axis_read(sweep_axis *self, const char *text, stylize_error *err) {
    const char *equals = strchr(text, '=');
    *self = (sweep_axis){0};
    if (!equals)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--sweep: '%s' has no values, as in beta=100,300,1000", text);
    const stylize_field *field = find_field(text, (size_t)(equals - text), err);
    if (!field)
        return false;
    self->name = field->name;
    const char *between = strchr(equals, ';') ? ";" : ",";
    for (const char *item = equals + 1;; item++) {
        const size_t length = strcspn(item, between);
        range of;
        const bool ok = read_range(item, length, &of)
                            ? add_range(self, item, length, &of, is_whole(field), err)
                            : add(self, "--sweep", item, length, err);
        if (!ok)
            return false;
        item += length;
        /* one behind the last value says that commas belong to values */
        if (!*item || (*item == ';' && !item[1]))
            return true;
    }
}

bool sweep_axis_add_recipes(sweep_axis *self, const char *text, stylize_error *err) {
    self->name = "recipe";
    for (const char *item = text;; item++) {
        const size_t length = strcspn(item, ",");
        if (!add(self, "--compare", item, length, err))
            return false;
        item += length;
        if (!*item)
            return true;
    }
}

void sweep_axis_label(const sweep_axis *self, int index, char *text, size_t size) {
    const char *value = self->values[index];
    if (strcmp(self->name, "recipe") != 0) {
        snprintf(text, size, "%s = %s", self->name, value);
        return;
    }
    value = files_base(value);
    const char *dot = strrchr(value, '.');
    const int length = dot && dot != value ? (int)(dot - value) : (int)strlen(value);
    snprintf(text, size, "%.*s", length, value);
}
