/* SPDX-License-Identifier: MIT */
#include "report/label.h"

#include <cairo.h>
#include <math.h>
#include <string.h>

#include "report/pen.h"
#include "report/text.h"

/* Copies the part of a text that fits on a line of that width to `line`, and returns where the next
 * one begins: behind a blank if there is one, else inside a word. */
static const char *take_line(cairo_t *cairo, const char *text, double width, char line[PEN_TEXT]) {
    size_t used = 0, end = 0; /* end: behind the last whole word that fits */
    while (text[used]) {
        const size_t step = text_character(text + used);
        memcpy(line, text, used + step);
        line[used + step] = '\0';
        if (used > 0 && pen_width(cairo, line) > width)
            break;
        if (text[used] == ' ')
            end = used;
        used += step;
    }
    if (text[used] && end)
        used = end;
    memcpy(line, text, used);
    line[used] = '\0';
    return text + used + (text[used] == ' ');
}

static void write_wrapped(cairo_t *cairo, double width, double height, double size,
                          const char *text) {
    enum { MOST = 12 };
    char lines[MOST][PEN_TEXT], clean[PEN_TEXT];
    const double step = 1.3 * size;
    const int room = (int)fmin(MOST, fmax(1, height / step));
    int count = 0;
    text_clean(text, clean, sizeof clean);
    for (const char *rest = clean; *rest && count < room; count++) {
        if (count == room - 1)
            pen_fit(cairo, rest, width, lines[count]);
        rest = count == room - 1 ? "" : take_line(cairo, rest, width, lines[count]);
    }
    const double top = (height - count * step) / 2 + (step + pen_digit_height(cairo)) / 2;
    for (int i = 0; i < count; i++)
        pen_write(cairo, width / 2, top + i * step, PEN_MIDDLE, lines[i]);
}

static void draw(cairo_t *cairo, int width, int height, const label_style *style,
                 const char *text) {
    const double ink = style->grey / 255.0, paper = style->paper / 255.0;
    cairo_set_source_rgb(cairo, paper, paper, paper);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, ink, ink, ink);
    if (style->upwards) {
        cairo_translate(cairo, 0, height);
        cairo_rotate(cairo, -acos(-1) / 2);
    }
    const double along = style->upwards ? height : width, across = style->upwards ? width : height;
    const double room = fmax(along - style->size / 2, 1);
    pen_set_font(cairo, style->size, style->bold);
    if (style->wrapped) {
        cairo_translate(cairo, (along - room) / 2, 0);
        write_wrapped(cairo, room, across, style->size, text);
    } else {
        pen_write_within(cairo, along / 2, (across + pen_digit_height(cairo)) / 2, PEN_MIDDLE, room,
                         text);
    }
}

/* Copies a drawing, [height][width] words of 0x00RRGGBB, to its box. */
static void copy(const label_box *box, cairo_surface_t *surface) {
    const unsigned char *from = cairo_image_surface_get_data(surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < box->height; y++) {
        unsigned char *to =
            box->pixels + (size_t)(box->top + y) * box->stride + (size_t)box->left * 3;
        for (size_t x = 0; x < (size_t)box->width; x++) {
            uint32_t word;
            memcpy(&word, from + (size_t)y * stride + x * 4, sizeof word);
            to[3 * x] = (unsigned char)(word >> 16);
            to[3 * x + 1] = (unsigned char)(word >> 8);
            to[3 * x + 2] = (unsigned char)word;
        }
    }
}

bool label_write(const label_box *box, const label_style *style, const char *text,
                 stylize_error *err) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, box->width, box->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_font_options_t *plain = cairo_font_options_create();
    cairo_font_options_set_antialias(plain, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo, plain);
    draw(cairo, box->width, box->height, style, text);
    const cairo_status_t status = cairo_status(cairo);
    cairo_font_options_destroy(plain);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        copy(box, surface);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ||
           stylize_error_set(err, STYLIZE_FAILURE, "a label cannot be drawn: %s",
                             cairo_status_to_string(status));
}

int label_width(const label_style *style, const char *text) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    cairo_t *cairo = cairo_create(surface);
    pen_set_font(cairo, style->size, style->bold);
    const double width = pen_width(cairo, text);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return (int)ceil(width);
}
