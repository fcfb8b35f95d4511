/* SPDX-License-Identifier: MIT
 *
 * Sums over a picture: a partial sum for each row, whichever thread or strip it was in, and these
 * added up in their order.
 */
#ifndef STYLIZE_COST_SUMS_H
#define STYLIZE_COST_SUMS_H

static inline double cost_add_up(const double *sums, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += sums[i];
    return sum;
}

#endif
