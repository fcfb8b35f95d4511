/* SPDX-License-Identifier: MIT
 *
 * What is read from argv by the table.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

/* ---- names ---- */

static const option *find_long(const char *name, size_t length) {
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (table[i].name && strlen(table[i].name) == length &&
            !memcmp(table[i].name, name, length))
            return &table[i];
    }
    return NULL;
}

static const option *find_short(char letter) {
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (letter && table[i].letter == letter)
            return &table[i];
    }
    return NULL;
}

/* ---- values ---- */

/* A finite decimal number of this length, which ends at what no number holds; strtod would also
 * take blanks, hexadecimal digits and words. The program never calls setlocale, so that it reads
 * the C locale. */
static bool read_number(const char *text, size_t length, double *value) {
    char *end;
    if (length == 0 || strspn(text, "0123456789.eE+-") != length)
        return false;
    *value = strtod(text, &end);
    return end == text + length && isfinite(*value);
}

static bool set_number(const option *entry, const char *text, double *value, error *err) {
    if (entry->automatic && !strcmp(text, "auto")) {
        *value = 0;
        return true;
    }
    if (!read_number(text, strlen(text), value))
        return error_set(err, ERROR_USAGE, "--%s: '%s' is not a finite decimal number", entry->name,
                         text);
    if ((*value < entry->low || *value > entry->high) && !(entry->zero && *value == 0))
        return error_set(err, ERROR_USAGE, "--%s: %s is out of range (%s)", entry->name, text,
                         entry->range);
    return true;
}

static bool set_integer(const option *entry, const char *text, double *value, error *err) {
    double number;
    if (read_number(text, strlen(text), &number) && number != floor(number))
        return error_set(err, ERROR_USAGE, "--%s: %s is not a whole number", entry->name, text);
    return set_number(entry, text, value, err);
}

static bool set_seed(const option *entry, const char *text, uint64_t *seed, error *err) {
    double number;
    if (!set_integer(entry, text, &number, err))
        return false;
    /* The one whole number out of range that strtod rounds into it. */
    if (strtoull(text, NULL, 10) == ((uint64_t)1 << 53) + 1)
        return error_set(err, ERROR_USAGE, "--%s: %s is out of range (%s)", entry->name, text,
                         entry->range);
    *seed = (uint64_t)number;
    return true;
}

static int find_word(const char *const *words, const char *text) {
    for (int i = 0; words[i]; i++) {
        if (!strcmp(words[i], text))
            return i;
    }
    return -1;
}

static bool set_word(const option *entry, const char *text, int *index, error *err) {
    *index = find_word(entry->words, text);
    if (*index >= 0)
        return true;
    char list[80] = "";
    for (int i = 0; entry->words[i]; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", entry->words[i]);
    }
    return error_set(err, ERROR_USAGE, "--%s: '%s' is none of %s", entry->name, text, list);
}

/* Reads one item of a list of layers, L or L:WEIGHT, of this length. *weighed says which. */
static bool read_layer(const option *entry, const char *item, size_t length, stylize_layer *layer,
                       bool *weighed, error *err) {
    const char *colon = memchr(item, ':', length);
    const size_t name_length = colon ? (size_t)(colon - item) : length;
    const int shown = name_length < 40 ? (int)name_length : 40;
    *weighed = colon;
    if (length == 0)
        return error_set(err, ERROR_USAGE, "--%s: an item of the list is empty", entry->name);

    *layer = (stylize_layer){0};
    if (name_length < sizeof layer->name)
        memcpy(layer->name, item, name_length);
    if (!stylize_layer_known(layer->name))
        return error_set(err, ERROR_USAGE,
                         "--%s: '%.*s' is no layer of VGG-19, which are called conv4_2, relu4_2, "
                         "pool4 and the like",
                         entry->name, shown, item);

    if (!colon)
        return true;
    const size_t digits = (size_t)(item + length - colon - 1);
    if (!read_number(colon + 1, digits, &layer->weight) || layer->weight < 0)
        return error_set(err, ERROR_USAGE, "--%s: the weight '%.*s' of %s is not a number >= 0",
                         entry->name, digits < 80 ? (int)digits : 80, colon + 1, layer->name);
    return true;
}

static bool set_layers(const option *entry, const char *text, stylize_layer *layers, int *count,
                       error *err) {
    int found = 0, weights = 0;
    for (const char *item = text;; item++) {
        const size_t length = strcspn(item, ",");
        stylize_layer layer;
        bool weighed;
        if (!read_layer(entry, item, length, &layer, &weighed, err))
            return false;
        for (int i = 0; i < found; i++) {
            if (!strcmp(layers[i].name, layer.name))
                return error_set(err, ERROR_USAGE, "--%s: %s is given twice", entry->name,
                                 layer.name);
        }
        if (found == STYLIZE_MAX_LAYERS)
            return error_set(err, ERROR_USAGE, "--%s: too many layers", entry->name);
        layers[found++] = layer;
        weights += weighed;
        item += length;
        if (!*item)
            break;
    }
    if (weights != 0 && weights != found)
        return error_set(err, ERROR_USAGE, "--%s: give every layer a weight, or none", entry->name);
    for (int i = 0; !weights && i < found; i++)
        layers[i].weight = 1.0 / found;
    *count = found;
    return true;
}

static void set_init(const option *entry, const char *text, options *self) {
    const int index = find_word(entry->words, text);
    self->init = index < 0 ? text : NULL;
    self->params.init = index < 0 ? STYLIZE_INIT_CONTENT : (stylize_init)index;
}

