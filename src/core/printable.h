/* SPDX-License-Identifier: MIT
 *
 * What of a text may be shown to people: file names and files may hold any bytes, and some of them
 * are commands to terminals. The program, which knows the public header alone, has report/text.h.
 */
#ifndef STYLIZE_CORE_PRINTABLE_H
#define STYLIZE_CORE_PRINTABLE_H

#include <stddef.h>

/* Bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none, or with a
 * control character (C0, DEL, C1). */
size_t printable_character(const char *text);

#endif
