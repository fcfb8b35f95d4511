/* SPDX-License-Identifier: MIT
 *
 * Activations in bf16, products of floats.
 */
#include "simd/x86_64-avx512.h"

#define KERNELS_SYMBOL kernels_avx512_bf16
#define KERNELS_SINGLE kernels_avx512

#include "simd/body.h"
