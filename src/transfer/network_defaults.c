/* SPDX-License-Identifier: MIT */
#include "transfer/network_defaults.h"

#include <string.h>

#include "network/vgg.h"

/* Channels of the third block in the networks as published, and its first convolution. */
enum { FULL_WIDTH = 256, CONV3_1 = 4 };

/* relu3_3 keeps what the content shows and leaves the depths to the style; relu5_1 would paste in
 * what the style shows. */
#define LAYERS                                                                                     \
    .content_layers = {{{"relu3_3", 1}}, 1},                                                       \
    .style_layers = {{{"relu1_1", 0.43}, {"relu2_1", 0.26}, {"relu3_1", 0.22}, {"relu4_1", 0.09}}, \
                     4}

static const network_defaults full = {LAYERS, .style_scale = 1},
                              small = {LAYERS, .style_scale = 0.5};

const network_defaults *network_defaults_of(const int widths[VGG_MAX_CONVS]) {
    return widths[CONV3_1] >= FULL_WIDTH ? &full : &small;
}

const recipe_layers *network_defaults_choose(const recipe_layers *given,
                                             const recipe_layers *suited) {
    return given->count > 0 ? given : suited;
}

const char *stylize_network_suited_layer(const stylize_network *self, const char *field,
                                         int index) {
    const network_defaults *suited = network_defaults_of(self->widths);
    const recipe_layers *layers = !strcmp(field, "content-layers") ? &suited->content_layers
                                  : !strcmp(field, "style-layers") ? &suited->style_layers
                                                                   : NULL;
    return layers && index >= 0 && index < layers->count ? layers->items[index].name : NULL;
}
