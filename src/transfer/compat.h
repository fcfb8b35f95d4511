/* SPDX-License-Identifier: MIT
 *
 * Settings of other programs: what fields stand for with --compat NAME where nothing else is said,
 * and how much a layer counts there (docs/compat.md).
 */
#ifndef STYLIZE_TRANSFER_COMPAT_H
#define STYLIZE_TRANSFER_COMPAT_H

#include "network/vgg.h"
#include "transfer/recipe.h"

/* The value of a field, as one types it, that a word of the field compat gives it: the field's own
 * default where the program has no other. */
const char *compat_value(int compat, const stylize_field *field);

/* What the weight of a layer, an index in the network, is to be multiplied with, so that costs come
 * out in the units of the recipe: of the kind of cost, of the network's width, and, for programs
 * that look at activations as published, of what the network's channels were divided by. */
double compat_content_scale(const stylize_recipe *recipe, const vgg *network, int layer);
double compat_style_scale(const stylize_recipe *recipe, const vgg *network, int layer);

#endif
