/* SPDX-License-Identifier: MIT
 *
 * Runs of a network for tests: a picture's way forward, and back from given gradients, with all
 * that a visitor is shown kept in planar order. What goes wrong fails the running cmocka test.
 */
#ifndef STYLIZE_TESTS_NETWORK_RUNS_H
#define STYLIZE_TESTS_NETWORK_RUNS_H

#include <stdbool.h>

#include "network/vgg_run.h"
#include "reference.h"

/* A picture and where to look at it. */
typedef struct run_spec {
    const vgg *network;
    pooling pooling;
    int height, width;
    const double *picture;            /* [3][height][width] */
    bool wanted[VGG_MAX_LAYERS];      /* layers to be seen */
    double *injected[VGG_MAX_LAYERS]; /* gradients; NULL: zeros */
    bool backward;
    int strip_rows; /* strips of no more rows than this (a multiple of 4, at least 8); 0: as planned
                     */
    bool spoiled;   /* memory that holds not-a-numbers wherever a tensor may find them */
} run_spec;

typedef struct run_result {
    double *activations[VGG_MAX_LAYERS]; /* wanted layers, as shown on the way forward */
    float *gradient;                     /* [3][height][width], if backward */
} run_result;

/* Height, width and values of a layer. */
int run_side(const vgg *network, int layer, int side);
int run_count(const run_spec *spec, int layer);

/* Marks the layers of these names, separated by blanks. */
void run_want(run_spec *spec, const char *names);

/* Random gradients for all layers wanted; run_spec_clear frees them. */
void run_inject(run_spec *spec);
void run_spec_clear(run_spec *spec);

/* One evaluation by a run of its own. Asserts that layers and rows are shown in the order that is
 * promised, each row once, and that the way back shows the activations of the way forward. */
run_result run_once(const run_spec *spec);

/* The parts of it: a run, whose memory is the result (layout_free), and an evaluation, of which
 * there may be many. */
layout run_open(const run_spec *spec, vgg_run *run);
run_result run_evaluate(const run_spec *spec, vgg_run *run);

void run_result_clear(run_result *self);

/* All that two runs of one spec saw is the same to the bit. */
void expect_same_result(const run_spec *spec, const run_result *a, const run_result *b);

/* The gradient of the picture by the reference; the caller frees. Unless NULL, *off gets what the
 * engine's is expected to be off in bf16, of its norm, for the same choices of maxima and sides of
 * ReLUs. */
double *run_reference_gradient(const run_spec *spec, const reference_vgg *net,
                               const reference_run *forward, double *off);

#endif
