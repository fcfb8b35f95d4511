/* SPDX-License-Identifier: MIT */
#include "simd/generic.h"

#define KERNELS_SYMBOL kernels_generic

#include "simd/body.h"
