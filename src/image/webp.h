/* SPDX-License-Identifier: MIT
 *
 * WebP files: an open stream to pixels, and back. Where the program is built without libwebp, all
 * of this says so (no_webp.c).
 */
#ifndef STYLIZE_IMAGE_WEBP_H
#define STYLIZE_IMAGE_WEBP_H

#include <stdio.h>

#include "core/buffer.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/image.h"

/* Bytes for each pixel that libwebp takes at most while it encodes. */
#define WEBP_MEMORY 64

/* Whether there are such files in this build; if not, *err says that `path` cannot be written. */
bool codec_has_webp(const char *path, error *err);

/* The picture as stored, with its orientation tag in *orientation (1 when there is none); the
 * caller owns it. Of an animation the first frame. NULL with *err set where the file is damaged or
 * not whole. */
image *codec_read_webp(const codec_input *input, int *orientation, error *err);

/* The record alone, *record, which the caller frees with memory_free: the pixels are not decoded.
 * NULL where there is none. False with *err as above. */
bool codec_read_webp_record(const codec_input *input, char **record, error *err);

/* Encodes into `to`: exact where quality is 100. */
bool codec_write_webp(const image *self, int quality, buffer *to, const char *path, error *err);

#endif