/* Puts the value where the table says; `text` is NULL for a flag. */
static bool set_value(options *self, const option *entry, const char *text, error *err) {
    char *place = (char *)self + entry->offset;
    double number;
    if (text && !*text)
        return error_set(err, ERROR_USAGE, "--%s: the value is empty, expected %s", entry->name,
                         entry->argument);
    switch (entry->kind) {
    case OPTION_HEADING:
        break;
    case OPTION_FLAG:
        *(bool *)place = true;
        break;
    case OPTION_NUMBER:
        return set_number(entry, text, (double *)(void *)place, err);
    case OPTION_INTEGER:
        if (!set_integer(entry, text, &number, err))
            return false;
        *(int *)(void *)place = (int)number;
        break;
    case OPTION_SEED:
        return set_seed(entry, text, (uint64_t *)(void *)place, err);
    case OPTION_WORD:
        return set_word(entry, text, (int *)(void *)place, err);
    case OPTION_LAYERS:
        return set_layers(entry, text, (stylize_layer *)(void *)place,
                          (int *)(void *)((char *)self + entry->count_offset), err);
    case OPTION_TEXT:
        *(const char **)(void *)place = text;
        break;
    case OPTION_INIT:
        set_init(entry, text, self);
        break;
    }
    return true;
}

/* ---- argv ---- */

/* What is left of argv. */
typedef struct arguments {
    char **next, **end;
} arguments;

/* Sets an option whose value is `attached`, or the next argument when that is NULL. */
static bool take_value(options *self, const option *entry, const char *attached, arguments *rest,
                       error *err) {
    if (!attached && rest->next == rest->end)
        return error_set(err, ERROR_USAGE, "--%s needs a value, %s", entry->name, entry->argument);
    return set_value(self, entry, attached ? attached : *rest->next++, err);
}

static bool parse_long(options *self, const char *text, arguments *rest, error *err) {
    const size_t length = strcspn(text, "=");
    const option *entry = find_long(text, length);
    if (!entry)
        return error_set(err, ERROR_USAGE, "unknown option '--%.*s'; see stylize --help",
                         length < 80 ? (int)length : 80, text);
    const char *attached = text[length] ? text + length + 1 : NULL;
    if (entry->kind != OPTION_FLAG)
        return take_value(self, entry, attached, rest, err);
    if (attached)
        return error_set(err, ERROR_USAGE, "--%s takes no value; write --%s alone", entry->name,
                         entry->name);
    return set_value(self, entry, NULL, err);
}

static bool parse_short(options *self, const char *letters, arguments *rest, error *err) {
    for (; *letters; letters++) {
        const option *entry = find_short(*letters);
        if (!entry) /* a letter past ASCII is shown with the bytes that belong to it */
            return error_set(err, ERROR_USAGE, "unknown option '-%.*s'; see stylize --help",
                             *letters & 0x80 ? 80 : 1, letters);
        if (entry->kind != OPTION_FLAG)
            return take_value(self, entry, letters[1] ? letters + 1 : NULL, rest, err);
        if (!set_value(self, entry, NULL, err))
            return false;
    }
    return true;
}

static bool take_operand(options *self, const char *text, error *err) {
    const char **places[] = {&self->content, &self->style, &self->out};
    static const char *const names[] = {"CONTENT", "STYLE", "OUT"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (*places[i])
            continue;
        if (!*text)
            return error_set(err, ERROR_USAGE, "%s is an empty name", names[i]);
        *places[i] = text;
        return true;
    }
    return error_set(err, ERROR_USAGE, "'%s' is one operand too many after CONTENT STYLE OUT",
                     text);
}

static bool is_dash(const char *text) {
    return text && !strcmp(text, "-");
}

static bool check_operands(const options *self, error *err) {
    if (self->help || self->version || self->list_weights || self->print != PRINT_NOTHING)
        return true;
    if (!self->style || (!self->out && !self->plan))
        return error_set(err, ERROR_USAGE, "%s is missing: the operands are CONTENT STYLE OUT",
                         !self->content ? "CONTENT"
                         : !self->style ? "STYLE"
                                        : "OUT");
    if (is_dash(self->content) + is_dash(self->style) + is_dash(self->init) > 1)
        return error_set(err, ERROR_USAGE,
                         "-: only one of CONTENT, STYLE and --init can come from standard input");
    if (self->quiet && self->progress)
        return error_set(err, ERROR_USAGE, "--progress: it contradicts --quiet: give one of them");
    if (is_dash(self->out) && is_dash(self->log))
        return error_set(err, ERROR_USAGE,
                         "--log: OUT and the log cannot both go to standard output: name a file");
    return true;
}

bool options_parse(options *self, int argc, char **argv, error *err) {
    arguments rest = {argv + (argc > 0), argv + argc};
    bool operands_only = false;
    *self = options_default();
    while (rest.next < rest.end) {
        const char *text = *rest.next++;
        bool ok = true;
        if (operands_only || text[0] != '-' || !text[1])
            ok = take_operand(self, text, err);
        else if (text[1] != '-')
            ok = parse_short(self, text + 1, &rest, err);
        else if (text[2])
            ok = parse_long(self, text + 2, &rest, err);
        else
            operands_only = true;
        if (!ok)
            return false;
    }
    return check_operands(self, err);
}
