/* SPDX-License-Identifier: MIT
 *
 * The cost of a picture and its gradient, from terms (cost/term.h). One call evaluates everything;
 * nothing is allocated in it.
 */
#ifndef STYLIZE_COST_OBJECTIVE_H
#define STYLIZE_COST_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/layout.h"
#include "cost/kind.h"
#include "cost/term.h"
#include "network/vgg_run.h"

typedef struct cost_values {
    double total;
    double kinds[COST_KINDS];      /* weights of the terms applied, factors not */
    double terms[COST_MOST_TERMS]; /* J of each before its weight, in the spec's order */
    double gradient_norm;          /* 2-norm of dJ/dG */
} cost_values;

typedef struct objective {
    cost_spec spec;
    int height, width;
    vgg_run run;
    bool has_layers;                  /* terms that need the network */
    cost_work works[COST_MOST_TERMS]; /* in the order in which those of a layer go back */
    int work_count;
    cost_term terms[COST_MOST_TERMS]; /* the spec's, those of a work side by side */
    int order[COST_MOST_TERMS];       /* and their numbers in the spec */
    int term_count;
    double *sums;           /* of each row of the three planes */
    float *copies;          /* the pixels of a layer that a thread works on, for each thread */
    size_t copy_floats;     /* of a thread's copy; */
    size_t gradient_floats; /* of their gradient, where activations are no floats; */
    size_t scratch_floats;  /* and of what kinds need besides */
    cost_values values;
} objective;

/* Plans the evaluation of pictures of height x width, for as many threads as are set now; takes no
 * memory. Targets and masks may be filled later; they and `network` must outlive it. False with
 * *err when the picture is too small for a layer (naming it) or too large. */
bool objective_prepare(objective *self, const vgg *network, const cost_spec *spec, int height,
                       int width, error *err);
void objective_layout(objective *self, layout *to);

/* Both in one, in a block of memory that *memory then owns (layout_free). */
bool objective_make(objective *self, const vgg *network, const cost_spec *spec, int height,
                    int width, layout *memory, error *err);

/* J of x [3][height][width], RGB in [0,1]; writes dJ/dx to gradient, of the same shape. */
double objective_eval(objective *self, const float *x, float *gradient);

/* Other factors from the next evaluation on. */
void objective_set_factors(objective *self, const double factors[COST_KINDS]);

/* Another weight of term number `index` of the spec, likewise. */
void objective_set_weight(objective *self, int index, double weight);

/* The parts of the cost of the last evaluation. */
const cost_values *objective_values(const objective *self);

#endif
