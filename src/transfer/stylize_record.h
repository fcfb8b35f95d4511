/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: the text that a picture's file carries of how it was made.
 *
 * To the library it is a text, UTF-8 of at most STYLIZE_MOST_RECORD bytes; what the program stylize
 * writes there stands in docs/records.md. A result carries none until it is given one, also where
 * its content did.
 */
#ifndef STYLIZE_RECORD_H
#define STYLIZE_RECORD_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STYLIZE_MOST_RECORD (1 << 20) /* bytes */

/* Gives a picture the record that its file is to carry, a copy of `text`, or with NULL takes it
 * away. False with *err (STYLIZE_USAGE) where the text is empty, too long or not UTF-8. */
STYLIZE_API bool stylize_image_set_record(stylize_image *self, const char *text,
                                          stylize_error *err);

/* That which a picture was given or its file carried; NULL where there is none. Valid until it is
 * changed. It may come from anybody: whoever reads it believes nothing. */
STYLIZE_API const char *stylize_image_record(const stylize_image *self);

/* The record of a file, without its pixels being read: *record, which the caller frees with free(),
 * or NULL where there is none before them (the program writes it there). False with *err where the
 * file cannot be read. */
STYLIZE_API bool stylize_record_read(const char *path, char **record, stylize_error *err);

#ifdef __cplusplus
}
#endif

#endif
