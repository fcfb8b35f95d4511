/* SPDX-License-Identifier: MIT
 *
 * Between gram.c, which compares matrices block by block, and gram_gradient.c, which multiplies
 * with what comes of it.
 */
#ifndef STYLIZE_COST_GRAM_FACTOR_H
#define STYLIZE_COST_GRAM_FACTOR_H

#include "cost/gram.h"

/* Packs the block of the factor whose first row and column are `top` and `left`, and its mirror
 * image. */
void gram_pack_factor(const gram *self, int top, int left,
                      double slope[CHANNEL_BLOCK][CHANNEL_BLOCK]);

#endif
