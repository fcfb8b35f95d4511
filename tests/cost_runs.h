/* SPDX-License-Identifier: MIT
 *
 * Costs for tests: specs, the targets of their terms, objectives ready to be evaluated. What goes
 * wrong fails the running cmocka test.
 */
#ifndef STYLIZE_TESTS_COST_RUNS_H
#define STYLIZE_TESTS_COST_RUNS_H

#include "cost/analysis.h"
#include "cost/objective.h"
#include "cost/term.h"
#include "network/vgg.h"

/* One more term, without a target yet; layer COST_PICTURE for smoothness. */
cost_term *spec_add(cost_spec *spec, cost_kind kind, int layer, double weight);

/* The weight of smoothness, with its term. */
void spec_add_smoothness(cost_spec *spec, double factor);

/* A picture, [3][height][width]. */
typedef struct cost_picture {
    const float *planes;
    int height, width;
} cost_picture;

/* Analyses a picture. The result owns the memory of the targets (layout_free). */
layout targets_make(const vgg *network, pooling pooling, cost_target *targets, int count,
                    cost_picture picture);

/* An objective and all that it borrows but the network. */
typedef struct cost_run {
    cost_spec spec;
    cost_target targets[COST_MOST_TERMS]; /* of the terms that came without one */
    layout content, style, memory;
    objective objective;
} cost_run;

/* Terms without a target get one: content terms of `content`, which is as large as the pictures to
 * be evaluated, Gram terms of `style`. */
void cost_run_open(cost_run *self, const vgg *network, const cost_spec *spec, cost_picture content,
                   cost_picture style);
void cost_run_close(cost_run *self);

#endif
