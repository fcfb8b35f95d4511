/* SPDX-License-Identifier: MIT */
#include "transfer/schedule.h"

#include <math.h>

#include "transfer/frame.h"
#include "transfer/preset.h"
#include "transfer/strength.h"
#include "transfer/texture.h"

/* Measured: docs/pictures.md. The first stage has one size whatever the last one's is, so that the
 * picture is laid out alike at every size. */
#define COARSEST 288 /* pixels: longest side */
#define MOST_RATIO 2.0
#define NOISE_RATIO 2 /* of iterations, to those of a start from a picture */

static bool large_enough(image_extent size) {
    return size.width >= STYLIZE_LEAST_SIDE && size.height >= STYLIZE_LEAST_SIDE;
}

/* ---- sizes ---- */

/* Longest sides, coarsest first, into sides[]; returns how many. The result's own is the last. */
static int choose_sides(const stylize_recipe *recipe, int longest, bool goes_on,
                        double sides[RECIPE_MOST_STAGES]) {
    const recipe_numbers *scales = &recipe->scales;
    const double coarsest = COARSEST * strength_coarsening(recipe);
    int count = 1;
    if (scales->count > 0 && scales->items[0] > 0) {
        for (count = 0; count < scales->count && scales->items[count] < longest; count++)
            sides[count] = scales->items[count];
        if (count == RECIPE_MOST_STAGES)
            count--;
        sides[count++] = longest;
        return count;
    }
    if (scales->count > 0)
        count = scales->count;
    else if (!goes_on && longest > coarsest)
        count += (int)ceil(log2((double)longest / coarsest) / log2(MOST_RATIO));
    count = count < RECIPE_MOST_STAGES ? count : RECIPE_MOST_STAGES;
    const double ratio = scales->count > 0 ? MOST_RATIO
                         : count > 1       ? pow((double)longest / coarsest, 1.0 / (count - 1))
                                           : 1;
    for (int i = 0; i < count; i++)
        sides[i] = longest / pow(ratio, count - 1 - i);
    return count;
}

/* ---- iterations ---- */

/* `noise`: the first of several stages begins as noise, and takes longer. */
static int usual(const preset *from, bool noise, int stage, int count) {
    if (count == 1)
        return from->single;
    if (stage == 0)
        return noise ? NOISE_RATIO * from->coarsest : from->coarsest;
    if (stage + 1 < count)
        return from->between;
    return count == 2 ? from->finest : from->fine_of_many;
}

/* What is not given goes on from what is, in the proportion of the usual numbers. */
static int iterations_of(const stylize_recipe *recipe, bool noise, int stage, int count) {
    const recipe_numbers *given = &recipe->iterations;
    const preset *from = preset_of(recipe);
    if (given->count == 0)
        return usual(from, noise, stage, count);
    if (stage < given->count)
        return given->items[stage];
    const int last = given->count - 1;
    const double share = (double)usual(from, noise, stage, count) / usual(from, noise, last, count);
    const double number = fmin(floor(given->items[last] * share + 0.5), given->items[last]);
    return given->items[last] > 0 && number < 1 ? 1 : (int)number;
}

/* The most stages that a setting makes of any picture. */
static int stages_asked_for(const recipe_numbers *scales) {
    if (scales->count == 0)
        return RECIPE_MOST_STAGES;
    return scales->items[0] > 0 ? scales->count + 1 : scales->count; /* and the result's own size */
}

bool schedule_make(schedule *self, const stylize_recipe *recipe, image_extent result,
                   image_extent style, bool goes_on, error *err) {
    double sides[RECIPE_MOST_STAGES];
    const int longest = image_extent_longest(result),
              planned = choose_sides(recipe, longest, goes_on, sides);
    const int asked = stages_asked_for(&recipe->scales);
    if (recipe->iterations.count > asked && recipe_is_given(recipe, "iterations"))
        return error_set(err, ERROR_USAGE,
                         "iterations: %d numbers for %d %s: give at most one for each stage",
                         recipe->iterations.count, asked, asked == 1 ? "stage" : "stages");
    image_extent sizes[RECIPE_MOST_STAGES];
    int possible = 0;
    for (int i = 0; i < planned; i++) {
        const bool last = i + 1 == planned;
        sizes[possible] = last ? result : frame_scale(result, sides[i]);
        const image_extent style_size =
            frame_scale(style, image_extent_longest(style) * sides[i] / longest);
        possible += last || (large_enough(sizes[possible]) && large_enough(style_size));
    }
    const bool noise = !goes_on && texture_from_noise(recipe);
    self->count = 0;
    for (int i = 0; i < possible; i++) {
        const int iterations = iterations_of(recipe, noise, i, possible);
        if (iterations == 0 && i + 1 < possible)
            continue;
        self->sizes[self->count] = sizes[i];
        self->iterations[self->count++] = iterations;
    }
    return true;
}
