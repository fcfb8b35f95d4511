/* SPDX-License-Identifier: MIT
 *
 * Denormal numbers (below 1.2e-38 in fp32) can cost a processor a hundred times the time of others
 * and mean nothing in a picture. Here they are turned off: results too small become 0 (flush to
 * zero) and such operands count as 0 (denormals are zero). On x86-64 and AArch64; elsewhere nothing
 * is changed. The state is each thread's own. A compiler may move arithmetic on local variables
 * across these calls, so what they are to cover must be in functions of its own.
 */
#ifndef STYLIZE_CORE_DENORMALS_H
#define STYLIZE_CORE_DENORMALS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/* Turns denormals off for the calling thread and returns its former floating-point control state,
 * for denormals_restore. Rounding and traps stay as they are. Threads that it starts from now on
 * begin without denormals, too. */
uint64_t denormals_off(void);

/* Gives the calling thread the state that denormals_off returned, bit for bit: on x86-64 exception
 * flags that were raised in between go with it. */
void denormals_restore(uint64_t state);

/* The states of the calling thread and of the OpenMP threads that work for it. */
typedef struct denormals_team {
    int count;        /* threads; 0 when nothing is to be restored */
    int capacity;     /* threads that there is room for */
    uint64_t *states; /* [capacity], owned */
} denormals_team;

/* denormals_off for the calling thread and all threads of the parallel regions that it starts with
 * the present number of threads (cpu_set_threads) or less; those that OpenMP starts anew in between
 * begin without denormals as well. Memory is taken when *self, empty at first, has no room for so
 * many threads yet. False with *err set and no state changed when it is short. */
bool denormals_off_team(denormals_team *self, error *err);

/* Gives each thread its state back, whatever the number of threads is now. The caller of
 * denormals_off_team calls it, outside of parallel regions that it was not called in; a second time
 * is a no-op. The memory stays until denormals_team_clear. */
void denormals_restore_team(denormals_team *self);
void denormals_team_clear(denormals_team *self);

#endif
