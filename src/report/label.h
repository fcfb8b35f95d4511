/* SPDX-License-Identifier: MIT
 *
 * Text into the pixels of a picture.
 */
#ifndef STYLIZE_REPORT_LABEL_H
#define STYLIZE_REPORT_LABEL_H

#include <stdbool.h>

#include "transfer/stylize.h"

/* Where pixels are and what becomes of them there. */
typedef struct label_box {
    unsigned char *pixels;        /* [][][3], of the whole picture */
    size_t stride;                /* bytes from one of its rows to the next */
    int left, top, width, height; /* of the box, which lies inside it */
} label_box;

typedef struct label_style {
    double size; /* of the font, pixels */
    bool bold;
    bool upwards;              /* lines run from below to above */
    bool wrapped;              /* in lines, as many as fit; else one line without its middle */
    unsigned char grey, paper; /* of the text and behind it */
} label_style;

/* Writes a text into the middle of a box, which is filled with `paper` first. False with *err when
 * memory is short. */
bool label_write(const label_box *box, const label_style *style, const char *text,
                 stylize_error *err);

/* The width of a text in pixels, as one line. */
int label_width(const label_style *style, const char *text);

#endif
