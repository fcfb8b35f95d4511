/* SPDX-License-Identifier: MIT
 *
 * A stream for libtiff, which wants to seek, and its messages as errors of ours instead of lines on
 * standard error.
 */
#ifndef STYLIZE_IMAGE_TIFF_STREAM_H
#define STYLIZE_IMAGE_TIFF_STREAM_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <tiffio.h>

#include "core/error.h"

typedef struct tiff_stream {
    FILE *file;
    off_t base;       /* where the TIFF file begins in it */
    const char *path; /* for errors */
    const char *verb; /* "read" or "write", likewise */
    error *err;
    bool strict; /* warnings are errors: of pixels they mean lost data */
    bool failed; /* *err is set */
} tiff_stream;

/* Says why, unless something has failed before. Returns false. */
bool tiff_stream_refuse(tiff_stream *self, const char *why);

/* Opens it in libtiff's `mode`, where no block of memory may be larger than `most` bytes. NULL with
 * the error set. */
TIFF *tiff_stream_open(tiff_stream *self, const char *mode, size_t most);

#endif
