/* SPDX-License-Identifier: MIT */
#include "simd/x86_64-avx2.h"

#define KERNELS_SYMBOL kernels_avx2

#include "simd/body.h"
