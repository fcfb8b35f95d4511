/* SPDX-License-Identifier: MIT
 *
 * A list of pictures with the content and the style of each, out of a file: CONTENT STYLE PICTURE
 * on a line, apart by blanks; or, in a line that has tabs, by these alone, so that names may have
 * blanks. Empty lines and those that begin with # are left out.
 */
#ifndef STYLIZE_JUDGE_PAIRS_H
#define STYLIZE_JUDGE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "judge/judge.h"

typedef struct pairs {
    judge_files *files; /* [count], owned; their names lie in `text` */
    size_t count;
    char *text; /* owned */
} pairs;

/* Reads a list; false with *err naming the file, and the line where one is wrong. A list without
 * any line is refused. pairs_clear follows either way. */
bool pairs_read(pairs *self, const char *path, error *err);
void pairs_clear(pairs *self);

#endif
