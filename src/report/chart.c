/* SPDX-License-Identifier: MIT */
#include "report/chart.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/pen.h"
#include "report/scale.h"

/* Sizes in points; of a PNG each is ZOOM pixels. */
enum {
    ZOOM = 2,
    WIDTH = 900,
    LEFT = 84,    /* of a panel */
    RIGHT = 700,  /* likewise: beyond are the legends */
    TOP = 74,     /* of the first panel */
    HEIGHT = 190, /* of a panel */
    GAP = 26,     /* between panels */
    BOTTOM = 62,  /* under the last one */
    SAMPLE = 26,  /* length of a line in a legend */
    LINE = 19,    /* from one row of a legend to the next */
};

#define INK 0x262626u
#define FAINT 0x5f5f5fu
#define GRID 0xe4e4e4u
#define FINE_GRID 0xf3f3f3u
#define MARK 0x9a9a9au

static const unsigned palette[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                   0xe69f00, 0x56b4e9, 0x7f5539};
enum { COLORS = sizeof palette / sizeof *palette };

/* What a drawing is made with. */
typedef struct drawing {
    const chart *chart;
    cairo_t *cairo;
    scale x;
} drawing;

/* ---- places ---- */

static double panel_top(int index) {
    return TOP + index * (double)(HEIGHT + GAP);
}

static double total_height(const chart *self) {
    return panel_top(self->panel_count - 1) + HEIGHT + BOTTOM;
}

static double place_x(const drawing *self, double x) {
    return LEFT + scale_place(&self->x, x) * (RIGHT - LEFT);
}

static double place_y(const scale *axis, double top, double y) {
    return top + (1 - scale_place(axis, y)) * HEIGHT;
}

static void draw_segment(const drawing *self, double x0, double y0, double x1, double y1) {
    cairo_move_to(self->cairo, x0, y0);
    cairo_line_to(self->cairo, x1, y1);
    cairo_stroke(self->cairo);
}

/* ---- axes ---- */

static bool is_shown(const chart_panel *panel, const chart_series *series, size_t i) {
    return isfinite(series->x[i]) && isfinite(series->y[i]) && (!panel->log || series->y[i] > 0);
}

/* The bounds of what a panel shows; false where it shows nothing. */
static bool find_bounds(const chart_panel *panel, double x[2], double y[2]) {
    bool any = false;
    for (int s = 0; s < panel->series_count; s++) {
        const chart_series *series = &panel->series[s];
        for (size_t i = 0; i < series->count; i++) {
            if (!is_shown(panel, series, i))
                continue;
            y[0] = any ? fmin(y[0], series->y[i]) : series->y[i];
            y[1] = any ? fmax(y[1], series->y[i]) : series->y[i];
            any = true;
            x[0] = fmin(x[0], series->x[i]);
            x[1] = fmax(x[1], series->x[i]);
        }
    }
    return any;
}

static void init_horizontal(drawing *self) {
    double x[2] = {INFINITY, -INFINITY}, y[2];
    for (int i = 0; i < self->chart->panel_count; i++)
        find_bounds(&self->chart->panels[i], x, y);
    for (int i = 0; i < self->chart->mark_count; i++) {
        x[0] = fmin(x[0], self->chart->marks[i].x);
        x[1] = fmax(x[1], self->chart->marks[i].x);
    }
    if (!(x[0] <= x[1]))
        x[0] = x[1] = 0;
    scale_init(&self->x, false, x[0], x[1], 8);
}

/* The horizontal axis's lines in a panel, with numbers under the last one. */
static void draw_horizontal(const drawing *self, double top, bool numbers) {
    cairo_t *cairo = self->cairo;
    for (int i = 0; i < self->x.tick_count; i++) {
        const double x = place_x(self, self->x.ticks[i].value);
        char text[40];
        pen_set_color(cairo, GRID);
        draw_segment(self, x, top, x, top + HEIGHT);
        if (!numbers)
            continue;
        scale_write(&self->x, self->x.ticks[i].value, text, sizeof text);
        pen_set_color(cairo, INK);
        pen_write(cairo, x, top + HEIGHT + 17, PEN_MIDDLE, text);
    }
}

static void draw_vertical(const drawing *self, const scale *axis, double top) {
    cairo_t *cairo = self->cairo;
    const double middle = pen_digit_height(cairo) / 2;
    for (int i = 0; i < axis->tick_count; i++) {
        const scale_tick *tick = &axis->ticks[i];
        const double y = place_y(axis, top, tick->value);
        char text[40];
        pen_set_color(cairo, tick->labelled ? GRID : FINE_GRID);
        draw_segment(self, LEFT, y, RIGHT, y);
        if (!tick->labelled)
            continue;
        scale_write(axis, tick->value, text, sizeof text);
        pen_set_color(cairo, INK);
        pen_write(cairo, LEFT - 8, y + middle, PEN_RIGHT, text);
    }
}

