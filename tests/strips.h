/* SPDX-License-Identifier: MIT
 *
 * A picture cut into strips of rows, as vectors see it.
 */
#ifndef STYLIZE_TESTS_STRIPS_H
#define STYLIZE_TESTS_STRIPS_H

#include "optimize/vector.h"

/* Cuts [3][height][width] into strips of rows of many heights, none in the way of what a vector is
 * cut into, and calls work for the three ranges of each. The strips come in a mixed order;
 * both depend on the seed alone. */
void strips_each(int height, int width, unsigned seed, void (*work)(void *user, vector_range range),
                 void *user);

#endif
