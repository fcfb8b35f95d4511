/* SPDX-License-Identifier: MIT
 *
 * The formats of picture files, and how a file's name asks for one.
 */
#ifndef STYLIZE_IMAGE_FORMAT_H
#define STYLIZE_IMAGE_FORMAT_H

typedef enum image_format { IMAGE_UNKNOWN, IMAGE_PNG, IMAGE_JPEG } image_format;

#define IMAGE_JPEG_MOST_SIDE 65500 /* pixels: what libjpeg takes */

/* The format that a path's extension asks for (.png, .jpg, .jpeg in either case). */
image_format image_format_of_path(const char *path);

#endif
