/* SPDX-License-Identifier: MIT
 *
 * TIFF files: an open stream to pixels, and back. Where the program is built without libtiff, all
 * of this says so (no_tiff.c).
 */
#ifndef STYLIZE_IMAGE_TIFF_H
#define STYLIZE_IMAGE_TIFF_H

#include <stdio.h>

#include "core/buffer.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/image.h"

/* Whether there are such files in this build; if not, *err says that `path` cannot be written. */
bool codec_has_tiff(const char *path, error *err);

/* The first page as stored, with its orientation tag in *orientation (1 when there is none); the
 * caller owns it. NULL with *err set where it is damaged, not whole or of a kind that is not
 * read. */
image *codec_read_tiff(const codec_input *input, int *orientation, error *err);

/* The record alone, *record, which the caller frees with memory_free: the pixels are not decoded.
 * NULL where there is none. False with *err as above. */
bool codec_read_tiff_record(const codec_input *input, char **record, error *err);

/* Encodes into `to`, of which a part may be there after a failure. */
bool codec_write_tiff(const image *self, int depth, buffer *to, const char *path, error *err);

#endif
