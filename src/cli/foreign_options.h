/* SPDX-License-Identifier: MIT
 *
 * Options of other programs of this kind that people may be used to, and what to write here.
 */
#ifndef STYLIZE_CLI_FOREIGN_OPTIONS_H
#define STYLIZE_CLI_FOREIGN_OPTIONS_H

#include <stddef.h>

typedef struct foreign_option {
    const char *name;    /* with its dashes: "-content_weight" */
    const char *program; /* that has it */
    const char *answer;  /* "here: ..." or "not supported: ..." */
} foreign_option;

/* Those that are known, one after the other; NULL past the last. */
const foreign_option *foreign_option_at(size_t index);

/* The option that text[length] names; NULL where none of those programs has it. And the one that
 * differs from it in its dashes alone: one or two before it, '_' for '-' in it. */
const foreign_option *foreign_option_find(const char *text, size_t length);
const foreign_option *foreign_option_like(const char *text, size_t length);

#endif
