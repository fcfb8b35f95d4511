/* SPDX-License-Identifier: MIT
 *
 * From coarse to fine: the sizes of the stages and the iterations of each.
 *
 * Strokes are as large as the network can see, so they are laid out where the picture is small, and
 * each further stage, up to twice as large, adds what is finer. An iteration costs in proportion to
 * the pixels, and later stages need fewer (docs/method.md, "Stages").
 */
#ifndef STYLIZE_TRANSFER_SCHEDULE_H
#define STYLIZE_TRANSFER_SCHEDULE_H

#include <stdbool.h>

#include "core/error.h"
#include "image/resample.h"
#include "transfer/recipe.h"

typedef struct schedule {
    int count;
    image_extent sizes[RECIPE_MOST_STAGES]; /* from coarse to that of the result, which is last */
    int iterations[RECIPE_MOST_STAGES];
} schedule;

/* The stages of a recipe whose result has that size. `style` is the size at which the style is
 * analysed for it; stages at which it or the picture would have a side of under
 * STYLIZE_LEAST_SIDE pixels are left out, and those without iterations, but never the last.
 * `goes_on`: it starts from a picture at the result's size, so that one stage is the default. Of
 * more numbers of iterations than a picture has stages the last are ignored, so that one recipe
 * does for pictures of all sizes; false with *err (ERROR_USAGE) when no picture could have so many
 * as somebody asked for.
 */
bool schedule_make(schedule *self, const stylize_recipe *recipe, image_extent result,
                   image_extent style, bool goes_on, error *err);

#endif
