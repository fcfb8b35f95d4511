/* SPDX-License-Identifier: MIT
 *
 * The way back through a Gram matrix for tests: over whole tensors, piece by piece as an objective
 * goes, and how far it may be off.
 */
#ifndef STYLIZE_TESTS_GRAM_BACK_H
#define STYLIZE_TESTS_GRAM_BACK_H

#include <stdbool.h>

#include "cost/gram.h"

/* Writes the gradient of the activation to a tensor of floats, or adds it to that. Pixels as they
 * are best done at once. */
void gram_back(const gram *g, const tensor *activation, const tensor *gradient, bool add);

/* How far a value of it may be off, of which `sizes` is the sum of the products' absolute values:
 * what fp32 has always kept, and the roundings of operands in bf16. */
double gram_back_off(const gram *g, double sizes);

#endif
