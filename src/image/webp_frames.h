/* SPDX-License-Identifier: MIT
 *
 * An animated WebP file in the making: frames go in one by one and are encoded at once; only the
 * encoded ones, and three pictures of pixels, are kept. Where the program is built without libwebp,
 * all of this says so (no_webp.c).
 */
#ifndef STYLIZE_IMAGE_WEBP_FRAMES_H
#define STYLIZE_IMAGE_WEBP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "image/image.h"

typedef struct webp_frames webp_frames;

/* Bytes for each pixel of a frame that one takes at most, besides what is encoded. */
#define WEBP_FRAMES_MEMORY 64

/* Of frames of width x height pixels, each of a quality of 1 to 100. `path`, which is copied, is
 * for errors. NULL with *err. */
webp_frames *webp_frames_new(int width, int height, int quality, const char *path, error *err);
void webp_frames_free(webp_frames *self);

/* Adds a frame of that size, shown for so long; those past the first lay over it. */
bool webp_frames_add(webp_frames *self, const image *frame, int milliseconds, error *err);

/* The file, of at least one frame, which begins anew when it is over. Nothing can be added
 * afterwards. The caller frees *data [size] with free(). */
bool webp_frames_encode(webp_frames *self, char **data, size_t *size, error *err);

#endif
