/* SPDX-License-Identifier: MIT
 *
 * A golden problem (golden.h) set up on the engine: network, spec, blended style target, objective.
 * What goes wrong fails the running cmocka test.
 */
#ifndef STYLIZE_TESTS_ENGINE_H
#define STYLIZE_TESTS_ENGINE_H

#include "cost_runs.h"
#include "golden.h"
#include "network/vgg.h"

typedef struct engine {
    vgg *network;
    cost_spec spec; /* terms in the order of the problem's, then smoothness; without targets */
    cost_run run;
    objective *objective; /* of the run */
    int height, width;    /* of the generated picture */
    float *generated;     /* [3][height][width] */
    float *gradient;
} engine;

/* With the kernels given; `golden` may be closed before the engine. */
void engine_open(engine *self, const golden *source, const kernel_set *kernels);
void engine_close(engine *self);

/* Planes of a reference picture; the caller frees. */
float *engine_planes(const reference_image *image);

/* Index of a layer that must be there. */
int engine_layer(const vgg *network, const char *name);

#endif
