/* SPDX-License-Identifier: MIT
 *
 * Portable C through the vector extensions of gcc and clang, for any processor; the reference that
 * the other sets are tested against. Four lanes suit the 16 registers of baseline x86-64.
 */
#include <string.h>

#define KERNELS_SYMBOL kernels_generic
#define KERNELS_NAME "generic"
#define KERNELS_CPU 0
#define VF_LANES 4
#define CONV_PIXELS_1 2
#define CONV_PIXELS_2 0
#define GRAM_LANES 2
#define GRAM_BLOCKS 1

typedef float vf __attribute__((vector_size(16)));
typedef int vf_bits __attribute__((vector_size(16)));

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
/* Lane by lane: a where the bits of `which` are set, b where they are clear. */
static inline vf vf_select(vf_bits which, vf a, vf b) {
    return (vf)(((vf_bits)a & which) | ((vf_bits)b & ~which));
}
static inline vf vf_max(vf a, vf b) {
    return vf_select(a > b, a, b);
}
static inline vf vf_positive(vf m, vf v) {
    return vf_select(m > vf_set1(0), v, vf_set1(0));
}
static inline vf vf_equal(vf a, vf b, vf v, vf w) {
    return vf_select(a == b, v, w);
}
static inline double vf_sum(vf v) {
    return (double)(v[0] + v[1] + (v[2] + v[3]));
}

#include "simd/body.h"
