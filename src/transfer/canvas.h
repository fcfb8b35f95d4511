/* SPDX-License-Identifier: MIT
 *
 * The canvas: what the optimiser changes, and how it becomes a picture and back. The one place that
 * knows of colour modes and of transparency.
 *
 * The variables are the three planes of the picture over white, [3][height][width]. Where the
 * content's colours are to stay they are its luma alone, [height][width]: the network sees greys,
 * and the picture shown has the content's colours (docs/method.md, "Colour"). Where they are to
 * stay in part, the network sees pale pictures and the content's colours are laid over them. With
 * `match` and `start` style or content are recoloured before they are seen. Where the content is
 * not opaque, the network sees it over white, and the picture shown has its transparency
 * (transparency.h).
 *
 * Where part of the content stays as it is, the picture is a blend of it and of what the variables
 * say: cover * variable + (1 - cover) * content.
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
#include "image/recolor.h"

/* Whose colours the result has. */
typedef enum canvas_color {
    CANVAS_STYLE,   /* the style's */
    CANVAS_CONTENT, /* the content's */
    CANVAS_MATCH,   /* the style's, recoloured to the content's mean and covariance before */
    CANVAS_START,   /* the style's; the content is recoloured to theirs before */
} canvas_color;

typedef struct canvas {
    int width, height;
    canvas_color color;
    float strength;   /* of it, in (0,1] */
    bool luma;        /* the content's colours stay, wholly: only light is painted */
    bool transparent; /* the content has alpha */
    bool start_alpha; /* and so has the picture to start from */
    bool covered;     /* part of the content stays */
    /* Planes of [height][width]; NULL where they are not needed. */
    float *colors;          /* [3] where its colours stay: the content */
    float *sheet;           /* [3] luma or covered: what the network sees, */
    float *slope;           /* [3] luma: and the gradient by it */
    float *plain;           /* [variables] covered: the content */
    const float *cover;     /* [1] covered: how much is painted; borrowed, set before any use */
    float *start, *start_a; /* [3], [1] transparent: the picture to start from, over the content
                               where that stays */
    float *alpha;           /* [1] transparent: the content's */
    float *shown;           /* [3] not luma, other than the variables: the picture as it is shown */
    color_moments palette;  /* match: of the content; start: of the styles */
    recoloring recolored;   /* start: the content */
} canvas;

/* Takes the planes of a canvas whose first eight members are set. */
void canvas_layout(canvas *self, layout *to);

/* Planes of variables. */
int canvas_channels(const canvas *self);

/* The colours of a style picture of any size count by its share. Before the content. */
void canvas_take_palette(canvas *self, const image *style, double share);

/* The content has come to size: planes [3][height][width]. Makes of them what the network is to see
 * of it. */
void canvas_take_content(canvas *self, float *content);

/* Recolours what comes of the content after that, where it is recoloured. */
void canvas_recolor_content(const canvas *self, float *planes);

/* The cover has been filled, and the canvas has its content: where that stays, transparency is
 * restored by it, not by the picture to start from. */
void canvas_take_cover(const canvas *self);

/* Makes of a style picture what the network is to see of it; the canvas has its content. */
void canvas_adapt_style(const canvas *self, float *planes, int width, int height);

/* The variables at the picture `planes`, which they may lie in; the canvas has its content. */
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
