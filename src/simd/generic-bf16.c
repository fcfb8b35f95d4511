/* SPDX-License-Identifier: MIT
 *
 * Activations in bf16, products of floats.
 */
#include "simd/generic.h"

#define KERNELS_SYMBOL kernels_generic_bf16
#define KERNELS_SINGLE kernels_generic

#include "simd/body.h"
