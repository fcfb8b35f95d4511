/* SPDX-License-Identifier: MIT
 *
 * The pictures that activations are measured with: those of a folder, at a common size.
 */
#ifndef STYLIZE_CONVERT_PICTURES_H
#define STYLIZE_CONVERT_PICTURES_H

#include <stdbool.h>

#include "core/error.h"
#include "image/image.h"

typedef struct pictures {
    image **images; /* [count], owned, in the order of their names */
    int count;
} pictures;

/* Reads the PNG and JPEG files of a folder, shrunk so that no side is over `size` pixels. False
 * with *err naming the folder or the file; also where the folder has none. Clearing is needed
 * either way. */
bool pictures_read(pictures *self, const char *folder, int size, error *err);
void pictures_clear(pictures *self);

#endif
