/* SPDX-License-Identifier: MIT
 *
 * AVX-512: 16 lanes, one vector per channel block, 32 registers. A 14 x 2 tile of accumulators
 * costs 16 loads for 28 multiply-adds.
 */
#ifndef STYLIZE_SIMD_X86_64_AVX512_H
#define STYLIZE_SIMD_X86_64_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#include "core/cpu.h"

#define KERNELS_NAME "avx512"
#define KERNELS_CPU CPU_AVX512
#define VF_LANES 16
#define PRODUCT_ROWS_1 28
#define PRODUCT_ROWS_2 14
#define FIRST_PIXELS 8
#define GRAM_LANES 8
#define GRAM_LANES_1 16
#define GRAM_BLOCKS 3

typedef __m512 vf;

static inline vf vf_load(const float *p) {
    return _mm512_loadu_ps(p);
}
static inline void vf_store(float *p, vf v) {
    _mm512_storeu_ps(p, v);
}
static inline vf vf_set1(float f) {
    return _mm512_set1_ps(f);
}
static inline vf vf_add(vf a, vf b) {
    return _mm512_add_ps(a, b);
}
static inline vf vf_sub(vf a, vf b) {
    return _mm512_sub_ps(a, b);
}
static inline vf vf_mul(vf a, vf b) {
    return _mm512_mul_ps(a, b);
}
static inline vf vf_fma(vf a, vf b, vf c) {
    return _mm512_fmadd_ps(a, b, c);
}
static inline vf vf_max(vf a, vf b) {
    return _mm512_max_ps(a, b);
}
static inline unsigned vf_equal(vf a, vf b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ);
}
static inline unsigned vf_positive(vf v) {
    return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ);
}
static inline vf vf_keep(unsigned bits, vf v) {
    return _mm512_maskz_mov_ps((__mmask16)bits, v);
}
static inline float vf_sum(vf v) {
    return _mm512_reduce_add_ps(v);
}

#endif
