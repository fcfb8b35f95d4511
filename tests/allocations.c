/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* posix_memalign */
#include "allocations.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t all_bytes, all_count, fail_at = SIZE_MAX; /* of all threads */

/* Stands in for the system's, which memory_alloc calls. */
void *aligned_alloc(size_t alignment, size_t size) {
    void *block;
    all_bytes += size;
    return all_count++ == fail_at || posix_memalign(&block, alignment, size) ? NULL : block;
}

size_t allocations_bytes(void) {
    return all_bytes;
}

size_t allocations_count(void) {
    return all_count;
}

void allocations_fail(size_t after) {
    fail_at = after < SIZE_MAX - all_count ? all_count + after : SIZE_MAX;
}
