/* SPDX-License-Identifier: MIT
 *
 * What a judgement of a picture consists of: a figure for each column of the table, and how figures
 * of several pictures become one.
 */
#ifndef STYLIZE_JUDGE_FIGURES_H
#define STYLIZE_JUDGE_FIGURES_H

#include <stddef.h>

#define FIGURES_STYLE_LAYERS 5
#define FIGURES_CONTENT_LAYERS 2

/* In the order of the columns. */
typedef enum figure {
    FIGURE_STYLE, /* of the first layer; those of the others follow */
    FIGURE_CONTENT = FIGURE_STYLE + FIGURES_STYLE_LAYERS, /* likewise */
    FIGURE_LUMA = FIGURE_CONTENT + FIGURES_CONTENT_LAYERS,
    FIGURE_CHROMA,
    FIGURE_BORDER,
    FIGURE_LIKENESS,
    FIGURES
} figure;

typedef struct figures {
    double of[FIGURES]; /* not a number where there is none */
} figures;

/* A column's heading: of style and content the layer's name. */
const char *figure_name(figure which);

/* No figures yet. */
figures figures_none(void);

/* Of `count` pictures, at least one: geometric means, of the border the mean of absolute values, of
 * the likeness the plain mean. A figure that one of them lacks is missing. */
figures figures_mean(const figures *all, size_t count);

/* The columns' headings, and figures in these columns, as text of at most `size` bytes; '-' stands
 * for a figure that is missing. */
void figures_print_head(char *text, size_t size);
void figures_print(const figures *self, char *text, size_t size);

#endif
