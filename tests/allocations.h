/* SPDX-License-Identifier: MIT
 *
 * Counts the blocks that the program allocates by memory_alloc, in every test, and lets one fail.
 */
#ifndef STYLIZE_TESTS_ALLOCATIONS_H
#define STYLIZE_TESTS_ALLOCATIONS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes and blocks since the test began, those released included. OpenMP may add blocks of its own
 * when a region starts more threads than any before. */
size_t allocations_bytes(void);
size_t allocations_count(void);

/* The allocation after the next `after` ones gets nothing; SIZE_MAX: none. */
void allocations_fail(size_t after);

#endif
