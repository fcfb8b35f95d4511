/* SPDX-License-Identifier: MIT
 *
 * What image.c and the two codecs share; nothing outside this folder includes it.
 *
 * image.c owns files and names: it opens, recognises, and reports what errno says. A codec
 * turns an open stream into pixels or back, and reports what its library says, naming `path`. All
 * that a codec's longjmp may cross lives in one struct of its caller, so nothing is clobbered and
 * one clean-up serves success and failure.
 */
#ifndef STYLIZE_IMAGE_CODEC_H
#define STYLIZE_IMAGE_CODEC_H

#include <stdint.h>
#include <stdio.h>

#include "image/image.h"

/* Bytes that tell the formats apart: the length of the PNG signature. They are taken from the
 * stream before the codec is called, because a pipe cannot be rewound. */
#define CODEC_MAGIC_SIZE 8

/* image_new for a header's claim; an *err about the limit names `path`. */
image *codec_new_image(uint32_t width, uint32_t height, const char *path, error *err);

/* The orientation 1..8 of a TIFF block (the content of EXIF); 1 when it has none or is malformed.
 */
int codec_exif_orientation(const uint8_t *tiff, size_t size);

/* Row y clipped, rounded and interleaved: rgb is [width][3]. NaN becomes 0. */
void codec_pack_row(const image *self, int y, uint8_t *rgb);

/* The picture as stored, with its orientation tag in *orientation (1 when there is none); the
 * caller owns it. Any damage, a missing end included, gives NULL with *err set. */
image *codec_read_png(FILE *file, const char *path, int *orientation, error *err);
image *codec_read_jpeg(FILE *file, const uint8_t magic[CODEC_MAGIC_SIZE], const char *path,
                       int *orientation, error *err);

/* Encodes into `file` without flushing it. After a failed write errno is still that of the write:
 * the codec then only frees memory. */
bool codec_write_png(const image *self, FILE *file, const char *path, error *err);
bool codec_write_jpeg(const image *self, FILE *file, const char *path, error *err);

#endif
