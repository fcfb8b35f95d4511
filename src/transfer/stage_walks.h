/* SPDX-License-Identifier: MIT
 *
 * The walks of a stage over memory that it needs for a while: each is one function, which measures
 * without pictures, and with them works, too.
 */
#ifndef STYLIZE_TRANSFER_STAGE_WALKS_H
#define STYLIZE_TRANSFER_STAGE_WALKS_H

#include "transfer/stage.h"

typedef bool stage_walk(stage *self, layout *to, const stage_inputs *inputs, error *err);

/* The picture that transparency is restored by, and the alpha of the content. */
stage_walk stage_walk_take_transparency;
/* What the network is to see of the content, and its targets. */
stage_walk stage_walk_analyse_content;
/* The same of each style, for each region that it paints. */
stage_walk stage_walk_analyse_styles;
/* The masks of regions, and the variables at the start. */
stage_walk stage_walk_take_start;

/* The targets of a region, one for each style layer. */
cost_target *stage_style_targets(stage *self, int region);

/* Whether all styles can be analysed; false with *err naming what is too small. */
bool stage_prepare_styles(stage *self, error *err);

#endif
