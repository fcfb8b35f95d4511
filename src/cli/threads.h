/* SPDX-License-Identifier: MIT
 *
 * The threads of a run: how they wait, and whether they can be started. OpenMP ends the program
 * where it cannot start one, so it is tried before: limits on their number (ulimit -u, a control
 * group's) refuse here. Their memory is part of the session's plan.
 */
#ifndef STYLIZE_CLI_THREADS_H
#define STYLIZE_CLI_THREADS_H

#include <stdbool.h>

#include "transfer/stylize.h"

/* Lets waiting threads spin for a moment, up to a third of a millisecond, before they sleep, unless
 * OMP_WAIT_POLICY says otherwise. Threads that spin for long take the processor from those they
 * wait for as soon as anything else runs beside them; threads that sleep at once are woken too
 * late, hundreds of times an iteration (docs/speed.md). OpenMP reads this from the environment
 * while the program is loaded, so the program sets it and starts itself again with argv, once;
 * where that fails the default stands. GOMP_SPINCOUNT is known to GCC's OpenMP only; with others
 * the threads sleep. */
void threads_wait_briefly(char **argv);

/* Sees that the stacks are large enough, of this thread and of those that OpenMP is told how to
 * start: what a stack lacks ends a program without a word. Raises the soft limit where it can; else
 * false with *err, which names the limit or the variable. */
bool threads_check_stacks(stylize_error *err);

/* Starts `count` threads, of which this one is the first, and ends them; false with *err when not
 * all can be started. */
bool threads_try(int count, stylize_error *err);

#endif