/* The panel's label, upwards along its axis. */
static void draw_panel_label(const drawing *self, const char *label, double top) {
    cairo_t *cairo = self->cairo;
    cairo_save(cairo);
    cairo_translate(cairo, 22, top + HEIGHT / 2.0);
    cairo_rotate(cairo, -acos(-1) / 2);
    pen_set_color(cairo, INK);
    pen_set_font(cairo, 12.5, false);
    pen_write_within(cairo, 0, 0, PEN_MIDDLE, HEIGHT, label);
    cairo_restore(cairo);
}

/* ---- lines ---- */

static void set_line(cairo_t *cairo, const chart_series *series) {
    static const double dashes[][2] = {{7, 4}, {2, 3}};
    const int round = series->look < 0 ? 0 : series->look / COLORS % 3;
    pen_set_color(cairo, series->look < 0 ? 0 : palette[series->look % COLORS]);
    cairo_set_line_width(cairo, series->heavy ? 2.2 : 1.4);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(cairo, round ? dashes[round - 1] : NULL, round ? 2 : 0, 0);
}

/* Points that are too close to tell apart are left out, so that long runs stay small. */
static void draw_series(const drawing *self, const chart_panel *panel, const scale *axis,
                        double top, const chart_series *series) {
    cairo_t *cairo = self->cairo;
    double last_x = 0, last_y = 0;
    bool down = false;
    set_line(cairo, series);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND); /* one point alone is a dot */
    for (size_t i = 0; i < series->count; i++) {
        if (!is_shown(panel, series, i)) {
            down = false;
            continue;
        }
        const double x = place_x(self, series->x[i]), y = place_y(axis, top, series->y[i]);
        const bool ends = i + 1 == series->count || !is_shown(panel, series, i + 1);
        if (!down)
            cairo_move_to(cairo, x, y);
        if (down && !ends && hypot(x - last_x, y - last_y) < 0.25)
            continue;
        cairo_line_to(cairo, x, y);
        down = true;
        last_x = x;
        last_y = y;
    }
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_BUTT);
}

/* As many rows as there is room for; the last one then says how many are left out. */
static void draw_legend(const drawing *self, const chart_panel *panel, double top) {
    enum { ROWS = (HEIGHT + GAP) / LINE };
    cairo_t *cairo = self->cairo;
    const double left = RIGHT + 18, width = WIDTH - 12 - (left + SAMPLE + 8);
    int named = 0, row = 0;
    char more[40];
    pen_set_font(cairo, 12, false);
    for (int i = 0; i < panel->series_count; i++)
        named += !panel->series[i].unnamed;
    for (int i = 0; i < panel->series_count; i++) {
        const chart_series *series = &panel->series[i];
        const double y = top + 6 + row * LINE;
        if (series->unnamed)
            continue;
        if (row == ROWS - 1 && named > ROWS) {
            snprintf(more, sizeof more, "and %d more", named - row);
            pen_set_color(cairo, FAINT);
            pen_write(cairo, left + SAMPLE + 8, y + 4.5, PEN_LEFT, more);
            return;
        }
        set_line(cairo, series);
        draw_segment(self, left, y, left + SAMPLE, y);
        cairo_set_dash(cairo, NULL, 0, 0);
        pen_set_color(cairo, INK);
        pen_write_within(cairo, left + SAMPLE + 8, y + 4.5, PEN_LEFT, width, series->label);
        row++;
    }
}

static void draw_panel(const drawing *self, int index) {
    const chart_panel *panel = &self->chart->panels[index];
    const double top = panel_top(index);
    cairo_t *cairo = self->cairo;
    double x[2] = {0, 0}, y[2] = {1, 1};
    scale axis;
    const bool any = find_bounds(panel, x, y);
    scale_init(&axis, panel->log, y[0], y[1], 6);
    cairo_set_line_width(cairo, 1);
    pen_set_font(cairo, 11.5, false);
    draw_horizontal(self, top, index == self->chart->panel_count - 1);
    if (any)
        draw_vertical(self, &axis, top);
    pen_set_color(cairo, MARK);
    cairo_rectangle(cairo, LEFT, top, RIGHT - LEFT, HEIGHT);
    cairo_stroke(cairo);
    draw_panel_label(self, panel->label, top);
    if (!any) {
        pen_set_color(cairo, FAINT);
        pen_write(cairo, (LEFT + RIGHT) / 2.0, top + HEIGHT / 2.0, PEN_MIDDLE,
                  panel->log ? "nothing above 0" : "nothing");
    }
    cairo_save(cairo);
    cairo_rectangle(cairo, LEFT - 2, top - 2, RIGHT - LEFT + 4, HEIGHT + 4);
    cairo_clip(cairo);
    for (int i = panel->series_count - 1; i >= 0; i--) /* the first one lies on top */
        draw_series(self, panel, &axis, top, &panel->series[i]);
    cairo_restore(cairo);
    draw_legend(self, panel, top);
}

