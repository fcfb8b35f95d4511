/* SPDX-License-Identifier: MIT
 *
 * Text and colours on a cairo surface, for what this floor draws.
 *
 * The font is the system's sans-serif one. Where there is none, cairo's own strokes take its place,
 * so that no text is ever missing (they know ASCII alone).
 */
#ifndef STYLIZE_REPORT_PEN_H
#define STYLIZE_REPORT_PEN_H

#include <cairo.h>
#include <stdbool.h>

/* How a text lies by its place: it begins, has its middle, or ends there. */
typedef enum pen_side { PEN_LEFT, PEN_MIDDLE, PEN_RIGHT } pen_side;

/* Bytes of the longest text that is drawn; more are cut off. */
#define PEN_TEXT 512

/* Sets font, size in units of the surface and weight for what follows. */
void pen_set_font(cairo_t *cairo, double size, bool bold);

/* Sets the colour, 0xRRGGBB. */
void pen_set_color(cairo_t *cairo, unsigned color);

/* Width of a text in units of the surface. */
double pen_width(cairo_t *cairo, const char *text);

/* Height of a digit, for what is to be in the middle of a line. */
double pen_digit_height(cairo_t *cairo);

/* Draws a text on the base line y. What is no UTF-8, and control characters, become '?'. */
void pen_write(cairo_t *cairo, double x, double y, pen_side side, const char *text);

/* Cuts a text to a width by leaving out its middle, where there are dots then. */
void pen_fit(cairo_t *cairo, const char *text, double width, char fitted[PEN_TEXT]);

/* As pen_write, but cut to a width. */
void pen_write_within(cairo_t *cairo, double x, double y, pen_side side, double width,
                      const char *text);

#endif
