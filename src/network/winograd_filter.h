/* SPDX-License-Identifier: MIT
 *
 * The filters of Winograd convolutions (network/winograd.h), packed for a kernel set: transformed
 * once, or as taps that are transformed on their way.
 */
#ifndef STYLIZE_NETWORK_WINOGRAD_FILTER_H
#define STYLIZE_NETWORK_WINOGRAD_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "simd/kernels.h"

typedef struct winograd_filter {
    const kernel_set *kernels; /* the packing suits these only */
    int in_channels, out_channels;
    bool transformed;
    /* Transformed: [panel][36 points][in][lane of the panel] operands (in bf16 by pairs of input
     * channels), else [panel][in][9 taps][lane of the panel] floats. `in` goes up to a whole block;
     * what lies past the true channels is zero. Owned. */
    void *packed;
    float *bias; /* [out blocks * 16]; owned; NULL = none */
} winograd_filter;

/* Bytes that a filter keeps packed. */
size_t winograd_filter_memory(const kernel_set *kernels, bool transformed, int in_channels,
                              int out_channels);

/* Packs 3x3 weights [out][in][3][3] and bias [out] (or NULL) in the caller's storage. */
bool winograd_filter_init(winograd_filter *self, const kernel_set *kernels, bool transformed,
                          int in_channels, int out_channels, const float *weights,
                          const float *bias, error *err);

/* Packs the adjoint of weights [in_channels][out_channels][3][3], given in the forward
 * convolution's own order: this filter's input is that convolution's output. */
bool winograd_filter_init_adjoint(winograd_filter *self, const kernel_set *kernels,
                                  bool transformed, int in_channels, int out_channels,
                                  const float *weights, error *err);
void winograd_filter_clear(winograd_filter *self);

/* ---- for the convolutions ---- */

/* Output blocks of the panel that begins at output block `block`. */
int winograd_filter_panel(const winograd_filter *self, int block);

/* Input channels, up to a whole block. */
int winograd_filter_inputs(const winograd_filter *self);

/* The panel that begins at an output block; of taps, those from input channel `in` on. */
const unsigned char *winograd_filter_packed(const winograd_filter *self, int block);
const float *winograd_filter_taps(const winograd_filter *self, int block, int in);

/* Transforms the taps of input channels from .. to - 1, both even, to [36 points][in][lane of the
 * panel] operands, `step` from point to point. */
void winograd_filter_transform(const winograd_filter *self, int block, int from, int to,
                               unsigned char *points, ptrdiff_t step);

#endif
