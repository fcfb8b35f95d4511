/* SPDX-License-Identifier: MIT */
#include "simd/aarch64-neon.h"

#define KERNELS_SYMBOL kernels_neon

#include "simd/body.h"
