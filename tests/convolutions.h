/* SPDX-License-Identifier: MIT
 *
 * A convolution by Winograd's filtering for tests: random weights both ways, a way to cut the work,
 * and how far what comes out may be off.
 */
#ifndef STYLIZE_TESTS_CONVOLUTIONS_H
#define STYLIZE_TESTS_CONVOLUTIONS_H

#include "bf16_bounds.h"
#include "network/winograd.h"
#include "tensors.h"

typedef struct shape {
    int in, out, height, width;
} shape;

/* The ways to go: both schedules, the second with filters kept transformed or not. */
typedef enum way { OWN, SHARED, SHARED_TRANSFORMED, WAYS } way;

/* A filter both ways with what it was made of, one way to cut the work, and its threads. */
typedef struct setup {
    const kernel_set *kernels;
    size_t bytes; /* of an activation */
    shape shape;
    winograd_blocks blocks;
    int threads;
    winograd_filter forward, plain, adjoint; /* plain: without bias */
    double *weights, *bias;
} setup;

void open_setup(setup *self, const kernel_set *k, way w, shape s, winograd_blocks blocks,
                int threads);
void close_setup(setup *self);

/* One convolution of the setup's height, unless the io has one, by its threads: with working memory
 * of exactly the size asked for, full of rubbish: what is read was written. */
void setup_run(const setup *self, const winograd_filter *filter, winograd_io io);

/* How far the outputs of x may be off before they are stored, with the bias or without: what fp32
 * has always kept, or for operands in bf16 what their roundings come to. The caller frees. */
bound *bounds_new(const setup *self, const double *x, bool adjoint, bool bias);

/* With that of its last rounding. */
bound bound_of_stored(const setup *self, bound computed, double value);

/* Every value within its bound, once stored; and the padding. */
void expect_bounded(const setup *self, const tensor *out, const double *expected,
                    const bound *bounds);

#endif
