/* SPDX-License-Identifier: MIT
 *
 * What suits a network: the layers that are compared, and how its style cost is scaled, so that
 * alpha and beta mean the same with every network.
 *
 * One table (docs/pictures.md has the measurements). Networks are told apart by their widths: the
 * full ones as published, and smaller ones.
 */
#ifndef STYLIZE_TRANSFER_NETWORK_DEFAULTS_H
#define STYLIZE_TRANSFER_NETWORK_DEFAULTS_H

#include "network/vgg_source.h"
#include "transfer/recipe.h"

typedef struct network_defaults {
    recipe_layers content_layers, style_layers;
    double style_scale; /* of the weights of all style layers */
} network_defaults;

/* By the output channels of all convolutions that the weights have, loaded or not. */
const network_defaults *network_defaults_of(const int widths[VGG_MAX_CONVS]);

/* The layers that a recipe names, or those that suit the network where it names none. */
const recipe_layers *network_defaults_choose(const recipe_layers *given,
                                             const recipe_layers *suited);

#endif
