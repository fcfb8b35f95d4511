/* SPDX-License-Identifier: MIT
 *
 * The text that a picture's file carries of how it was made. Here it is only a text: UTF-8 without
 * zero bytes, of at most RECORD_MOST bytes, under the keyword "stylize", so that others' texts are
 * not taken for it. What it says, nobody here knows or believes.
 *
 *     PNG   a text chunk with that keyword: written as iTXt, read from iTXt, zTXt and tEXt
 *     WebP  the description in EXIF: the keyword, a space and the text
 *     TIFF  the description, likewise
 *     JPEG  comments: the keyword, a space and the text; what has no room in one goes on in the
 *           next ones, which begin with "stylize+ "
 *
 * Of several the first counts. One that is damaged, too long or not UTF-8 is none. A result has
 * none from its content: it is a member of the image, not of its properties.
 */
#ifndef STYLIZE_IMAGE_RECORD_TEXT_H
#define STYLIZE_IMAGE_RECORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

#define RECORD_KEYWORD "stylize"
#define RECORD_MOST ((size_t)1 << 20)

/* Whether text [length] can be a record: 1 to RECORD_MOST bytes of UTF-8, none of them zero. */
bool record_text_is_valid(const char *text, size_t length);

/* *place gets a copy, ended by a zero byte, in place of what it has, which is freed; NULL where
 * that is no record. False with *err when memory is short; then it keeps what it has. */
bool record_text_set(char **place, const char *text, size_t length, error *err);

/* A record as a description holds it, for the caller to memory_free; NULL with *err. */
char *record_text_describe(const char *record, error *err);

/* Likewise record_text_set from a description [length]; one that is no record's is none. */
bool record_text_take(char **place, const char *description, size_t length, error *err);

#endif
