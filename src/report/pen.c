/* SPDX-License-Identifier: MIT */
#include "report/pen.h"

#include <stddef.h>
#include <string.h>

#include "report/text.h"

void pen_set_font(cairo_t *cairo, double size, bool bold) {
    const cairo_font_weight_t weight = bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL;
    cairo_text_extents_t extents;
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, weight);
    cairo_set_font_size(cairo, size);
    cairo_text_extents(cairo, "M0", &extents);
    if (!(extents.width > 0)) /* no font is installed */
        cairo_select_font_face(cairo, "@cairo:", CAIRO_FONT_SLANT_NORMAL, weight);
}

void pen_set_color(cairo_t *cairo, unsigned color) {
    cairo_set_source_rgb(cairo, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0,
                         (color & 255) / 255.0);
}

double pen_width(cairo_t *cairo, const char *text) {
    char clean[PEN_TEXT];
    cairo_text_extents_t extents;
    text_clean(text, clean, sizeof clean);
    cairo_text_extents(cairo, clean, &extents);
    return extents.x_advance;
}

double pen_digit_height(cairo_t *cairo) {
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, "0", &extents);
    return extents.height;
}

void pen_write(cairo_t *cairo, double x, double y, pen_side side, const char *text) {
    char clean[PEN_TEXT];
    text_clean(text, clean, sizeof clean);
    const double width = side == PEN_LEFT ? 0 : pen_width(cairo, clean);
    cairo_move_to(cairo, x - (side == PEN_MIDDLE ? width / 2 : width), y);
    cairo_show_text(cairo, clean);
}

void pen_fit(cairo_t *cairo, const char *text, double width, char fitted[PEN_TEXT]) {
    char clean[PEN_TEXT];
    text_clean(text, clean, sizeof clean);
    strcpy(fitted, clean);
    for (size_t room = strlen(clean); room > 4 && pen_width(cairo, fitted) > width; room--)
        text_shorten(clean, fitted, room);
}

void pen_write_within(cairo_t *cairo, double x, double y, pen_side side, double width,
                      const char *text) {
    char fitted[PEN_TEXT];
    pen_fit(cairo, text, width, fitted);
    pen_write(cairo, x, y, side, fitted);
}
