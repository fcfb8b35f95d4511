/* SPDX-License-Identifier: MIT
 *
 * Where in a picture a term of the cost looks: a weight for each pixel of a layer.
 */
#ifndef STYLIZE_COST_MASK_H
#define STYLIZE_COST_MASK_H

#include <stdbool.h>

#include "core/layout.h"

typedef struct cost_mask {
    int height, width;   /* of the layer */
    float *weights;      /* [height][width], in [0,1]; by cost_mask_layout or the caller's */
    double sum, squares; /* of the weights, of their squares; by cost_mask_sum */
} cost_mask;

/* Takes the memory of a mask of self's height and width. */
void cost_mask_layout(cost_mask *self, layout *to);

/* Sums up the weights; to be called whenever they have been written. */
void cost_mask_sum(cost_mask *self);

/* out [pixels][16] = in times the pixels' weights, or the squares of these; out may be in. */
void cost_mask_weigh(const float *in, const float *weights, bool squared, int pixels, float *out);

#endif
