/* SPDX-License-Identifier: MIT
 *
 * A page of pictures in rows and columns, as one HTML file that needs no other: the pictures are
 * inside. Each has figures beside it and a command to copy, which one can do by hand where there is
 * no script.
 */
#ifndef STYLIZE_REPORT_PAGE_H
#define STYLIZE_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "transfer/stylize.h"

enum { PAGE_MOST_FACTS = 12 };

typedef struct page_fact {
    char name[24], value[40];
} page_fact;

typedef struct page_cell {
    const char *label; /* in place of the picture, and over it where columns have no names */
    const char *data;  /* [size], a JPEG or PNG file; NULL: there is no picture */
    size_t size;
    int width, height;   /* pixels */
    const char *problem; /* what there is instead of a picture, or NULL */
    page_fact facts[PAGE_MOST_FACTS];
    int fact_count;
    const char *command; /* "" for none */
} page_cell;

typedef struct page {
    const char *title, *note;   /* over all; a note may be "" */
    const char *const *columns; /* [column_count], over the columns; NULL for none */
    int column_count;           /* >= 1 */
    const char *const *rows;    /* [row_count], beside the rows; NULL for none */
    int row_count;              /* >= 1 */
    const page_cell *cells;     /* [cell_count], row by row; the last row may be shorter */
    int cell_count;
} page;

/* The page as a file's bytes, which the caller frees with free(). Whatever bytes texts have, they
 * are shown and nothing else. False with *err when memory is short. */
bool page_write(const page *self, char **data, size_t *size, stylize_error *err);

/* Whether a file, from where it stands, begins as one of these pages. */
bool page_is_one(FILE *file);

#endif
