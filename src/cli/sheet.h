/* SPDX-License-Identifier: MIT
 *
 * A sheet: pictures side by side in cells of one size on white, in rows and columns, which may be
 * set off in groups.
 */
#ifndef STYLIZE_CLI_SHEET_H
#define STYLIZE_CLI_SHEET_H

#include "transfer/stylize.h"

typedef struct sheet_format {
    int columns, rows;           /* of cells, >= 1 */
    int cell_width, cell_height; /* pixels, >= 1 */
    int gap;                     /* pixels between cells */
    int group;                   /* columns, and rows, of a group; 0: there are none */
    int margin;                  /* pixels between groups, and round the sheet */
    /* Pixels for labels: above the first row, above each further one, left of the first column. */
    int head, between, side;
} sheet_format;

/* A part of a sheet, in pixels. */
typedef struct sheet_box {
    int left, top, width, height;
} sheet_box;

typedef struct sheet {
    sheet_format format;
    int width, height;     /* pixels */
    unsigned char *pixels; /* [height][width][3], owned */
} sheet;

#define SHEET_GREY 176 /* of what a cell has no picture for */

/* A white sheet. False with *err when it would have more than most_pixels, or memory is short;
 * sheet_clear follows in any case. */
bool sheet_init(sheet *self, const sheet_format *format, int most_pixels, stylize_error *err);
void sheet_clear(sheet *self);

/* Where a cell is. */
sheet_box sheet_cell(const sheet *self, int column, int row);

/* Puts a picture, pixels [height][width][3], into the middle of a cell, each pixel as `factor` x
 * `factor` ones: not larger than the cell. Of NULL it is grey. */
void sheet_put(sheet *self, int column, int row, const unsigned char *pixels, int width, int height,
               int factor);

/* Puts a picture of at most the cell's size into its middle, as it is. False with *err when memory
 * is short. */
bool sheet_put_picture(sheet *self, int column, int row, const stylize_image *picture,
                       stylize_error *err);

/* The sheet as a picture, for the caller. NULL with *err when memory is short. */
stylize_image *sheet_picture(const sheet *self, stylize_error *err);

#endif
