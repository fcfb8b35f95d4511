/* SPDX-License-Identifier: MIT
 *
 * The threads of a run: how many, and whether they can be had. OpenMP ends the program where it
 * cannot start one, so it is tried before: limits on their number (ulimit -u, a control group's)
 * refuse here. Their memory is planned with the rest (transfer/forecast.h).
 */
#ifndef STYLIZE_CLI_THREADS_H
#define STYLIZE_CLI_THREADS_H

#include <stdbool.h>

#include "core/error.h"

/* The threads that a run will have: what is asked for (0: one on each processor), as far as the
 * build can. */
int threads_find(int wanted);

/* Starts as many as come to this one, and ends them; false with *err when not all can be. */
bool threads_try(int count, error *err);

#endif
