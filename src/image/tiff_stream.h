/* SPDX-License-Identifier: MIT
 *
 * A stream for libtiff, which wants to seek, and its messages as errors of ours instead of lines on
 * standard error.
 */
#ifndef STYLIZE_IMAGE_TIFF_STREAM_H
#define STYLIZE_IMAGE_TIFF_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <tiffio.h>

#include "core/error.h"

typedef struct tiff_stream {
    FILE *file;    /* to be read */
    off_t base;    /* where the TIFF file begins in it */
    uint8_t *data; /* [size], what is written, since libtiff goes back and forth; owned */
    size_t size, room, at;
    const char *path; /* for errors */
    const char *verb; /* "read" or "write", likewise */
    error *err;
    bool strict; /* warnings are errors: of pixels they mean lost data */
    bool failed; /* *err is set */
} tiff_stream;

/* Says why, unless something has failed before. Returns false. */
bool tiff_stream_refuse(tiff_stream *self, const char *why);

/* Opens it in libtiff's `mode`, "r" or "w" with more letters, where no block of memory may be
 * larger than `most` bytes. NULL with the error set. */
TIFF *tiff_stream_open(tiff_stream *self, const char *mode, size_t most);

/* Frees what was written. */
void tiff_stream_clear(tiff_stream *self);

#endif
