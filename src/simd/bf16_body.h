/* SPDX-License-Identifier: MIT
 *
 * Activations and operands in memory, as floats or as bf16: part of body.h.
 *
 * bf16 is the upper half of a float. Rounding goes to nearest, ties to even.
 */

typedef uint16_t bf16_vector __attribute__((vector_size(2 * VF_LANES)));
typedef uint32_t bits_vector __attribute__((vector_size(4 * VF_LANES)));

#ifdef KERNELS_SINGLE
#define KERNELS_PRECISION PRECISION_BF16
#ifndef BF16_LOAD_STORE
ALWAYS_INLINE vf bf16_load(const uint16_t *p) {
    bf16_vector v;
    memcpy(&v, p, sizeof v);
    return (vf)(__builtin_convertvector(v, bits_vector) << 16);
}
ALWAYS_INLINE void bf16_store(uint16_t *p, vf v) {
    const bits_vector bits = (bits_vector)v, even = bits >> 16 & 1;
    const bf16_vector upper = __builtin_convertvector((bits + 0x7fffu + even) >> 16, bf16_vector);
    memcpy(p, &upper, sizeof upper);
}
#endif
typedef uint16_t activation;
#define activation_load bf16_load
#define activation_store bf16_store
extern const kernel_set KERNELS_SINGLE;
#else
#define KERNELS_PRECISION PRECISION_FP32
#define KERNELS_SINGLE KERNELS_SYMBOL
typedef float activation;
#define activation_load vf_load
#define activation_store vf_store
#endif

#ifdef BF16_PRODUCTS
/* A pair of channels fills the place of a float. */
typedef uint16_t operand;
#define OPERAND_PAIR 2
#define OPERAND_FMA vf_dot
#define operand_store bf16_store
#else
typedef float operand;
#define OPERAND_PAIR 1
#define OPERAND_FMA vf_fma
#define operand_store vf_store
#endif

/* A column of a filter: the values of one channel, or those of two by pairs. */
ALWAYS_INLINE void operand_store_pair(operand *p, vf first, vf second) {
#ifdef BF16_PRODUCTS
    const bits_vector low = (bits_vector)first, high = (bits_vector)second;
    const bits_vector pairs = (low + 0x7fffu + (low >> 16 & 1)) >> 16 |
                              ((high + 0x7fffu + (high >> 16 & 1)) & 0xffff0000u);
    memcpy(p, &pairs, sizeof pairs);
#else
    (void)second;
    operand_store(p, first);
#endif
}
