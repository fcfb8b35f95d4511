/* SPDX-License-Identifier: MIT
 *
 * AVX2 and FMA: 8 lanes, two vectors per channel block, 16 registers, of which a 6 x 2 tile of
 * accumulators, two weights and a broadcast fill 15.
 */
#ifndef STYLIZE_SIMD_X86_64_AVX2_H
#define STYLIZE_SIMD_X86_64_AVX2_H

#include <immintrin.h>

#include "core/cpu.h"

#define KERNELS_NAME "avx2"
#define KERNELS_CPU CPU_AVX2_FMA
#define VF_LANES 8
#define PRODUCT_ROWS_1 6
#define PRODUCT_ROWS_2 0
#define FIRST_PIXELS 4
#define GRAM_LANES 4
#define GRAM_LANES_1 4
#define GRAM_BLOCKS 1

typedef __m256 vf;

static inline vf vf_load(const float *p) {
    return _mm256_loadu_ps(p);
}
static inline void vf_store(float *p, vf v) {
    _mm256_storeu_ps(p, v);
}
static inline vf vf_set1(float f) {
    return _mm256_set1_ps(f);
}
static inline vf vf_add(vf a, vf b) {
    return _mm256_add_ps(a, b);
}
static inline vf vf_sub(vf a, vf b) {
    return _mm256_sub_ps(a, b);
}
static inline vf vf_mul(vf a, vf b) {
    return _mm256_mul_ps(a, b);
}
static inline vf vf_fma(vf a, vf b, vf c) {
    return _mm256_fmadd_ps(a, b, c);
}
static inline vf vf_max(vf a, vf b) {
    return _mm256_max_ps(a, b);
}
static inline unsigned vf_equal(vf a, vf b) {
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}
static inline unsigned vf_positive(vf v) {
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ));
}
static inline vf vf_keep(unsigned bits, vf v) {
    const __m256i lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i set = _mm256_and_si256(_mm256_set1_epi32((int)bits), lanes);
    return _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(set, lanes)), v);
}
static inline float vf_sum(vf v) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
