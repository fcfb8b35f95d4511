/* SPDX-License-Identifier: MIT
 *
 * Reads and writes that come short, for LD_PRELOAD before a program that is linked with glibc:
 *
 *     SHORT_EVERY=N    each N-th read, pread, write and pwrite that the program or a library calls
 *                      moves one byte
 *
 * stdio calls the system by itself and is not touched.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;
static long every;

__attribute__((constructor)) static void arm(void) {
    const char *text = getenv("SHORT_EVERY");
    every = text ? strtol(text, NULL, 10) : 0;
}

static size_t shorten(size_t size) {
    return every > 0 && size > 0 && ++calls % every == 0 ? 1 : size;
}

ssize_t read(int file, void *bytes, size_t size) {
    return syscall(SYS_read, file, bytes, shorten(size));
}

ssize_t write(int file, const void *bytes, size_t size) {
    return syscall(SYS_write, file, bytes, shorten(size));
}

ssize_t pread(int file, void *bytes, size_t size, off_t at) {
    return syscall(SYS_pread64, file, bytes, shorten(size), at);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    return syscall(SYS_pwrite64, file, bytes, shorten(size), at);
}
