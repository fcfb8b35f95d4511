/* SPDX-License-Identifier: MIT
 *
 * Activations in bf16, products of floats.
 */
#include "simd/x86_64-avx2.h"

#define KERNELS_SYMBOL kernels_avx2_bf16
#define KERNELS_SINGLE kernels_avx2

#include "simd/body.h"
