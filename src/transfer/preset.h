/* SPDX-License-Identifier: MIT
 *
 * What the auto of a recipe's weights, iterations and size stands for.
 */
#ifndef STYLIZE_TRANSFER_PRESET_H
#define STYLIZE_TRANSFER_PRESET_H

#include "transfer/recipe.h"

typedef struct preset {
    const char *weights;       /* FILE|NAME[,...] */
    const char *light_weights; /* for stages at which the others outgrow memory; or NULL */
    int coarsest, between, finest, fine_of_many; /* iterations of the first stage, those between,
                                                  * the last of two, the last of more */
    int single;                                  /* and of one that is both */
    int size;                                    /* longest side of the result */
    bool enlarges;                               /* also a smaller content */
} preset;

const preset *preset_of(const stylize_recipe *recipe);

#endif
