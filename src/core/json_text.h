/* SPDX-License-Identifier: MIT
 *
 * JSON to text and back, where a failed allocation fails the whole. jansson alone does not promise
 * that: where it cannot keep a byte of a string or a member of a copy it goes on without, and what
 * comes out is another value. All that parses, writes or copies JSON goes this way (`make lint`).
 *
 * The first call puts functions before those that jansson allocates with, which call them and note
 * what fails. A program that gives jansson functions of its own does so before that, as jansson
 * itself asks for: before anything is allocated.
 */
#ifndef STYLIZE_CORE_JSON_TEXT_H
#define STYLIZE_CORE_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The value of a text of `length` bytes; flags as json_loadb takes them. NULL with *problem, which
 * may be NULL, whose text is never empty. The caller owns the value: json_decref. */
json_t *json_text_load(const char *text, size_t length, size_t flags, json_error_t *problem);

/* Whether it was memory that json_text_load lacked, and not JSON. */
bool json_text_lacks_memory(const json_error_t *problem);

/* The text of a value, to be freed (free); flags as json_dumps takes them. Control characters that
 * JSON itself lets stand (DEL and C1) are escaped like others: they are commands to terminals. NULL
 * when memory is short. */
char *json_text_dump(const json_t *json, size_t flags);

/* A string. NULL where the text is no UTF-8 or, with *lacks_memory, for want of memory. */
json_t *json_text_string(const char *text, bool *lacks_memory);

/* A copy that shares the members; NULL when memory is short, or for NULL. */
json_t *json_text_copy(json_t *json);

#endif
