/* SPDX-License-Identifier: MIT */
#include "convolutions.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel_buffers.h"

static winograd_blocks blocks_for(const winograd_filter *filter, winograd_blocks blocks) {
    if (blocks.schedule == WINOGRAD_OWN) {
        blocks.together = 1;
        blocks.channels = filter->in_channels;
    }
    return blocks;
}

void open_setup(setup *self, const kernel_set *k, way w, shape s, winograd_blocks blocks,
                int threads) {
    error err;
    const bool transformed = w != SHARED;
    *self = (setup){.kernels = k,
                    .bytes = kernels_activation_bytes(k),
                    .shape = s,
                    .blocks = blocks,
                    .threads = threads};
    self->blocks.schedule = w == OWN ? WINOGRAD_OWN : WINOGRAD_SHARED;
    self->weights = random_values(s.out * s.in * 9);
    self->bias = random_values(s.out);
    float *weights = to_floats(self->weights, s.out * s.in * 9);
    float *bias = to_floats(self->bias, s.out);
    assert_true(
        winograd_filter_init(&self->forward, k, transformed, s.in, s.out, weights, bias, &err) &&
        winograd_filter_init(&self->plain, k, transformed, s.in, s.out, weights, NULL, &err) &&
        winograd_filter_init_adjoint(&self->adjoint, k, transformed, s.out, s.in, weights, &err));
    free(weights);
    free(bias);
}

void close_setup(setup *self) {
    winograd_filter_clear(&self->forward);
    winograd_filter_clear(&self->plain);
    winograd_filter_clear(&self->adjoint);
    free(self->weights);
    free(self->bias);
}

void setup_run(const setup *self, const winograd_filter *filter, winograd_io io) {
    const winograd_blocks blocks = blocks_for(filter, self->blocks);
    const size_t count = winograd_scratch_bytes(filter, &blocks, self->threads) / sizeof(float);
    float *scratch = buffer_spoiled(count);
    io.height = io.height ? io.height : self->shape.height;
    io.width = self->shape.width;
#pragma omp parallel num_threads(self->threads)
    winograd_run(filter, &blocks, &io, scratch);
    buffer_free(scratch, count);
}

bound *bounds_new(const setup *self, const double *x, bool adjoint, bool bias) {
    const shape s = self->shape;
    const int in = adjoint ? s.out : s.in, out = adjoint ? s.in : s.out;
    const int count = out * s.height * s.width;
    bound *bounds = calloc((size_t)count, sizeof *bounds);
    assert_non_null(bounds);
    for (int i = 0; i < count; i++)
        bounds[i].most = 3e-6 * sqrt(9 * (s.in > s.out ? s.in : s.out));
    if (self->kernels->bf16_products)
        bound_winograd(&(bound_conv){.x = x,
                                     .weights = self->weights,
                                     .bias = bias ? self->bias : NULL,
                                     .in = in,
                                     .out = out,
                                     .height = s.height,
                                     .width = s.width,
                                     .adjoint = adjoint,
                                     .operands = true},
                       bounds);
    return bounds;
}

bound bound_of_stored(const setup *self, bound computed, double value) {
    return self->kernels->precision == PRECISION_BF16 ? bound_stored(computed, value) : computed;
}

void expect_bounded(const setup *self, const tensor *out, const double *expected,
                    const bound *bounds) {
    const int count = out->channels * out->height * out->width;
    double *found = tensor_planar(out);
    for (int i = 0; i < count; i++)
        expect_near("winograd", self->kernels, found[i], expected[i],
                    bound_of_stored(self, bounds[i], expected[i]).most);
    expect_padding(out);
    free(found);
}
