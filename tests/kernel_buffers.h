/* SPDX-License-Identifier: MIT
 *
 * What the tests of the kernels share: random buffers between guard values, which show a store past
 * either end when the buffer is freed, and a loop over the kernel sets that this processor runs.
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

/* Bit `lane` of a word. */
static inline int word_bit(uint16_t word, int lane) {
    return word >> lane & 1;
}

/* |value - expected| <= tolerance, which NaN is not. */
void expect_near(const char *what, const kernel_set *k, double value, double expected,
                 double tolerance);

typedef void kernel_check(const kernel_set *k);

/* Calls `check` with every kernel set that this processor runs: at least one. */
void for_each_set(kernel_check *check);

#endif
