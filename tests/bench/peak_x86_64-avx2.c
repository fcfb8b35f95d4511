/* SPDX-License-Identifier: MIT */
#define PEAK_LOOP peak_avx2
#define PEAK_LANES 8
#include "peak_body.h"
