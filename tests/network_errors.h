/* SPDX-License-Identifier: MIT
 *
 * What the roundings of a bf16 kernel set come to through a whole network: expected squares of
 * errors, carried from layer to layer as if all roundings were independent.
 */
#ifndef STYLIZE_TESTS_NETWORK_ERRORS_H
#define STYLIZE_TESTS_NETWORK_ERRORS_H

#include "reference.h"
#include "simd/kernels.h"

/* A convolution number `number` of a network, or its adjoint, of x [in][h][w] whose values have
 * these variances: writes those of what comes out, not yet stored. The caller frees them. The
 * first convolution has factors in fp32. */
double *errors_convolved(const kernel_set *k, const reference_vgg *net, int number, bool adjoint,
                         const double *x, const double *variances, int h, int w);

/* Adds what storing the values does. */
void errors_stored(const double *values, double *variances, int count);

/* The root of the variances' sum by that of the values' squares. */
double errors_relative(const double *values, const double *variances, int count);

/* What each layer of a run is expected to be off, of its norm, in the order of its layers. */
void errors_of_layers(const kernel_set *k, const reference_vgg *net, const reference_run *run,
                      double off[REFERENCE_MAX_LAYERS]);

#endif
