/* SPDX-License-Identifier: MIT
 *
 * Takes from this process all that a parser of files does not need. Only guard.c calls it.
 */
#ifndef STYLIZE_CORE_GUARD_FILTER_H
#define STYLIZE_CORE_GUARD_FILTER_H

#include <stdbool.h>

/* Whether there is a filter for this system and this build. */
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#define GUARD_HAS_FILTER 1
#else
#define GUARD_HAS_FILTER 0
#endif

/* For good: from `file` can be read and to `answer` be written; memory can be had, none of it
 * executable; the process can end. Every other call of the system fails with EPERM; one of another
 * architecture's ends the process. False where the kernel refuses. */
bool guard_filter_close(int file, int answer);

#endif
