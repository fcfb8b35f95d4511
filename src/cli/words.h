/* SPDX-License-Identifier: MIT
 *
 * Words of a line, as a shell would take them apart: blanks between them; '...' as it stands; "..."
 * in which \ keeps " and \ from their meaning; \ before any other character. Nothing is expanded.
 */
#ifndef STYLIZE_CLI_WORDS_H
#define STYLIZE_CLI_WORDS_H

#include "transfer/stylize.h"

/* Takes `line` apart, which is overwritten with the words. [*count] of them, in an array with a
 * NULL at its end that the caller frees; NULL with *err when a quote is not closed or memory is
 * short. */
char **words_split(char *line, int *count, stylize_error *err);

#endif
