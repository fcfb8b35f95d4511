/* SPDX-License-Identifier: MIT
 *
 * Pictures decoded in a process apart (core/guard.h), where the guard is on; else right here. Both
 * give the same bits. What comes back is checked like a file: sizes against the limit and the
 * memory that is left, the profile and the record by what takes them from files. Any bytes are
 * pixels.
 */
#ifndef STYLIZE_IMAGE_PICTURE_GUARD_H
#define STYLIZE_IMAGE_PICTURE_GUARD_H

#include <stdio.h>

#include "core/error.h"
#include "image/codec.h"
#include "image/image.h"

typedef image *picture_decoder(FILE *file, const char *name, const codec_limits *limits,
                               error *err);
typedef bool picture_record_decoder(FILE *file, const char *name, char **record, error *err);

/* Whether a file that begins with `size` bytes of magic can be a picture; else *err says so. */
typedef bool picture_recogniser(const codec_input *input, size_t size, error *err);

/* As picture_file_read and picture_file_read_record, of a file of which nothing was read yet. */
image *picture_guard_read(picture_decoder *decode, FILE *file, const char *name, size_t max_pixels,
                          error *err);
bool picture_guard_read_record(picture_record_decoder *decode, FILE *file, const char *name,
                               char **record, error *err);

/* As picture_file_read_stream: of what a stream has left, which is all read where the guard is on:
 * when it begins as a picture does, as long as there is memory for it, and as no picture of so many
 * pixels has more. */
image *picture_guard_read_stream(picture_decoder *decode, picture_recogniser *recognise, FILE *file,
                                 const char *name, size_t max_pixels, error *err);

#endif
