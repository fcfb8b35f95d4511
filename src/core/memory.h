/* SPDX-License-Identifier: MIT
 *
 * Memory: overflow-checked sizes, cache-line aligned blocks, and what the process has.
 *
 * All large blocks are allocated while a run is built and released with it; nothing here is called
 * inside an iteration. Blocks come zeroed, because the zero ring of tensors relies on it.
 */
#ifndef STYLIZE_CORE_MEMORY_H
#define STYLIZE_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

#define MEMORY_ALIGNMENT 64 /* bytes: one cache line, one AVX-512 vector */

/* *product = a * b; false (and *product untouched) when it does not fit a size_t. */
bool memory_multiply(size_t a, size_t b, size_t *product);

/* A zeroed block of count * size bytes aligned to MEMORY_ALIGNMENT, never NULL for a zero size.
 * NULL with *err set (saying how many MB were asked for) on overflow or when memory is short.
 * The caller owns it: memory_free. */
void *memory_alloc(size_t count, size_t size, error *err);

/* The same, but not zeroed, and a large one not even in the memory before it is written to: for who
 * writes all of it. */
void *memory_alloc_unset(size_t count, size_t size, error *err);

/* The bytes that either takes for count * size, and a sum of such; SIZE_MAX, which no memory
 * has, where they do not fit. */
size_t memory_block(size_t count, size_t size);
size_t memory_add(size_t a, size_t b);

static inline size_t memory_greater(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Address space that `bytes` of blocks may take besides, never written and so not resident: the
 * gaps that alignment leaves before them. */
size_t memory_gaps(size_t bytes);

/* Gives the whole pages within `size` bytes of a block back to the system, where it takes them:
 * what they hold is lost. The block stands. */
void memory_forget(void *bytes, size_t size);

/* Releases a block of memory_alloc, a large one to the system; NULL is a no-op. */
void memory_free(void *block);

/* The process's resident set in bytes, now and at its peak; 0 where the system does not tell. Where
 * it does not tell the present one, the peak stands for it. */
size_t memory_resident(void);
size_t memory_peak_resident(void);

/* The process's address space in bytes, written to or not; 0 where the system does not tell. */
size_t memory_addresses(void);

#endif
