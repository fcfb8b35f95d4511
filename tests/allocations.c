/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* posix_memalign */
#include "allocations.h"

#include <stdlib.h>

static size_t all_bytes, all_count;

void *aligned_alloc(size_t alignment, size_t size) __attribute__((weak));

/* Stands in for the system's, which memory_alloc calls; a test may have one of its own instead. */
void *aligned_alloc(size_t alignment, size_t size) {
    void *block;
    all_bytes += size;
    all_count++;
    return posix_memalign(&block, alignment, size) ? NULL : block;
}

size_t allocations_bytes(void) {
    return all_bytes;
}

size_t allocations_count(void) {
    return all_count;
}
