/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: where in pictures the units of a network's layer are excited most.
 *
 *     stylize_units *units = stylize_units_new(recipe, network, "relu3_1", 9, &err);
 *     stylize_units_add(units, 0, &err);
 *     stylize_units_show(units, picture, &err);
 *     const stylize_place *best = stylize_units_place(units, 0, 0);
 */
#ifndef STYLIZE_UNITS_H
#define STYLIZE_UNITS_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where in pictures units (channels) of a layer are excited most. */
typedef struct stylize_units stylize_units;

typedef struct stylize_place {
    int picture;  /* counted from 0, as they were shown */
    int x, y;     /* first pixel of the square that the unit sees: its receptive field */
    double value; /* of the unit, above 0 */
} stylize_place;

/* For up to `places` of each unit, with the recipe's pooling. The network is borrowed. */
STYLIZE_API stylize_units *stylize_units_new(const stylize_recipe *recipe,
                                             const stylize_network *network, const char *layer,
                                             int places, stylize_error *err);
STYLIZE_API void stylize_units_free(stylize_units *self);

/* How many units the layer has, and the side of what one of them sees, in pixels. */
STYLIZE_API void stylize_units_size(const stylize_units *self, int *units, int *side);

/* Before the first picture: a unit to look at, counted from 0; and as for sessions. */
STYLIZE_API bool stylize_units_add(stylize_units *self, int unit, stylize_error *err);
STYLIZE_API void stylize_units_set_threads(stylize_units *self, int threads);

/* Shows a picture, as it is. Places of one unit in it share no pixel, and all lie inside, but along
 * sides that are too short for that. */
STYLIZE_API bool stylize_units_show(stylize_units *self, const stylize_image *picture,
                                    stylize_error *err);

/* Place `number`, 0 being the best so far, of the unit that was added as `index`; NULL past the
 * last. Equal ones are in the order of pictures, rows and pixels. Valid until the next picture. */
STYLIZE_API const stylize_place *stylize_units_place(const stylize_units *self, int index,
                                                     int number);

#ifdef __cplusplus
}
#endif

#endif
