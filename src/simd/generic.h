/* SPDX-License-Identifier: MIT
 *
 * Portable C through the vector extensions of gcc and clang, for any processor; the reference that
 * the other sets are tested against. Four lanes suit the 16 registers of baseline x86-64.
 */
#ifndef STYLIZE_SIMD_GENERIC_H
#define STYLIZE_SIMD_GENERIC_H

#include <string.h>

#define KERNELS_NAME "generic"
#define KERNELS_CPU 0
#define VF_LANES 4
#define PRODUCT_ROWS_1 2
#define PRODUCT_ROWS_2 0
#define FIRST_PIXELS 2
#define GRAM_LANES 2
#define GRAM_LANES_1 2
#define GRAM_BLOCKS 1

typedef float vf __attribute__((vector_size(16)));
typedef int vf_mask __attribute__((vector_size(16)));

static inline vf vf_load(const float *p) {
    vf v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline void vf_store(float *p, vf v) {
    memcpy(p, &v, sizeof v);
}
static inline vf vf_set1(float f) {
    return (vf){f, f, f, f};
}
static inline vf vf_add(vf a, vf b) {
    return a + b;
}
static inline vf vf_sub(vf a, vf b) {
    return a - b;
}
static inline vf vf_mul(vf a, vf b) {
    return a * b;
}
static inline vf vf_fma(vf a, vf b, vf c) {
    return a * b + c;
}
static inline vf vf_max(vf a, vf b) {
    const vf_mask above = a > b;
    return (vf)(((vf_mask)a & above) | ((vf_mask)b & ~above));
}
static inline unsigned vf_mask_bits(vf_mask m) {
    return (unsigned)((m[0] & 1) | (m[1] & 2) | (m[2] & 4) | (m[3] & 8));
}
static inline unsigned vf_equal(vf a, vf b) {
    return vf_mask_bits(a == b);
}
static inline unsigned vf_positive(vf v) {
    return vf_mask_bits(v > vf_set1(0));
}
static inline vf vf_keep(unsigned bits, vf v) {
    const vf_mask lanes = {1, 2, 4, 8}, all = {(int)bits, (int)bits, (int)bits, (int)bits};
    return (vf)((vf_mask)v & ((all & lanes) == lanes));
}
static inline float vf_sum(vf v) {
    return v[0] + v[1] + (v[2] + v[3]);
}

#endif
