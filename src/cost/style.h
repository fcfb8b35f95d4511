/* SPDX-License-Identifier: MIT
 *
 * What the kinds of style terms share. All compare sums over the pixels of a layer, so terms of one
 * layer and mask look at the same ones and go back through one factor (cost/gram.h).
 *
 * All but the Gram matrix's own compare means as well, and gather the matrix as a whole:
 *
 *     finish    style_gather      G and mu of the picture
 *               style_compare     the same, then of each row of them the kind's own function: its
 *                                 distance, and how it pulls (Bures has a loop of its own)
 *     derive    style_derive
 */
#ifndef STYLIZE_COST_STYLE_H
#define STYLIZE_COST_STYLE_H

#include "cost/kind.h"

/* ---- any kind of style term ---- */

/* rows of the activation -> its sums, in an evaluation and in an analysis. */
void style_observe(const cost_work *self, int y, const tensor *rows);
void style_learn(const cost_work *self, const cost_target *target, int y, const tensor *rows);

/* The share of a piece, of all terms of the work. */
void style_derive(const cost_work *self, const cost_term *terms, double factor,
                  const cost_piece *piece);

/* What a term's change of matrix goes back with: d/da of factor * weight / (4 C^2) ||G - G*||^2 is
 * scale * (G - G*) a. */
double style_scale(const cost_work *self, const cost_term *term, double factor);

/* ---- kinds that compare means as well ---- */

void style_layout(cost_work *self, layout *to);
void style_target_layout(cost_target *self, layout *to);

/* Collective: the target's matrix and means of all rows observed. */
void style_learnt(const cost_work *self, const cost_target *target);

/* Collective: self->matrix and self->means of all rows observed; self->slope and self->constants
 * become zero. */
void style_gather(const cost_work *self);

/* Row i of a term. Of self->matrix and self->means it returns 4 C^2 times its share of J, and adds
 * to row i of self->slope and to self->constants[i] what the way back multiplies with and adds:
 * scale is style_scale. */
typedef double style_row(const cost_work *self, const cost_target *target, double scale, int i);

/* Collective: gathers and compares all that has been observed with all terms, row by row. */
void style_compare(const cost_work *self, const cost_term *terms, double factor, style_row *row);

/* The mean over channels of the target's squared activations, times C: what makes means, which are
 * in the units of the activation, as large as Gram matrices, which are in those of its square. */
double style_power(const cost_target *target);

/* J of a term that has been compared. */
double style_value(const cost_work *self, int term);

#endif
