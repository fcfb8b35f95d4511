/* SPDX-License-Identifier: MIT
 *
 * Counts the blocks that the program allocates by memory_alloc, in every test.
 */
#ifndef STYLIZE_TESTS_ALLOCATIONS_H
#define STYLIZE_TESTS_ALLOCATIONS_H

#include <stddef.h>

/* Bytes and blocks since the test began, those released included. OpenMP may add blocks of its own
 * when a region starts more threads than any before. */
size_t allocations_bytes(void);
size_t allocations_count(void);

#endif
