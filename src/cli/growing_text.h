/* SPDX-License-Identifier: MIT
 *
 * A text that grows. A lack of memory is remembered, so that a part never passes for the whole: no
 * call needs a look but the last.
 */
#ifndef STYLIZE_CLI_GROWING_TEXT_H
#define STYLIZE_CLI_GROWING_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Starts as zeros. */
typedef struct growing_text {
    char *text; /* [length], owned */
    size_t length, room;
    bool failed;
} growing_text;

void growing_text_add(growing_text *self, const char *text);
void growing_text_add_part(growing_text *self, const char *text, size_t length);
void growing_text_add_char(growing_text *self, char character);

/* The whole, which the caller frees; NULL when memory was short. The text is empty afterwards. */
char *growing_text_take(growing_text *self);

#endif
