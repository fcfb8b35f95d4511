/* SPDX-License-Identifier: MIT
 *
 * Activations in bf16, products of floats.
 */
#include "simd/aarch64-neon.h"

#define KERNELS_SYMBOL kernels_neon_bf16
#define KERNELS_SINGLE kernels_neon

#include "simd/body.h"
