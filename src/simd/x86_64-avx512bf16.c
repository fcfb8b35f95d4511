/* SPDX-License-Identifier: MIT
 *
 * AVX-512 with its BF16: activations and factors in bf16, whose pairs it multiplies in one go.
 */
#include "simd/x86_64-avx512.h"

#undef KERNELS_NAME
#undef KERNELS_CPU
#define KERNELS_NAME "avx512bf16"
#define KERNELS_CPU (CPU_AVX512 | CPU_AVX512_BF16)
#define KERNELS_SYMBOL kernels_avx512bf16
#define KERNELS_SINGLE kernels_avx512
#define BF16_PRODUCTS
#define BF16_LOAD_STORE

/* Each to the upper half of its lane, in one step. */
static inline vf bf16_load(const uint16_t *p) {
    const __m512i places =
        _mm512_setr_epi32(0, 1 << 16, 2 << 16, 3 << 16, 4 << 16, 5 << 16, 6 << 16, 7 << 16, 8 << 16,
                          9 << 16, 10 << 16, 11 << 16, 12 << 16, 13 << 16, 14 << 16, 15 << 16);
    const __m256i values = _mm256_loadu_si256((const __m256i *)(const void *)p);
    return (vf)_mm512_maskz_permutexvar_epi16(0xaaaaaaaa, places, _mm512_castsi256_si512(values));
}
static inline void bf16_store(uint16_t *p, vf v) {
    _mm256_storeu_si256((__m256i *)(void *)p, (__m256i)_mm512_cvtneps_pbh(v));
}
static inline vf vf_dot(vf a, vf b, vf c) {
    return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b);
}

#include "simd/body.h"
