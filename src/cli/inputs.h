/* SPDX-License-Identifier: MIT
 *
 * The pictures of a run, read and checked against the options: what is wrong with them is said
 * here, by the names that the user gave, before anything on the disk is touched.
 */
#ifndef STYLIZE_CLI_INPUTS_H
#define STYLIZE_CLI_INPUTS_H

#include <stdbool.h>

#include "cli/options.h"
#include "cli/store.h"

typedef struct inputs {
    store *store;                  /* they are taken from; borrowed, or NULL */
    stylize_image *content, *init; /* NULL: of a texture; without a picture to start from */
    stylize_image *styles[STYLIZE_MOST_STYLES];
    int style_count;
    stylize_image *masks[STYLIZE_MOST_STYLES], *style_maps[STYLIZE_MOST_STYLES];
    int mask_count, style_map_count;
    stylize_image *content_map, *content_weight_map; /* or NULL */
    int most_pixels;                                 /* of --max-pixels */
    /* Width and height: of CONTENT as it is (0: there is none), of each STYLE as it is used, of
     * the result. */
    int content_size[2], style_sizes[STYLIZE_MOST_STYLES][2], size[2];
} inputs;

/* False with *err naming the file or option. inputs_clear follows in any case. */
bool inputs_read(inputs *self, const options *opts, store *from, stylize_error *err);
void inputs_clear(inputs *self);

#endif
