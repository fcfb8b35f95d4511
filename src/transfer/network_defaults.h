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

#include "network/vgg.h"
#include "transfer/recipe.h"

typedef struct network_defaults {
    recipe_layers content_layers, style_layers;
    double style_scale; /* of the weights of all style layers */
} network_defaults;

const network_defaults *network_defaults_of(const vgg *network);

#endif
