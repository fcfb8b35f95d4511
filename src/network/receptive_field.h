/* SPDX-License-Identifier: MIT
 *
 * What a unit of a layer sees of the picture: in either direction, the unit with index i along it
 * sees the pixels start + i * step to start + i * step + size - 1, as far as there are any.
 */
#ifndef STYLIZE_NETWORK_RECEPTIVE_FIELD_H
#define STYLIZE_NETWORK_RECEPTIVE_FIELD_H

#include "network/vgg.h"

typedef struct receptive_field {
    int size, step; /* pixels */
    int start;      /* at most 0: the first units see beyond the picture */
} receptive_field;

/* That of a layer, given by its index. */
receptive_field receptive_field_of(const vgg *network, int layer);

/* The units along a side of the picture, in pixels, whose fields lie inside of it: from *first on
 * to before *end. Where it is smaller than the field, all of them. */
void receptive_field_inside(const vgg *network, int layer, int side, int *first, int *end);

#endif
