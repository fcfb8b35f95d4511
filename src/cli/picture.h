/* SPDX-License-Identifier: MIT
 *
 * A picture read by the name that the user gave.
 */
#ifndef STYLIZE_CLI_PICTURE_H
#define STYLIZE_CLI_PICTURE_H

#include "transfer/stylize.h"

/* Reads a picture of at most so many pixels, "-" from standard input; the caller owns it. NULL with
 * *err naming it, and what may have been meant. */
stylize_image *picture_read(const char *path, int most_pixels, stylize_error *err);

#endif
