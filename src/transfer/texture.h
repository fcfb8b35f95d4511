/* SPDX-License-Identifier: MIT
 *
 * Pictures of the style alone, without content: what a recipe of one may not ask for, and when a
 * picture begins as noise (transfer/noise.h).
 */
#ifndef STYLIZE_TRANSFER_TEXTURE_H
#define STYLIZE_TRANSFER_TEXTURE_H

#include <stdbool.h>

#include "core/error.h"
#include "transfer/recipe.h"

/* Whether the recipe's fields go together; false with *err (ERROR_USAGE) naming one that asks for a
 * content where there is none, or for a tile where there is one. */
bool texture_check(const stylize_recipe *recipe, error *err);

/* Whether a picture that no other is given to start from begins as noise alone. */
bool texture_from_noise(const stylize_recipe *recipe);

#endif
