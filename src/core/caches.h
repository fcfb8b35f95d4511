/* SPDX-License-Identifier: MIT
 *
 * The sizes of the processor's caches, for drivers that cut their work to fit. It reads what the
 * operating system tells and measures nothing; the sizes of one processor stand for all, also
 * where a machine has large and small cores.
 */
#ifndef STYLIZE_CORE_CACHES_H
#define STYLIZE_CORE_CACHES_H

#include <stddef.h>

/* Sizes are of one cache in bytes, 0 for a cache that is unknown or does not exist; the counts are
 * the logical CPUs (two a core, where cores run two threads) that share it, 0 beside a size of 0.
 */
typedef struct cpu_caches {
    size_t l1d, l2, l3;
    int l2_cpus, l3_cpus;
} cpu_caches;

/* The caches of the first CPU that this process may run on. L1d and L2 are never 0; L3 is 0 where
 * the system knows the L2 and no L3. What the system does not tell is guessed, on the small side.
 * It reads about a dozen files: call it once for each run, not for each loop. */
cpu_caches cpu_caches_get(void);

/* ---- what cpu_caches_get is made of ---- */

/* What the folders ROOT/cpuCPU/cache/index* tell (ROOT is /sys/devices/system/cpu). A file that is
 * missing or not as expected makes its cache unknown, a list of CPUs that cannot be read counts 1.
 * Sizes over 1 GB are not believed. */
cpu_caches cpu_caches_read(const char *root, int cpu);

/* `first` with its gaps filled from `second`. An L3 is a gap only where `first` lacks the L2, too:
 * else the system knows its caches, and the processor has none. */
cpu_caches cpu_caches_or(cpu_caches first, cpu_caches second);

#endif
