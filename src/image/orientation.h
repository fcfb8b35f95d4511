/* SPDX-License-Identifier: MIT
 *
 * How the camera was held: EXIF's orientation, 1 to 8, of which 1 is upright.
 */
#ifndef STYLIZE_IMAGE_ORIENTATION_H
#define STYLIZE_IMAGE_ORIENTATION_H

#include <stdbool.h>

#include "core/error.h"
#include "image/image.h"

/* Turns a packed picture that was stored in this orientation upright, its density too. False
 * with *err set when memory is short; the picture is then as it was. */
bool orientation_undo(image *self, int orientation, error *err);

#endif