/* ---- the whole ---- */

/* Lines through all panels, with labels as far as they do not meet. */
static void draw_marks(const drawing *self) {
    static const double dash[] = {3, 3};
    const chart *what = self->chart;
    cairo_t *cairo = self->cairo;
    pen_set_font(cairo, 11, false);
    for (int i = 0; i < what->mark_count; i++) {
        const double x = place_x(self, what->marks[i].x);
        const double end = i + 1 < what->mark_count ? place_x(self, what->marks[i + 1].x) : RIGHT;
        cairo_set_line_width(cairo, 1);
        cairo_set_dash(cairo, dash, 2, 0);
        pen_set_color(cairo, MARK);
        draw_segment(self, x, TOP - 6, x, panel_top(what->panel_count - 1) + HEIGHT);
        cairo_set_dash(cairo, NULL, 0, 0);
        pen_set_color(cairo, FAINT);
        if (pen_width(cairo, what->marks[i].label) + 8 <= end - x)
            pen_write(cairo, x + 4, TOP - 8, PEN_LEFT, what->marks[i].label);
    }
}

static void draw(const chart *self, cairo_t *cairo) {
    drawing pad = {.chart = self, .cairo = cairo};
    pen_set_color(cairo, 0xffffff);
    cairo_paint(cairo);
    init_horizontal(&pad);
    for (int i = 0; i < self->panel_count; i++)
        draw_panel(&pad, i);
    draw_marks(&pad);
    pen_set_color(cairo, INK);
    pen_set_font(cairo, 15, true);
    pen_write_within(cairo, LEFT, 34, PEN_LEFT, WIDTH - LEFT - 12, self->title);
    pen_set_font(cairo, 12.5, false);
    pen_write_within(cairo, (LEFT + RIGHT) / 2.0, total_height(self) - 20, PEN_MIDDLE, RIGHT - LEFT,
                     self->label);
}

/* ---- files ---- */

typedef struct buffer {
    char *data;
    size_t size, room;
} buffer;

static cairo_status_t append(void *user, const unsigned char *data, unsigned length) {
    buffer *self = user;
    if (length > self->room - self->size) {
        const size_t room = 2 * self->room + length;
        char *grown = realloc(self->data, room);
        if (!grown)
            return CAIRO_STATUS_NO_MEMORY;
        self->data = grown;
        self->room = room;
    }
    memcpy(self->data + self->size, data, length);
    self->size += length;
    return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *new_surface(chart_format format, double height, buffer *to) {
    if (format == CHART_PNG)
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, ZOOM * WIDTH,
                                          (int)ceil(ZOOM * height));
    if (format == CHART_SVG)
        return cairo_svg_surface_create_for_stream(append, to, WIDTH, height);
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, to, WIDTH, height);
    /* a date would make another file of the same chart */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    return surface;
}

bool chart_encode(const chart *self, chart_format format, char **data, size_t *size,
                  stylize_error *err) {
    buffer to = {0};
    cairo_surface_t *surface = new_surface(format, total_height(self), &to);
    cairo_t *cairo = cairo_create(surface);
    if (format == CHART_PNG)
        cairo_scale(cairo, ZOOM, ZOOM);
    draw(self, cairo);
    cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    if (status == CAIRO_STATUS_SUCCESS && format == CHART_PNG)
        status = cairo_surface_write_to_png_stream(surface, append, &to);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    *data = to.data;
    *size = to.size;
    if (status == CAIRO_STATUS_SUCCESS)
        return true;
    free(to.data);
    *data = NULL;
    return stylize_error_set(err, STYLIZE_FAILURE, "the chart cannot be drawn: %s",
                             cairo_status_to_string(status));
}

bool chart_available(const char *what, stylize_error *err) {
    (void)what;
    (void)err;
    return true;
}
