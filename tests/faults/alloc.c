/* SPDX-License-Identifier: MIT
 *
 * Allocations that fail, for LD_PRELOAD before a program that is linked with glibc:
 *
 *     ALLOC_FAIL=N    fails the N-th from the start of main, from 1
 *     ALLOC_FROM=N    fails it and all after it
 *     ALLOC_COUNT=FILE  writes there how many there were
 *
 * Counted are malloc, calloc, realloc, their aligned kinds and mmap as the program and its
 * libraries call them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's own, under the names that it keeps for such as this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long calls;
static atomic_bool armed;
static long fail_at, fail_from;

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void arm(void) {
    fail_at = number_of("ALLOC_FAIL");
    fail_from = number_of("ALLOC_FROM");
    armed = true;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("ALLOC_COUNT");
    armed = false;
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", (long)calls);
        fclose(file);
    }
}

static bool fails(void) {
    if (!armed)
        return false;
    const long call = ++calls;
    if (call != fail_at && (!fail_from || call < fail_from))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

/* What the C library notes of a thread's destructors it has to get, or it ends the process, which
 * no program can do anything about. */
static bool ends_the_process(size_t count, size_t size, const void *caller) {
    Dl_info who;
    return count == 1 && size == 4 * sizeof(void *) && dladdr(caller, &who) && who.dli_fname &&
           strstr(who.dli_fname, "/libc.so");
}

void *calloc(size_t count, size_t size) {
    const bool kept = armed && ends_the_process(count, size, __builtin_return_address(0));
    return !kept && fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return fails() ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = fails() ? NULL : __libc_memalign(alignment, size);
    if (!made)
        return ENOMEM;
    *block = made;
    return 0;
}

void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
    if (fails())
        return MAP_FAILED;
    const long made = syscall(SYS_mmap, at, length, protection, flags, file, offset);
    return (void *)made; /* NOLINT: the kernel's address, or -1 with errno */
}
