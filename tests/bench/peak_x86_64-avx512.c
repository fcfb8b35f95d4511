/* SPDX-License-Identifier: MIT */
#define PEAK_LOOP peak_avx512
#define PEAK_LANES 16
#include "peak_body.h"
