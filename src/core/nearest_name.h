/* SPDX-License-Identifier: MIT
 *
 * Which of some names a mistyped word probably is, for errors that say "did you mean ...?".
 */
#ifndef STYLIZE_CORE_NEAREST_NAME_H
#define STYLIZE_CORE_NEAREST_NAME_H

#include <stddef.h>

/* The one of names [count] that differs from `word` least, if by little for its length, else the
 * only one that begins with it; of equally near ones the first. NULL where none is near. Capitals
 * and small letters count as the same, and so do '_' and '-'. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

#endif
