/* SPDX-License-Identifier: MIT
 *
 * AArch64 NEON: 4 lanes, four vectors per channel block, 32 registers, of which a 6 x 4 tile of
 * accumulators and four weights fill 28.
 */
#ifndef STYLIZE_SIMD_AARCH64_NEON_H
#define STYLIZE_SIMD_AARCH64_NEON_H

#include <arm_neon.h>

#include "core/cpu.h"

#define KERNELS_NAME "neon"
#define KERNELS_CPU CPU_NEON
#define VF_LANES 4
#define PRODUCT_ROWS_1 6
#define PRODUCT_ROWS_2 0
#define FIRST_PIXELS 8
#define GRAM_LANES 4
#define GRAM_LANES_1 4
#define GRAM_BLOCKS 1

typedef float32x4_t vf;

static inline vf vf_load(const float *p) {
    return vld1q_f32(p);
}
static inline void vf_store(float *p, vf v) {
    vst1q_f32(p, v);
}
static inline vf vf_set1(float f) {
    return vdupq_n_f32(f);
}
static inline vf vf_add(vf a, vf b) {
    return vaddq_f32(a, b);
}
static inline vf vf_sub(vf a, vf b) {
    return vsubq_f32(a, b);
}
static inline vf vf_mul(vf a, vf b) {
    return vmulq_f32(a, b);
}
static inline vf vf_fma(vf a, vf b, vf c) {
    return vfmaq_f32(c, a, b);
}
static inline vf vf_max(vf a, vf b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}
static inline unsigned vf_mask_bits(uint32x4_t m) {
    const uint32x4_t lanes = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m, lanes));
}
static inline unsigned vf_equal(vf a, vf b) {
    return vf_mask_bits(vceqq_f32(a, b));
}
static inline unsigned vf_positive(vf v) {
    return vf_mask_bits(vcgtzq_f32(v));
}
static inline vf vf_keep(unsigned bits, vf v) {
    const uint32x4_t lanes = {1, 2, 4, 8};
    return vreinterpretq_f32_u32(
        vandq_u32(vtstq_u32(vdupq_n_u32(bits), lanes), vreinterpretq_u32_f32(v)));
}
static inline float vf_sum(vf v) {
    return vaddvq_f32(v);
}

#endif
