/* SPDX-License-Identifier: MIT
 *
 * Memory: overflow-checked sizes, cache-line aligned blocks, and the process's peak.
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

/* The bytes that memory_alloc takes for count * size, and a sum of such; SIZE_MAX, which no memory
 * has, where they do not fit. */
size_t memory_block(size_t count, size_t size);
size_t memory_add(size_t a, size_t b);

/* Releases a block of memory_alloc; NULL is a no-op. */
void memory_free(void *block);

/* The process's peak resident set in bytes; 0 where the system does not tell. */
size_t memory_peak_resident(void);

#endif
