/* SPDX-License-Identifier: MIT
 *
 * A transfer of light alone, for params.color = STYLIZE_COLOR_CONTENT: the variables are the luma
 * of the picture, the network sees greys, and the result gets the colours of the content
 * (docs/method.md, "Colour").
 *
 * One sheet of three planes serves two ends. In an evaluation it holds the luma three times, for
 * the network; from then to the next one it may be painted, for whoever watches.
 */
#ifndef STYLIZE_TRANSFER_LUMINANCE_H
#define STYLIZE_TRANSFER_LUMINANCE_H

#include "cost/objective.h"
#include "image/image.h"

typedef struct luminance {
    float *sheet;    /* [3][height][width], owned */
    float *gradient; /* likewise, of the cost by the sheet */
    size_t pixels;
} luminance;

/* Makes a style picture grey, and about as light and as rich in contrast as the content. */
void luminance_match(image *style, const image *content);

/* The sheet becomes the content's luma. */
bool luminance_init(luminance *self, const image *content, error *err);
void luminance_clear(luminance *self);

/* Bytes that luminance_init allocates. */
size_t luminance_memory(int width, int height);

/* The cost of the grey picture with luma [height][width]; writes the derivative by each. */
double luminance_eval(luminance *self, objective *cost, const float *luma, float *gradient);

/* The picture of the last evaluation in the colours of the content, [3][height][width]: valid until
 * the next one. */
float *luminance_picture(luminance *self, const image *content);

#endif
