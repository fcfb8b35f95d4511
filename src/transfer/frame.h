/* SPDX-License-Identifier: MIT
 *
 * The size of the result, and how the content comes into it: which part of the content, and where
 * in the result that lies.
 *
 *     crop      a central part of the shape of the result fills it
 *     pad       all of the content lies in the middle, mirrored outwards
 *     stretch   all of the content fills the result, out of shape
 *
 * Without a frame (a size of one number) the result has the content's shape, and the three are one.
 */
#ifndef STYLIZE_TRANSFER_FRAME_H
#define STYLIZE_TRANSFER_FRAME_H

#include <stdbool.h>

#include "image/resample.h"
#include "transfer/recipe.h"

typedef struct rectangle {
    int x, y, width, height; /* pixels */
} rectangle;

typedef struct frame {
    int width, height; /* of the result, or of a stage of it */
    rectangle part;    /* of the content */
    rectangle place;   /* of that part in the result */
} frame;

/* width x height scaled so that the longest side is `longest`, each side at least one pixel. */
image_extent frame_scale(image_extent size, double longest);

/* The frame of a recipe's result for a content of that size, or for the first style of a texture,
 * which may be larger. *bounded, unless NULL: whether the result would be larger if it were not for
 * the content's size. */
frame frame_of_result(const stylize_recipe *recipe, image_extent content, bool *bounded);

/* The same at the size of a stage. */
frame frame_of_stage(const frame *result, image_extent size);

/* The same for a picture of size `other` that lies over all of the content. */
frame frame_over(const frame *self, image_extent content, image_extent other);

/* The change of size that brings the content's planes into a stage's, and what it leaves to be
 * done; or both, with memory of its own. */
resampling frame_resampling(const frame *self, image_view content, image_view stage);
void frame_mirror_edges(const frame *self, image_view stage);
bool frame_bring(const frame *self, image_view content, image_view stage, error *err);

#endif
