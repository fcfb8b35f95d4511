/* SPDX-License-Identifier: MIT
 *
 * Regions of the content, and which styles paint each: none asked for, by grey masks, or by maps in
 * flat colours.
 *
 *     nothing      one region, everywhere, of all styles blended
 *     masks        one for each style, or one for all; the rest stays as in the content, or is a
 *                  region of all styles blended
 *     maps         each colour of the content's map, with what it covers in the styles' maps
 *
 * A map may have any colours: those that lie in it in flat patches are its colours, and edges, with
 * the noise of JPEG or smoothed, go to the nearest. Two colours are the same where no channel
 * differs by more than REGIONS_TOLERANCE.
 */
#ifndef STYLIZE_TRANSFER_REGIONS_H
#define STYLIZE_TRANSFER_REGIONS_H

#include <stdbool.h>

#include "core/error.h"
#include "image/image.h"
#include "image/resample.h"
#include "transfer/recipe.h"

#define REGIONS_MOST (RECIPE_MOST_STYLES + 1)
#define REGIONS_TOLERANCE (20 / 255.0f)

/* The pictures that say where; borrowed. A picture that is not there is NULL. */
typedef struct region_pictures {
    const image *masks[RECIPE_MOST_STYLES];
    int mask_count; /* 0; 1: for all styles; or one for each */
    const image *content_map, *style_maps[RECIPE_MOST_STYLES];
    int style_map_count; /* 0, or one for each style */
    const image *content_weight;
} region_pictures;

typedef struct region_color {
    float rgb[IMAGE_CHANNELS];
    double share; /* of the map */
    int x, y;     /* one of its pixels */
} region_color;

typedef struct regions {
    region_pictures pictures;
    int count;                                     /* >= 1 */
    bool masked;                                   /* else there is one, everywhere */
    bool rest;                                     /* the last one is what masks leave */
    region_color colors[REGIONS_MOST];             /* of maps */
    bool absent[REGIONS_MOST][RECIPE_MOST_STYLES]; /* styles that do not paint it */
} regions;

/* Checks the pictures against the content and one another, and finds the regions. `rest` asks for
 * what masks leave to be painted. False with *err naming the option. */
bool regions_make(regions *self, const region_pictures *pictures, bool rest, image_extent content,
                  const image_extent *style_sizes, int styles, error *err);

/* Whether part of the content stays as it is. */
bool regions_spare_rest(const regions *self);

/* Where something is, by a picture that says so. */
typedef struct region_place {
    const image *picture;
    const regions *regions; /* of a map, of which it is a colour; NULL: it is where it is light */
    int region;
    bool allowed[REGIONS_MOST]; /* regions that there are in the map */
} region_place;

/* Of a region, by its own picture; of the rest that masks leave there is none. */
bool regions_have_place(const regions *self, int region);
region_place regions_place(const regions *self, int region);

/* Where a region is in a style, by that one's map. */
region_place regions_place_in_style(const regions *self, int region, int style);

/* Where a grey picture is light; what is transparent is black. */
region_place regions_place_of_grey(const image *picture);

/* [height][width] in [0,1], of the size of the picture. */
image_view regions_view(const region_place *self);

#endif
