/* SPDX-License-Identifier: MIT
 *
 * Regions at the size of a stage: the masks of its terms at their layers, and what of the picture
 * is painted at all.
 *
 * A pixel of a layer has of a region the mean over the pixels of the picture that it stands for
 * (the step of the layer). A style term weighs with the square of its mask (cost/gram.h), so that
 * this is the root of the mean: areas add up to the whole, and an edge that is soft in the picture
 * is soft in every layer. In a style's own map a place of a layer counts that sees nothing but the
 * region; where that leaves less than a quarter of it, its share as above; and where there is
 * nothing of it at all, the whole style.
 */
#ifndef STYLIZE_TRANSFER_REGION_MASKS_H
#define STYLIZE_TRANSFER_REGION_MASKS_H

#include <stdbool.h>

#include "core/error.h"
#include "core/layout.h"
#include "cost/mask.h"
#include "cost/term.h"
#include "network/vgg.h"
#include "transfer/frame.h"
#include "transfer/regions.h"

typedef struct region_masks {
    const regions *regions; /* borrowed */
    const vgg *network;
    int height, width;                  /* of the stage's picture */
    cost_mask styles[COST_MOST_TERMS];  /* of each region at each style layer, region by region */
    cost_mask contents[VGG_MAX_LAYERS]; /* of the content layers, where the content has weights */
    int layers[2][VGG_MAX_LAYERS];      /* of the style and of the content */
    int layer_counts[2];
    float *cover;                /* [height][width] how much is painted; NULL: all */
    double shares[REGIONS_MOST]; /* of the picture, by region_masks_fill */
} region_masks;

enum { REGION_STYLE_LAYERS, REGION_CONTENT_LAYERS };

/* For a picture of that size; the layers are set. */
void region_masks_prepare(region_masks *self, const regions *found, const vgg *network, int height,
                          int width);
void region_masks_layout(region_masks *self, layout *to);

/* The mask of a region at style layer number `index`, and of content layer number `index`; NULL
 * where there is none. */
const cost_mask *region_masks_style(const region_masks *self, int region, int index);
const cost_mask *region_masks_content(const region_masks *self, int index);

/* A walk over `to`, which measures unless it `works`: fills the masks, the cover and the shares.
 * *planes is where each region is, [regions][height][width], until the caller rewinds; NULL without
 * regions. False with *err when memory is short, or nothing is painted in that frame. */
bool region_masks_fill(region_masks *self, layout *to, bool works, const frame *place,
                       image_extent content, float **planes, error *err);

/* Likewise the masks of a region in a style of that size, at the style layers [layer_count]; *plane
 * is where it is, [height][width], until the caller rewinds. */
bool region_masks_of_style(const region_masks *self, layout *to, bool works, int region, int style,
                           image_extent size, cost_mask masks[VGG_MAX_LAYERS], float **plane,
                           error *err);

#endif
