/* SPDX-License-Identifier: MIT
 *
 * The canvas: what the optimiser changes, and how it becomes a picture and back. The one place that
 * knows of colour modes and of transparency.
 *
 * The variables are the three planes of the picture over white, [3][height][width]. Where the
 * content's colours are to stay they are its luma alone, [height][width]: the network sees greys,
 * and the picture shown has the content's colours (docs/method.md, "Colour"). Where the content is
 * not opaque, the network sees it over white, and the picture shown has its transparency
 * (transparency.h).
 *
 * One sheet of three planes serves two ends when light alone is painted. In an evaluation it holds
 * the luma three times, for the network; until the next one it may be painted, for whoever watches.
 */
#ifndef STYLIZE_TRANSFER_CANVAS_H
#define STYLIZE_TRANSFER_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "cost/objective.h"
#include "image/image.h"

typedef struct canvas {
    int width, height;
    bool luma;        /* the content's colours stay */
    bool transparent; /* the content has alpha */
    bool start_alpha; /* and so has the picture to start from */
    /* Planes of [height][width]; NULL where they are not needed. */
    float *colors;          /* [3] luma: the content */
    float *sheet, *slope;   /* [3] luma: what the network sees, and the gradient by it */
    float *start, *start_a; /* [3], [1] transparent: the picture to start from */
    float *alpha;           /* [1] transparent: the content's */
    float *shown;           /* [3] transparent, not luma: the picture as it is shown */
} canvas;

/* Takes the planes of a canvas whose first five members are set. */
void canvas_layout(canvas *self, layout *to);

/* Planes of variables. */
int canvas_channels(const canvas *self);

/* The content has come to size: planes [3][height][width]. Makes of them what the network is to see
 * of it. */
void canvas_take_content(canvas *self, float *content);

/* Makes of a style picture what the network is to see of it; the canvas has its content. */
void canvas_adapt_style(const canvas *self, float *planes, int width, int height);

/* The variables at the picture `planes`. */
void canvas_take_start(const canvas *self, const float *planes, float *variables);

/* The cost at the variables; writes the derivative by each. */
double canvas_evaluate(canvas *self, objective *cost, const float *variables, float *gradient);

/* The picture of the variables as the network's world has it, over white, into planes `out`
 * [3][height][width]: what a further stage goes on from. */
void canvas_paint(const canvas *self, const float *variables, float *out);

/* The same as it is to be shown, its transparency restored. */
void canvas_finish(const canvas *self, const float *variables, float *out);

/* Likewise as a view that owns nothing, valid until the next call or evaluation. */
image canvas_show(canvas *self, const float *variables);

#endif
