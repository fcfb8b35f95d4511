/* SPDX-License-Identifier: MIT */
#define PEAK_LOOP peak_generic
#define PEAK_LANES 4
#include "peak_body.h"
