/* SPDX-License-Identifier: MIT
 *
 * What the tests of the kernels share: random buffers between guard values, which show a store past
 * either end when the buffer is freed, values as a kernel set keeps them, and a loop over the
 * kernel sets that this processor runs.
 */
#ifndef STYLIZE_TESTS_KERNEL_BUFFERS_H
#define STYLIZE_TESTS_KERNEL_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

#include "simd/kernels.h"

/* Uniform in [-1, 1); one value in eight is exactly zero. */
float random_value(void);

/* `count` random floats, aligned to a cache line, between guards. */
float *buffer_new(size_t count);
float *buffer_copy(const float *from, size_t count);

/* One of not-a-numbers, for working memory: whatever is read before it is written shows. */
float *buffer_spoiled(size_t count);

/* Fails the test when a guard has changed. */
void buffer_free(float *buffer, size_t count);

/* The same of bitmaps' words: random bits. */
uint16_t *words_new(size_t count);
uint16_t *words_copy(const uint16_t *from, size_t count);
void words_free(uint16_t *words, size_t count);

/* Values in memory as a kernel set has them, floats or bf16 (`bytes` each), and the same as floats
 * beside them. */
typedef struct value_buffer {
    size_t bytes, count;
    float *floats;
    void *data; /* aligned to a cache line, between guards */
} value_buffer;

/* `count` random ones of bytes each, which is kernels_activation_bytes or kernels_operand_bytes. */
value_buffer values_new(size_t bytes, size_t count);

/* Rounds the floats to what can be kept and puts them in memory. */
void values_write(value_buffer *self);

/* The floats become what is in memory. */
void values_read(value_buffer *self);

/* Of one value: what is kept of it. */
float value_kept(size_t bytes, double value);

/* Fails the test when a guard has changed. */
void values_free(value_buffer *self);

/* Value number i in memory. */
static inline void *values_at(const value_buffer *self, ptrdiff_t i) {
    return (unsigned char *)self->data + i * (ptrdiff_t)self->bytes;
}

/* A float by its bits. */
float float_of_bits(uint32_t bits);
uint32_t bits_of_float(float value);

/* Bit `lane` of a word. */
static inline int word_bit(uint16_t word, int lane) {
    return word >> lane & 1;
}

/* |value - expected| <= tolerance, which NaN is not. */
void expect_near(const char *what, const kernel_set *k, double value, double expected,
                 double tolerance);

/* The same of a value that was rounded to so many bytes after it was computed to that tolerance. */
void expect_kept(const char *what, const kernel_set *k, size_t bytes, double value, double expected,
                 double tolerance);

typedef void kernel_check(const kernel_set *k);

/* Calls `check` with every kernel set of both precisions that this processor runs. */
void for_each_set(kernel_check *check);

/* With the best of each precision. */
void for_best_sets(kernel_check *check);

#endif
