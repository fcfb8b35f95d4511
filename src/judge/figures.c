/* SPDX-License-Identifier: MIT */
#include "judge/figures.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define LEAST 1e-9 /* in place of a smaller figure, 0 included, in a geometric mean */

typedef enum way { GEOMETRIC, ABSOLUTE, PLAIN } way;

typedef struct column {
    const char *name;
    int width, digits; /* of a figure, and of it after the point */
    way mean;
} column;

static const column columns[FIGURES] = {
    {"relu1_1", 8, 5, GEOMETRIC},
    {"relu2_1", 8, 5, GEOMETRIC},
    {"relu3_1", 8, 5, GEOMETRIC},
    {"relu4_1", 8, 5, GEOMETRIC},
    {"relu5_1", 8, 5, GEOMETRIC},
    {"relu3_3", 7, 4, GEOMETRIC},
    {"relu4_2", 7, 4, GEOMETRIC},
    [FIGURE_LUMA] = {"luma", 6, 3, GEOMETRIC},
    [FIGURE_CHROMA] = {"chroma", 6, 3, GEOMETRIC},
    [FIGURE_BORDER] = {"border", 6, 2, ABSOLUTE},
    [FIGURE_LIKENESS] = {"like", 6, 4, PLAIN},
};

const char *figure_name(figure which) {
    return columns[which].name;
}

figures figures_none(void) {
    figures self;
    for (int i = 0; i < FIGURES; i++)
        self.of[i] = NAN;
    return self;
}

static double part(way mean, double value) {
    if (mean == GEOMETRIC) /* and not fmax, which would lose what is not a number */
        return log(value < LEAST ? LEAST : value);
    return mean == ABSOLUTE ? fabs(value) : value;
}

figures figures_mean(const figures *all, size_t count) {
    figures self;
    for (int i = 0; i < FIGURES; i++) {
        const way mean = columns[i].mean;
        double sum = 0;
        for (size_t k = 0; k < count; k++)
            sum += part(mean, all[k].of[i]) / (double)count;
        self.of[i] = mean == GEOMETRIC ? exp(sum) : sum;
    }
    return self;
}

/* ---- text ---- */

/* Adds a right-aligned word to a line. */
static void add(char *text, size_t size, size_t *used, const char *word, int width) {
    if (*used < size)
        *used +=
            (size_t)snprintf(text + *used, size - *used, "%s%*s", *used ? " " : "", width, word);
}

void figures_print_head(char *text, size_t size) {
    size_t used = 0;
    for (int i = 0; i < FIGURES; i++)
        add(text, size, &used, columns[i].name, columns[i].width);
}

void figures_print(const figures *self, char *text, size_t size) {
    size_t used = 0;
    for (int i = 0; i < FIGURES; i++) {
        const column *c = &columns[i];
        char word[400] = "-";
        if (isfinite(self->of[i]))
            snprintf(word, sizeof word, c->mean == GEOMETRIC ? "%.*f" : "%+.*f", c->digits,
                     self->of[i]);
        add(text, size, &used, word, c->width);
    }
}
