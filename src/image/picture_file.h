/* SPDX-License-Identifier: MIT
 *
 * Pictures out of files and into them.
 *
 * Files are recognised by content when read and by extension when written. Orientation tags are
 * applied when reading; grey and palette files become RGB, and CMYK files by the plain formula
 * (1 - C)(1 - K), whatever their profile says. A file whose alpha is full everywhere is read as one
 * that has none.
 */
#ifndef STYLIZE_IMAGE_PICTURE_FILE_H
#define STYLIZE_IMAGE_PICTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/error.h"
#include "image/format.h"
#include "image/image.h"

typedef struct picture_file_options {
    int depth;   /* bits of a sample: 8, or 16 for PNG and TIFF */
    int quality; /* of JPEG and WebP, 1..100; of WebP 100 is exact */
} picture_file_options;

/* Reads a PNG, JPEG, WebP or TIFF file; the caller owns the result. NULL with *err naming the path
 * when the file is missing, no regular picture, truncated, corrupt, or its header tells of more
 * pixels than max_pixels: then no memory has been taken. */
image *picture_file_read(const char *path, size_t max_pixels, error *err);

/* The same from an open stream, which is called `name` in errors and stays open. */
image *picture_file_read_stream(FILE *file, const char *name, size_t max_pixels, error *err);

/* The record that a file carries before its pixels, which are not read; the caller frees *record
 * with memory_free. NULL where there is none: one behind the pixels, where other programs may put
 * it, is found by reading the picture. False with *err as above. */
bool picture_file_read_record(const char *path, char **record, error *err);

/* Whether this build can write a picture of that size so. If not, *err names `name`; it is of
 * ERROR_USAGE where the options are impossible. */
bool picture_file_check(image_format format, int width, int height,
                        const picture_file_options *options, const char *name, error *err);

/* Encodes in memory: PNG, WebP or TIFF, RGB or with alpha RGBA; or JPEG 4:4:4, over white. Values
 * are clipped to [0,1] and rounded to the nearest of 0..255 (0..65535). Refuses what
 * picture_file_check does. The caller frees *data [size], which is NULL on failure. */
bool picture_file_encode(const image *self, image_format format,
                         const picture_file_options *options, const char *name, char **data,
                         size_t *size, error *err);

/* Encodes to the format of the path's extension and writes the file, whole or not at all
 * (output_file.h). */
bool picture_file_write(const image *self, const char *path, const picture_file_options *options,
                        error *err);

#endif
