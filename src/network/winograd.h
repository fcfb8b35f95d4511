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
 * A block of tiles at a time goes all the way, so that what lies between stays in cache; the sizes
 * come from winograd_blocks.h. With few channels every thread takes blocks of its own, in its
 * second-level cache. With many the threads share a larger block, and each takes panels of output
 * channels. A filter that would outgrow the caches once it is transformed, to four times its size,
 * is transformed panel by panel on its way through the second-level cache.
 *
 * One tile can be followed from input to output in winograd.c, from transform_input over multiply
 * to transform_output.
 */
#ifndef STYLIZE_NETWORK_WINOGRAD_H
#define STYLIZE_NETWORK_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

#include "network/bitmap.h"
#include "network/tensor.h"
#include "network/winograd_blocks.h"
#include "network/winograd_filter.h"

/* What is read and written. The convolution has the height and width of `out`, or of the windows
 * that `out` is pooled from. */
typedef struct winograd_io {
    int height, width;
    /* The input, with a readable ring; or the gradient of a pooled tensor, which goes through the
     * windows' choice, times `share`, before it is convolved. */
    const tensor *in;
    const bitmap *choice; /* NULL: no pooling */
    float share;
    /* The output. In order: bias, what is in `out` already (if add), ReLU and its sign, keep. */
    const tensor *out;
    bool add, relu;
    const bitmap *sign; /* written with relu; or NULL */
    const bitmap *keep; /* zero where the bit is not set; or NULL */
    /* Or ReLU and 2x2 pooling in place of all these: `out` is the pooled tensor. */
    const bitmap *pooled; /* gets the windows' choice; NULL: no pooling */
    bool average;
} winograd_io;

/* Bytes of working memory for a convolution by this filter. WINOGRAD_OWN needs a filter that is
 * transformed. */
size_t winograd_scratch_bytes(const winograd_filter *filter, const winograd_blocks *blocks,
                              int threads);

/* out = filter * in. `scratch` has winograd_scratch_bytes for these blocks and as many threads as
 * the parallel region has at most: all threads of a region call this, and return together. */
void winograd_run(const winograd_filter *filter, const winograd_blocks *blocks,
                  const winograd_io *io, void *scratch);

#endif
