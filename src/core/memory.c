/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise */
#include "core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/system_file.h"

/* Blocks of this size and more are aligned to it and offered to the kernel as huge pages. */
#define HUGE_PAGE ((size_t)2 << 20)

/* Blocks of that kind that a run has at a time, and then some. */
#define MOST_GAPS 24

bool memory_multiply(size_t a, size_t b, size_t *product) {
    if (b && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

static size_t block_alignment(size_t bytes) {
    return bytes >= HUGE_PAGE ? HUGE_PAGE : MEMORY_ALIGNMENT;
}

size_t memory_block(size_t count, size_t size) {
    size_t bytes;
    if (!memory_multiply(count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
        return SIZE_MAX;
    return (bytes / block_alignment(bytes) + 1) * block_alignment(bytes);
}

size_t memory_add(size_t a, size_t b) {
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

void *memory_alloc_unset(size_t count, size_t size, error *err) {
    const size_t rounded = memory_block(count, size);
    if (rounded == SIZE_MAX) {
        error_set(err, ERROR_FAILURE, "the size of a buffer overflows: use a smaller picture");
        return NULL;
    }
    const size_t alignment = block_alignment(count * size);
    void *block = aligned_alloc(alignment, rounded);
    if (!block) {
        error_set(err, ERROR_MEMORY,
                  "not enough memory for a block of %zu MB: use a smaller --size",
                  (count * size >> 20) + 1);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE)
        madvise(block, rounded, MADV_HUGEPAGE); /* advice: a refusal costs only speed */
#endif
    return block;
}

void *memory_alloc(size_t count, size_t size, error *err) {
    void *block = memory_alloc_unset(count, size, err);
    return block ? memset(block, 0, memory_block(count, size)) : NULL;
}

void memory_forget(void *bytes, size_t size) {
#ifdef MADV_DONTNEED
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)bytes;
    const uintptr_t first = (page - at % page) % page, end = (at + size) % page;
    if (size > first + end)
        madvise((char *)bytes + first, size - first - end, MADV_DONTNEED);
#else
    (void)bytes;
    (void)size;
#endif
}

/* glibc keeps what is freed for later blocks, even large ones: then a phase of a run would be
 * charged with what the one before it left, in places where its own blocks do not fit. */
void memory_free(void *block) {
#ifdef __GLIBC__
    const bool large = malloc_usable_size(block) >= HUGE_PAGE;
    free(block);
    if (large)
        malloc_trim(0);
#else
    free(block);
#endif
}

size_t memory_gaps(size_t bytes) {
    const size_t blocks = bytes / HUGE_PAGE;
    return (blocks < MOST_GAPS ? blocks : MOST_GAPS) * HUGE_PAGE;
}

/* Reads what Linux tells of the process: all its addresses, and what of them is in memory. */
static bool read_sizes(size_t *addresses, size_t *resident) {
    char text[256];
    uint64_t pages[2];
    const long page = sysconf(_SC_PAGESIZE);
    if (page <= 0 || !system_file_read(text, sizeof text, "/proc/self/statm"))
        return false;
    const char *second = system_file_number(text, &pages[0]);
    if (!second || *second != ' ' || !system_file_number(second + 1, &pages[1]))
        return false;
    *addresses = (size_t)pages[0] * (size_t)page;
    *resident = (size_t)pages[1] * (size_t)page;
    return true;
}

size_t memory_resident(void) {
    size_t addresses, resident;
    return read_sizes(&addresses, &resident) ? resident : memory_peak_resident();
}

size_t memory_addresses(void) {
    size_t addresses, resident;
    return read_sizes(&addresses, &resident) ? addresses : 0;
}

size_t memory_peak_resident(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage))
        return 0;
#ifdef __APPLE__
    return (size_t)usage.ru_maxrss;
#else
    return (size_t)usage.ru_maxrss * 1024;
#endif
}
