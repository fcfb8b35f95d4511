/* SPDX-License-Identifier: MIT
 *
 * 3x3 convolutions by Winograd's minimal filtering F(4x4, 3x3): 36 multiplications for 16 outputs
 * where the direct sum takes 144.
 *
 *     Y = A^T [ (G g G^T) . (B^T d B) ] A        (A. Lavin and S. Gray 2016)
 *
 * d is a tile of 6x6 inputs, g the 3x3 filter, Y the 4x4 outputs, and the dot multiplies point by
 * point. The products are summed over input channels before they are transformed back, so for each
 * of the 36 points they are one product of matrices, [tiles x in] by [in x out]. The points of
 * interpolation are 0, +-2/3, +-3/2 and infinity, which round half as much as 0, +-1, +-2.
 *
 * A block of tiles at a time goes all the way, so that what lies between stays in cache. With few
 * channels every thread takes blocks of its own, in its second-level cache. With many the threads
 * share a larger block: each takes panels of output channels, and the filter, which is then larger
 * than any cache, is streamed once for many tiles.
 */
#ifndef STYLIZE_NETWORK_WINOGRAD_H
#define STYLIZE_NETWORK_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/conv.h"
#include "network/tensor.h"

typedef struct winograd_filter {
    const kernel_set *kernels; /* the packing suits these only */
    int in_channels, out_channels;
    float *packed; /* [panel][36 points][in channel][out lane of the panel]; owned */
    float *bias;   /* [out blocks * 16]; owned; NULL = none */
} winograd_filter;

/* Packs 3x3 weights [out][in][3][3] and bias [out] (or NULL) in the caller's storage. */
bool winograd_filter_init(winograd_filter *self, const kernel_set *kernels, int in_channels,
                          int out_channels, const float *weights, const float *bias, error *err);

/* Packs the adjoint of weights [in_channels][out_channels][3][3], given in the forward
 * convolution's own order: this filter's input is that convolution's output. */
bool winograd_filter_init_adjoint(winograd_filter *self, const kernel_set *kernels, int in_channels,
                                  int out_channels, const float *weights, error *err);
void winograd_filter_clear(winograd_filter *self);

/* Working memory for convolutions that run one after the other. */
typedef struct winograd_scratch {
    float *memory; /* owned */
    int threads;   /* the most that may use it at once */
} winograd_scratch;

/* Floats that a convolution by this filter needs with so many threads. */
size_t winograd_scratch_floats(const winograd_filter *filter, int threads);

bool winograd_scratch_init(winograd_scratch *self, size_t floats, int threads, error *err);
void winograd_scratch_clear(winograd_scratch *self);

/* conv_run by Winograd. */
void winograd_run(const winograd_filter *filter, const tensor *in, const tensor *out,
                  conv_epilogue epilogue, const winograd_scratch *scratch);

#endif
