/* SPDX-License-Identifier: MIT */
#include "simd/x86_64-avx512.h"

#define KERNELS_SYMBOL kernels_avx512

#include "simd/body.h"
