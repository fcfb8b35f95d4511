/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/weights_list.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/retry.h"

enum { NAME, NETWORK, PARAMETERS, SIZE, LICENCE, PLACE, COLUMNS };

#define LICENCE_CHARACTERS 40

typedef struct row {
    char mark;
    char *cells[COLUMNS]; /* owned */
} row;

typedef struct table {
    row *rows;
    size_t count, capacity;
    const char *standard;
    bool has_default, has_hidden, has_full;
    FILE *problems;
} table;

/* ---- text of strangers ---- */

/* Bytes of the character that begins at `text`; 0 where it is no UTF-8, controls a terminal or
 * turns the order of text round. */
static size_t character_length(const char *text) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length */
    const unsigned char *b = (const unsigned char *)text;
    const size_t length = b[0] < 0x80                   ? 1
                          : b[0] >= 0xc0 && b[0] < 0xe0 ? 2
                          : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
                          : b[0] >= 0xf0 && b[0] < 0xf5 ? 4
                                                        : 0;
    uint32_t code = length > 1 ? b[0] & (0x7fu >> length) : b[0];
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (b[i] & 0x3fu);
    }
    const bool controls = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bool turns = code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
                       (code >= 0x2066 && code <= 0x2069);
    return controls || turns || (length && code < least[length]) ? 0 : length;
}

/* A new string of at most `most` characters, "..." in place of more, and '?' for each byte that
 * cannot be shown. NULL when memory is short. */
static char *clean_new(const char *text, size_t most) {
    char *clean = malloc(strlen(text) + sizeof "...");
    char *to = clean;
    for (size_t shown = 0; clean && *text && shown < most; shown++) {
        const size_t length = character_length(text);
        memcpy(to, length ? text : "?", length ? length : 1);
        to += length ? length : 1;
        text += length ? length : 1;
    }
    if (clean)
        strcpy(to, *text ? "..." : "");
    return clean;
}

