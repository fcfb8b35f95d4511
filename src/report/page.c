/* SPDX-License-Identifier: MIT */
#include "report/page.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

#define BEGINNING                                                                                  \
    "<!DOCTYPE html>\n"                                                                            \
    "<html lang=\"en\">\n"                                                                         \
    "<head>\n"                                                                                     \
    "<meta charset=\"utf-8\">\n"                                                                   \
    "<meta name=\"generator\" content=\"stylize\">\n"

static const char head[] = BEGINNING
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>\n"
    "body { font: 14px/1.4 sans-serif; margin: 1.5em; color: #262626; background: #fff }\n"
    "h1 { font-size: 1.3em; margin: 0 0 .3em }\n"
    "p { margin: 0 0 1em; color: #5f5f5f }\n"
    "table { border-collapse: collapse }\n"
    "th { font-weight: 600; padding: .3em .5em }\n"
    "td { vertical-align: top; padding: .5em }\n"
    "img, .none { display: block; max-width: 100% }\n"
    "h2 { font-size: 1em; margin: 0 0 .3em; text-align: center }\n"
    ".none { background: #b0b0b0; padding: 1em; box-sizing: border-box;\n"
    "        overflow-wrap: anywhere }\n"
    "dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .8em; margin: .4em 0 }\n"
    "dt { color: #5f5f5f }\n"
    "dd { margin: 0; white-space: nowrap }\n"
    "pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f3f3f3; padding: .5em;\n"
    "      margin: .3em 0 0; user-select: all }\n"
    "button { font: inherit; font-size: .9em }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  body { color: #e8e8e8; background: #1b1b1b }\n"
    "  p, dt { color: #a8a8a8 }\n"
    "  pre { background: #2a2a2a }\n"
    "  .none { color: #1b1b1b }\n"
    "}\n"
    "</style>\n";

/* Buttons are made by the script, so that there is none without it. */
static const char tail[] =
    "<script>\n"
    "for (const pre of document.querySelectorAll('pre')) {\n"
    "  if (!navigator.clipboard) break;\n"
    "  const button = document.createElement('button');\n"
    "  button.textContent = 'copy';\n"
    "  button.onclick = () => navigator.clipboard.writeText(pre.textContent)\n"
    "    .then(() => { button.textContent = 'copied'; });\n"
    "  pre.before(button);\n"
    "}\n"
    "</script>\n"
    "</body>\n"
    "</html>\n";

enum { LEAST_WIDTH = 230 /* of a cell's text */ };

typedef struct buffer {
    char *data;
    size_t size, room;
    bool failed;
} buffer;

/* Room for `size` bytes more; NULL when memory is short. */
static char *reserve(buffer *self, size_t size) {
    if (!self->failed && size > self->room - self->size) {
        const size_t room = 2 * self->room + size;
        char *grown = realloc(self->data, room);
        self->failed = !grown;
        if (grown) {
            self->data = grown;
            self->room = room;
        }
    }
    return self->failed ? NULL : self->data + self->size;
}

static void add_bytes(buffer *self, const char *bytes, size_t size) {
    char *to = reserve(self, size);
    if (to) {
        memcpy(to, bytes, size);
        self->size += size;
    }
}

static void add(buffer *self, const char *text) {
    add_bytes(self, text, strlen(text));
}

/* Adds a text as what it is, also inside quotes. */
static void add_text(buffer *self, const char *text) {
    static const struct {
        char byte;
        const char *instead;
    } marks[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"}, {'"', "&quot;"},
                 {'\'', "&#39;"}, {'\n', "&#10;"}, {'\t', "&#9;"}};
    while (*text) {
        const char *instead = NULL;
        const size_t length = text_character(text);
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            if (marks[i].byte == *text)
                instead = marks[i].instead;
        }
        if (instead)
            add(self, instead);
        else
            add_bytes(self, length ? text : "?", length ? length : 1);
        text += length ? length : 1;
    }
}

static void add_element(buffer *self, const char *before, const char *text, const char *after) {
    add(self, before);
    add_text(self, text);
    add(self, after);
}

/* ---- cells ---- */

static void add_picture(buffer *self, const page_cell *cell) {
    const bool png = cell->size > 1 && cell->data[1] == 'P';
    const size_t length = BASE64_ENCODE_RAW_LENGTH(cell->size);
    char text[80];
    snprintf(text, sizeof text, "<img width=\"%d\" height=\"%d\" ", cell->width, cell->height);
    add(self, text);
    add_element(self, "alt=\"", cell->label, "\" src=\"data:image/");
    add(self, png ? "png;base64," : "jpeg;base64,");
    char *to = reserve(self, length);
    if (to) {
        base64_encode_raw(to, cell->size, (const uint8_t *)cell->data);
        self->size += length;
    }
    add(self, "\">\n");
}

static void add_cell(buffer *self, const page *of, const page_cell *cell) {
    char text[80];
    snprintf(text, sizeof text, "<td><div style=\"width:%dpx\">\n",
             cell->width > LEAST_WIDTH ? cell->width : LEAST_WIDTH);
    add(self, text);
    if (!of->columns)
        add_element(self, "<h2>", cell->label, "</h2>\n");
    if (cell->data) {
        add_picture(self, cell);
    } else {
        snprintf(text, sizeof text, "<div class=\"none\" style=\"width:%dpx;min-height:%dpx\">",
                 cell->width, cell->height);
        add_element(self, text, cell->problem ? cell->problem : "", "</div>\n");
    }
    add(self, cell->fact_count > 0 ? "<dl>\n" : "");
    for (int i = 0; i < cell->fact_count; i++) {
        add_element(self, "<dt>", cell->facts[i].name, "</dt>");
        add_element(self, "<dd>", cell->facts[i].value, "</dd>\n");
    }
    add(self, cell->fact_count > 0 ? "</dl>\n" : "");
    if (*cell->command)
        add_element(self, "<pre>", cell->command, "</pre>\n");
    add(self, "</div></td>\n");
}

static void add_table(buffer *self, const page *of) {
    add(self, "<table>\n");
    if (of->columns) {
        add(self, of->rows ? "<tr><td></td>" : "<tr>");
        for (int i = 0; i < of->column_count; i++)
            add_element(self, "<th scope=\"col\">", of->columns[i], "</th>");
        add(self, "</tr>\n");
    }
    for (int row = 0; row < of->row_count; row++) {
        add(self, "<tr>\n");
        if (of->rows)
            add_element(self, "<th scope=\"row\">", of->rows[row], "</th>\n");
        for (int i = 0; i < of->column_count; i++) {
            const int cell = row * of->column_count + i;
            if (cell < of->cell_count)
                add_cell(self, of, &of->cells[cell]);
        }
        add(self, "</tr>\n");
    }
    add(self, "</table>\n");
}

bool page_is_one(FILE *file) {
    char start[sizeof BEGINNING - 1];
    return fread(start, 1, sizeof start, file) == sizeof start &&
           !memcmp(start, BEGINNING, sizeof start);
}

bool page_write(const page *self, char **data, size_t *size, stylize_error *err) {
    buffer to = {0};
    add(&to, head);
    add_element(&to, "<title>", self->title, "</title>\n</head>\n<body>\n");
    add_element(&to, "<h1>", self->title, "</h1>\n");
    if (*self->note)
        add_element(&to, "<p>", self->note, "</p>\n");
    add_table(&to, self);
    add(&to, tail);
    *data = to.data;
    *size = to.size;
    if (!to.failed)
        return true;
    free(to.data);
    *data = NULL;
    return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}
