/* SPDX-License-Identifier: MIT
 *
 * A picture that repeats without a seam, as the network is to see it: continued by itself on all
 * sides, as far as the deepest layer that is compared can see.
 *
 *     variables -> sheet -> objective -> slope -> gradient
 *                 (continued)      (of each pixel: the sum over all places where it is shown)
 *
 * So the last pixels have the first ones as neighbours in the cost and in its gradient. What is
 * shown twice must not count twice: style terms look through masks, in which a unit of a layer
 * weighs as much as its part of the picture lies within one period, and terms of the picture leave
 * the margin out (cost_spec).
 *
 * A style picture has edges, and beyond them the network sees zeros: what it makes of these no tile
 * can have. So styles are mirrored outwards by the margin, and looked at through masks, too.
 */
#ifndef STYLIZE_TRANSFER_WRAP_H
#define STYLIZE_TRANSFER_WRAP_H

#include <stdbool.h>

#include "core/layout.h"
#include "cost/objective.h"
#include "image/resample.h"

typedef struct wrap {
    image_extent period; /* of the picture */
    int margin;          /* pixels on each side */
    bool masked[VGG_MAX_LAYERS];
    cost_mask masks[VGG_MAX_LAYERS]; /* of those layers */
    int steps[VGG_MAX_LAYERS];       /* pixels from one unit to the next */
    float *sheet, *slope;            /* [3][height + 2 margin][width + 2 margin] */
    double *rows;                    /* [3 * height] partial sums */
} wrap;

/* A size with the margin around it, such as that of the sheet; without a wrap, all zero, the size
 * itself. */
image_extent wrap_around(const wrap *self, image_extent size);

/* Plans for the terms of a spec, which gets the margin, and masks for its style terms; *self must
 * stay where it is. Content terms, whose target would have to be continued too, it may not have. */
void wrap_prepare(wrap *self, const vgg *network, image_extent period, cost_spec *spec);

void wrap_layout(wrap *self, layout *to);

/* Fills the masks, once there is memory. */
void wrap_fill_masks(wrap *self);

/* Masks of a style picture of that size in its margin, at `count` layers; `to` measures, or places
 * and then they are filled. */
void wrap_style_masks(const wrap *self, const vgg *network, image_extent style, const int *layers,
                      int count, layout *to, cost_mask *masks);

/* Mirrors what lies within the margin outwards into it. */
void wrap_mirror(const wrap *self, image_view around);

/* The cost at planes [3][height][width] of one period; writes the derivative by each. Its norm
 * takes the place of the sheet's in the objective's values. */
double wrap_evaluate(wrap *self, objective *cost, const float *planes, float *gradient);

#endif
