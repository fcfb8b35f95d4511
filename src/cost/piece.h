/* SPDX-License-Identifier: MIT
 *
 * Some pixels of a row of a layer in the backward pass, where terms add up their derivatives.
 */
#ifndef STYLIZE_COST_PIECE_H
#define STYLIZE_COST_PIECE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cost_piece {
    int y, x, pixels;         /* of the layer */
    const void *operands;     /* the activation at x, as products take it, 16 channels a pixel */
    ptrdiff_t operands_block; /* values from a channel block to the next */
    const float *a; /* the same as floats; NULL where neither a mask nor a kind asks for them */
    ptrdiff_t a_block;
    float *gradient; /* likewise, to be written; may be `a` for a kind that works in place */
    ptrdiff_t gradient_block;
    bool add;       /* to what the gradient holds; else it is overwritten */
    float *scratch; /* of the size of a, for a Gram matrix with a mask */
} cost_piece;

/* The next of some parts of at most `most`, of which the last two share what is left. */
static inline int cost_next_part(int left, int most) {
    return left <= most ? left : left >= 2 * most ? most : (left + 1) / 2;
}

#endif
