/* SPDX-License-Identifier: MIT
 *
 * Takes from this process all that a parser of files does not need. Only guard.c calls it.
 */
#ifndef STYLIZE_CORE_GUARD_FILTER_H
#define STYLIZE_CORE_GUARD_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is a filter for this system and this build. */
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#define GUARD_HAS_FILTER 1
#else
#define GUARD_HAS_FILTER 0
#endif

/* For good: from `file` can be read and to `answer` be written; so many bytes of memory can be had
 * besides what the process has, and some for its libraries, none of it executable; the process can
 * end, and is the first to be ended where the system has no memory. Every other call of the system
 * fails with EPERM; one of another architecture's ends the process. False where the kernel
 * refuses; where it does not tell what the process has, its memory is not limited. */
bool guard_filter_close(int file, int answer, size_t memory);

#endif