static size_t count_characters(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* ---- rows ---- */

/* What the file says under a key, "?" where it says nothing. */
static const char *get(const stylize_network_file *file, const char *key) {
    const char *text = stylize_network_file_get(file, key);
    return text ? text : "?";
}

static char *describe_network(const stylize_network_file *file) {
    char text[60];
    snprintf(text, sizeof text, "%s to %s", get(file, "architecture"), get(file, "deepest"));
    return strdup(text);
}

static char *describe_parameters(const stylize_network_file *file) {
    char text[40];
    const double count = strtod(get(file, "parameters"), NULL);
    if (count < 1e4)
        snprintf(text, sizeof text, "%.0f", count);
    else
        snprintf(text, sizeof text, "%.2f M", count / 1e6);
    return strdup(text);
}

static char *describe_size(const char *path) {
    char text[40] = "?";
    struct stat status;
    if (retry_stat(path, &status) == 0) {
        const double bytes = (double)status.st_size;
        const bool large = bytes >= 1e6;
        snprintf(text, sizeof text, "%.1f %s", bytes / (large ? 1e6 : 1e3), large ? "MB" : "kB");
    }
    return strdup(text);
}

/* What comes before a semicolon: the licence itself rather than whom it names. */
static char *describe_licence(const stylize_network_file *file) {
    const char *text = stylize_network_file_get(file, "license");
    char *clean = clean_new(text && *text ? text : "not stated", LICENCE_CHARACTERS);
    char *more = clean ? strchr(clean, ';') : NULL;
    if (more)
        *more = '\0';
    return clean;
}

static void clear_row(row *self) {
    for (int i = 0; i < COLUMNS; i++)
        free(self->cells[i]);
}

/* Takes the row's strings over; says so where memory is short. */
static bool add_row(table *self, row fresh) {
    bool whole = true;
    for (int i = 0; i < COLUMNS; i++)
        whole = whole && fresh.cells[i];
    if (whole && self->count == self->capacity) {
        const size_t capacity = self->capacity ? 2 * self->capacity : 16;
        row *grown = realloc(self->rows, capacity * sizeof *grown);
        whole = grown != NULL;
        self->rows = whole ? grown : self->rows;
        self->capacity = whole ? capacity : self->capacity;
    }
    if (whole) {
        self->rows[self->count++] = fresh;
    } else {
        clear_row(&fresh);
        fprintf(self->problems, "stylize: out of memory\n");
    }
    return whole;
}

static void add_headings(table *self) {
    static const char *const titles[COLUMNS] = {"name", "network", "parameters",
                                                "size", "licence", "file"};
    row headings = {.mark = ' '};
    for (int i = 0; i < COLUMNS; i++)
        headings.cells[i] = strdup(titles[i]);
    add_row(self, headings); /* analysed: takes the strings over */
}

static row describe(char mark, const char *name, const char *path,
                    const stylize_network_file *file) {
    return (row){
        .mark = mark,
        .cells = {[NAME] = clean_new(name, SIZE_MAX),
                  [NETWORK] = describe_network(file),
                  [PARAMETERS] = describe_parameters(file),
                  [SIZE] = describe_size(path),
                  [LICENCE] = describe_licence(file),
                  [PLACE] = clean_new(path, SIZE_MAX)},
    };
}

/* A weights_visitor. */
static void visit(void *user, const char *name, const char *path, bool hidden) {
    table *self = user;
    stylize_error err;
    const bool is_default = !hidden && !strcmp(name, self->standard);
    stylize_network_file *file = stylize_network_file_open(path, &err);
    if (!file)
        fprintf(self->problems, "stylize: %s\n", err.text);
    else if (add_row(self, describe(hidden ? '-' : is_default ? '*' : ' ', name, path, file))) {
        self->has_default = self->has_default || is_default;
        self->has_hidden = self->has_hidden || hidden;
        self->has_full = self->has_full || (!hidden && !strcmp(name, WEIGHTS_FULL));
    }
    stylize_network_file_free(file);
}

/* ---- print ---- */

static void print_row(const row *self, const size_t widths[COLUMNS], FILE *out) {
    fprintf(out, "%c ", self->mark);
    for (int i = 0; i < PLACE; i++) {
        const size_t gap = widths[i] - count_characters(self->cells[i]);
        fprintf(out, "%s%*s", self->cells[i], (int)gap + 2, "");
    }
    fprintf(out, "%s\n", self->cells[PLACE]);
}

static void print_rows(const table *self, FILE *out) {
    size_t widths[COLUMNS] = {0};
    for (size_t r = 0; r < self->count; r++) {
        for (int i = 0; i < COLUMNS; i++) {
            const size_t width = count_characters(self->rows[r].cells[i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (size_t r = 0; r < self->count; r++)
        print_row(&self->rows[r], widths, out);
}

static void print_none(const weights_folders *folders, FILE *out) {
    fprintf(out, "No networks in ");
    for (int i = 0; i < folders->count; i++) {
        char *path = clean_new(folders->paths[i], SIZE_MAX);
        fprintf(out, "%s%s", i ? ", " : "", path ? path : "?");
        free(path);
    }
    fprintf(out, "\n");
}

void weights_list_print(const weights_folders *folders, const char *standard, FILE *out,
                        FILE *problems) {
    table self = {.standard = standard, .problems = problems};
    add_headings(&self);
    weights_path_visit(folders, visit, &self);
    if (self.count > 1)
        print_rows(&self, out);
    else
        print_none(folders, out);
    if (self.has_default || self.has_hidden || !self.has_full)
        fprintf(out, "\n");
    if (self.has_default)
        fprintf(out, "* the default\n");
    if (self.has_hidden)
        fprintf(out, "- hidden by an earlier file of the same name\n");
    if (!self.has_full)
        fprintf(out, "The full network, " WEIGHTS_FULL ", is downloaded by " WEIGHTS_FETCH "\n",
                WEIGHTS_FULL, WEIGHTS_FULL);
    for (size_t r = 0; r < self.count; r++)
        clear_row(&self.rows[r]);
    free(self.rows);
}
