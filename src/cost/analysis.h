/* SPDX-License-Identifier: MIT
 *
 * An analysis of a picture: one way forward through the network that makes targets for terms of a
 * cost, of any kinds at any layers.
 *
 *     analysis_prepare        plans; the targets' sizes are known
 *     cost_target_layout      memory of each target, to last
 *     analysis_layout         memory of the analysis, for analysis_run alone
 *     analysis_run
 */
#ifndef STYLIZE_COST_ANALYSIS_H
#define STYLIZE_COST_ANALYSIS_H

#include <stdbool.h>

#include "core/error.h"
#include "core/layout.h"
#include "cost/kind.h"
#include "cost/term.h"
#include "network/vgg_run.h"

typedef struct analysis {
    vgg_run run;
    cost_target *targets;             /* borrowed */
    int count;                        /* 0: there is nothing to do */
    cost_work works[COST_MOST_TERMS]; /* one for each target */
} analysis;

/* Plans the analysis of pictures of height x width for at most COST_MOST_TERMS targets, whose kind,
 * layer and mask are set; takes no memory. `network` and `targets` must outlive it. False with *err
 * when the picture is too small for a layer (naming it) or too large. */
bool analysis_prepare(analysis *self, const vgg *network, pooling pooling, cost_target *targets,
                      int count, int height, int width, error *err);

void analysis_layout(analysis *self, layout *to);

/* Makes the targets of a picture of that size: planes [3][height][width], RGB in [0,1]. */
void analysis_run(analysis *self, const float *planes);

/* All in one, the targets in a block of memory of their own, which *lasting then owns
 * (layout_free). */
bool analysis_make(const vgg *network, pooling pooling, cost_target *targets, int count,
                   const float *planes, int height, int width, layout *lasting, error *err);

#endif
