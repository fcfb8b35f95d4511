/* SPDX-License-Identifier: MIT
 *
 * Writes weights files for tests: a VGG of given convolutions with random weights, in either name
 * scheme and either type, and with what a test wants broken.
 */
#ifndef STYLIZE_TESTS_NETWORK_FILES_H
#define STYLIZE_TESTS_NETWORK_FILES_H

#include <stdbool.h>

#include "network/vgg.h"
#include "reference.h"

typedef struct network_file {
    int arch;             /* 16 or 19 */
    int convs;            /* how many of its convolutions, from the first on */
    int widths[5];        /* of each block */
    bool torchvision;     /* features.{n} instead of conv{b}_{i} */
    bool f16, i8;         /* stored so; i8: weights alone */
    const char *metadata; /* the inside of "__metadata__":{...}, or NULL */
    const char *extra;    /* one more header entry with a final comma, or NULL */
    /* What to break, by the number of a convolution from 1; 0 = nothing. */
    int without_weight, without_bias, wrong_in, wrong_kernel, wrong_bias, with_nan;
} network_file;

/* A VGG of narrow layers whose widths are no multiples of 16: `convs` convolutions, of VGG-19. */
network_file network_file_narrow(int convs);

/* The network of a file that is written for this and removed again, and the reference's unless
 * NULL. */
vgg *network_file_load(const network_file *self, const kernel_set *kernels,
                       reference_vgg *reference);

/* Writes `self` to `path`; weights keep activations near 1 and are exact in F16. */
void network_file_write(const network_file *self, const char *path);

#endif
