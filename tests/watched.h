/* SPDX-License-Identifier: MIT
 *
 * Whether a test runs under a sanitizer or valgrind, which take memory and address space of their
 * own, and end a program that gets none: then memory is not limited, and its figures are only
 * printed.
 */
#ifndef STYLIZE_TESTS_WATCHED_H
#define STYLIZE_TESTS_WATCHED_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/sanitized.h"

/* It loads a library of its own before the others. */
static inline bool is_under_valgrind(void) {
    const char *before = getenv("LD_PRELOAD");
    return before && strstr(before, "vgpreload");
}

static inline bool is_watched(void) {
    return SANITIZED || is_under_valgrind();
}

#endif
