/* SPDX-License-Identifier: MIT
 *
 * The pictures of a run, read and checked against the options: what is wrong with them is said
 * here, by the names that the user gave, before anything on the disk is touched.
 */
#ifndef STYLIZE_CLI_INPUTS_H
#define STYLIZE_CLI_INPUTS_H

#include <stdbool.h>

#include "cli/options.h"

typedef struct inputs {
    stylize_image *content, *style, *init; /* init is NULL without a picture to start from */
    int most_pixels;                       /* of --max-pixels */
    /* Width and height: of CONTENT as it is, of STYLE as it is used, of the result. */
    int content_size[2], style_size[2], size[2];
} inputs;

/* False with *err naming the file or option. inputs_clear follows in any case. */
bool inputs_read(inputs *self, const options *opts, stylize_error *err);
void inputs_clear(inputs *self);

#endif
