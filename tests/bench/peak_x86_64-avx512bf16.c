/* SPDX-License-Identifier: MIT
 *
 * Two products of bf16 and their sum in each lane.
 */
#include <immintrin.h>

#define PEAK_LOOP peak_avx512bf16
#define PEAK_LANES 16
#define PEAK_STEP(chain, factor, term)                                                             \
    ((vf)_mm512_dpbf16_ps((__m512)(chain), (__m512bh)(factor), (__m512bh)(term)))
#include "peak_body.h"
