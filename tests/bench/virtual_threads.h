/* SPDX-License-Identifier: MIT
 *
 * Any number of threads on one core: foretells how long parallel work takes on a machine with as
 * many cores as threads, whose caches and memory no thread disturbs another's use of.
 *
 * GNU OpenMP's entry points, which the linker wraps (Makefile), run every thread of a region in
 * turn as a coroutine of one real thread. Each has a clock, which the processor time of its own
 * work advances; at every wait all clocks are set to the latest. The one that is earliest goes on,
 * and takes the next task of a dynamic loop: as if all ran at once. Work, order and memory are
 * those of so many threads, so that smaller blocks and more transforms count, too.
 */
#ifndef STYLIZE_BENCH_VIRTUAL_THREADS_H
#define STYLIZE_BENCH_VIRTUAL_THREADS_H

#include <jansson.h>
#include <stdbool.h>

#define MOST_VIRTUAL_THREADS 256

/* Whether this build can: with gcc's OpenMP. */
bool virtual_threads_possible(void);

/* From now on regions run as described. */
void virtual_threads_start(void);

/* Forgets what was measured: units of work begin, each of the same waits. */
void virtual_threads_clear(void);

/* A unit of work ends here, and the next one begins. */
void virtual_threads_end_unit(void);

/* Whether what follows belongs to the unit. */
void virtual_threads_count(bool counted);

/* What a unit takes, the best of all units for the work between two waits: an object of `seconds`;
 * `work`, the sum over all threads; `serial`, outside of regions; `waits`; and `loops`, an array of
 * arrays of a function's name, its waits, seconds and work. The caller owns it; NULL before a
 * start.
 */
json_t *virtual_threads_result(void);

#endif
