/* SPDX-License-Identifier: MIT
 *
 * What the codecs (png.c, jpeg.c, webp.c, tiff.c) share; nothing outside this folder includes it.
 *
 * A codec turns an open stream into pixels or back, and reports what its library says, naming
 * `path`; who opened the stream reports what errno says (picture_file.c). All that a codec's
 * longjmp may cross lives in one struct of its caller, so nothing is clobbered and one clean-up
 * serves success and failure.
 */
#ifndef STYLIZE_IMAGE_CODEC_H
#define STYLIZE_IMAGE_CODEC_H

#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "core/memory_limit.h"
#include "image/image.h"

/* Bytes that tell the formats apart: the length of the PNG signature. They are taken from the
 * stream before the codec is called, because a pipe cannot be rewound. */
#define CODEC_MAGIC_SIZE 8

/* What a picture may take. The memory is found by who may look at the system (picture_guard.c). */
typedef struct codec_limits {
    size_t max_pixels;
    memory_limit own, shared; /* left for one process, and for all; name NULL: any */
} codec_limits;

/* What a codec reads. */
typedef struct codec_input {
    FILE *file;
    uint8_t magic[CODEC_MAGIC_SIZE]; /* already taken from it */
    const char *path;                /* for errors */
    codec_limits limits;
} codec_input;

/* What a header claims. */
typedef struct codec_claim {
    uint32_t width, height;
    pixels_format format;
    size_t besides; /* bytes that it takes to decode it, besides the picture */
} codec_claim;

/* Whether a picture of that claim may be made; else *err names the path: over the limit of pixels,
 * or more than the memory that is left, of which nothing has been taken then: a system that
 * promises more than it has would end the process as it fills the picture. */
bool codec_check(const codec_input *input, const codec_claim *claim, error *err);

/* Makes it, packed and black: what a library leaves out of a damaged file is nothing that was in
 * the memory. NULL with *err as above. */
image *codec_new_image(const codec_input *input, const codec_claim *claim, error *err);

/* The same, with pixels that are not set: for who sets all of them. */
image *codec_new_unset(const codec_input *input, const codec_claim *claim, error *err);

/* Refuses what is in none of the formats. Returns NULL. */
image *codec_refuse(const codec_input *input, error *err);

/* The beginning of a stream in memory; all zero before the first call. */
typedef struct codec_bytes {
    uint8_t *data; /* [size] */
    size_t size, room;
} codec_bytes;

/* Reads on, the magic bytes first, until there are `wanted` bytes or the stream ends; memory is
 * taken as bytes come, whatever is wanted. False with *err when it is short; codec_bytes_clear
 * follows in any case. */
bool codec_bytes_read(codec_bytes *self, const codec_input *input, size_t wanted, error *err);
void codec_bytes_clear(codec_bytes *self);

#endif
