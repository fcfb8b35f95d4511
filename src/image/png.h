/* SPDX-License-Identifier: MIT
 *
 * PNG files: an open stream to pixels, and back.
 */
#ifndef STYLIZE_IMAGE_PNG_H
#define STYLIZE_IMAGE_PNG_H

#include <stdio.h>

#include "core/buffer.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/image.h"

/* The picture as stored, with its orientation tag in *orientation (1 when there is none); the
 * caller owns it. Any damage to pixels, a missing end included, gives NULL with *err set. */
image *codec_read_png(const codec_input *input, int *orientation, error *err);

/* The record alone, *record, which the caller frees with memory_free: only what stands before the
 * pixels is read. NULL where there is none. False with *err as above. */
bool codec_read_png_record(const codec_input *input, char **record, error *err);

/* Encodes into `to`, of which a part may be there after a failure. */
bool codec_write_png(const image *self, int depth, buffer *to, const char *path, error *err);

#endif
