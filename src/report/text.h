/* SPDX-License-Identifier: MIT
 *
 * Texts as they can be shown: file names and messages may hold any bytes.
 */
#ifndef STYLIZE_REPORT_TEXT_H
#define STYLIZE_REPORT_TEXT_H

#include <stddef.h>

/* Bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none, or with a
 * control character. */
size_t text_character(const char *text);

/* Copies a text to clean[room], room >= 1: what is no character becomes '?', and what there is no
 * room for is left out. */
void text_clean(const char *text, char *clean, size_t room);

/* Copies a clean text to shorter[room], room >= 5, with dots for its middle where it is too long.
 */
void text_shorten(const char *clean, char *shorter, size_t room);

#endif
