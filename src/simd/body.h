/* SPDX-License-Identifier: MIT
 *
 * Every vector loop of the engine, written once. A kernel file defines the words below for its
 * instruction set and includes this file, which ends with its `kernel_set`.
 *
 *     KERNELS_SYMBOL, KERNELS_NAME, KERNELS_CPU   the table's name, its name in text, needed bits
 *     vf, VF_LANES                                vector of floats, lanes (a divisor of 16)
 *     vf_load vf_store vf_set1 vf_add vf_sub vf_mul
 *     vf_fma(a, b, c)       a * b + c
 *     vf_max(a, b)          b where either is NaN
 *     vf_equal(a, b)        a bit for each lane where a == b
 *     vf_positive(v)        a bit for each lane where v > 0
 *     vf_keep(bits, v)      v where the lane's bit is set, else 0
 *     vf_sum(v)             sum of the lanes, as float
 *     PRODUCT_ROWS_1, PRODUCT_ROWS_2   rows that a register tile of product_body.h holds with 1 and
 *                                      2 column blocks (0: never 2); at most 28 and 14
 *     FIRST_PIXELS                     pixels times 3 that first_conv_body.h holds in registers
 *     GRAM_LANES, GRAM_BLOCKS          the register tile of gram_body.h; lanes divide 16
 *     GRAM_LANES_1                     lanes of its tile with a single block
 *
 * and, in a set of bf16,
 *
 *     KERNELS_SINGLE        the table of the fp32 set
 *     vf_dot(a, b, c)       c + a0 b0 + a1 b1 of the pairs of bf16 in the lanes of a and b: where
 *                           the processor has such an instruction (with BF16_PRODUCTS defined)
 *     bf16_load bf16_store  where the processor has better than those of bf16_body.h
 */
#include <string.h>

#include "simd/kernels.h"

#define VF_BLOCK (CHANNEL_BLOCK / VF_LANES) /* vectors per channel block */
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define SANITIZED 1
#endif
#endif
/* Unrolled, the checks of a sanitizer would keep the compiler busy for hours. */
#if defined(SANITIZED)
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* The bits of the vector at `lane` of a bitmap's word, and the word grown by them lane by lane. */
ALWAYS_INLINE unsigned word_bits(uint16_t word, int lane) {
    return (unsigned)word >> lane;
}
ALWAYS_INLINE void word_put(uint16_t *word, int lane, unsigned bits) {
    *word = (uint16_t)(lane ? *word | bits << lane : bits);
}

#include "simd/bf16_body.h"

#include "simd/elementwise_body.h"
#include "simd/first_conv_body.h"
#include "simd/product_body.h"

#include "simd/gram_body.h"
#include "simd/pooling_body.h"
#include "simd/winograd_body.h"

#include "simd/vector_body.h"

extern const kernel_set KERNELS_SYMBOL;
const kernel_set KERNELS_SYMBOL = {.name = KERNELS_NAME,
                                   .cpu = KERNELS_CPU,
                                   .precision = KERNELS_PRECISION,
                                   .bf16_products = OPERAND_PAIR == 2,
                                   .single = &KERNELS_SINGLE,
                                   .panel = PRODUCT_ROWS_2 ? 2 : 1,
                                   .product_rows = {PRODUCT_ROWS_1, PRODUCT_ROWS_2},
                                   .product = product,
                                   .widen = widen,
                                   .narrow = narrow,
                                   .operands = operands,
                                   .winograd_filter = winograd_filter,
                                   .winograd_input = winograd_input,
                                   .winograd_output = winograd_output,
                                   .winograd_output_pooled = winograd_output_pooled,
                                   .unpool_patch = unpool_patch,
                                   .first_row = first_row_run,
                                   .first_adjoint_row = first_adjoint_row_run,
                                   .gram_rows = gram_rows,
                                   .gram_pack = gram_pack,
                                   .gram_blocks = GRAM_BLOCKS,
                                   .pool_row = pool_row,
                                   .unpool_row = unpool_row,
                                   .relu = relu,
                                   .keep = keep,
                                   .add = add,
                                   .difference = difference,
                                   VECTOR_KERNELS};
