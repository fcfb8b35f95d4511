/* SPDX-License-Identifier: MIT
 *
 * What the processor offers: instruction set bits, threads and a clock.
 */
#ifndef STYLIZE_CORE_CPU_H
#define STYLIZE_CORE_CPU_H

#include <stddef.h>

/* Instruction set bits; a kernel set names those it needs. */
enum {
    CPU_AVX2_FMA = 1 << 0,
    CPU_AVX512 = 1 << 1, /* F, VL, DQ and BW */
    CPU_NEON = 1 << 2,
    CPU_AVX512_BF16 = 1 << 3,
};

/* The bits of the processor this runs on, as far as the operating system lets them be used. */
unsigned cpu_features(void);

/* Processors this process may run on, at least 1. */
int cpu_count(void);

/* Sets the threads of the parallel regions that the calling thread starts from now on and returns
 * the former number; count < 1 changes nothing. Always 1 in a build without OpenMP. */
int cpu_set_threads(int count);

/* The same for what a user wants: 0 is one thread on each processor. */
int cpu_use_threads(int wanted);

/* Address space that another thread of these takes, nearly all of it never written: its stack and
 * what the C library may set aside for it. 0 in a build without OpenMP. What OMP_STACKSIZE asks for
 * is not known here. */
size_t cpu_thread_space(void);

/* The number of the calling thread in its parallel region, from 0. */
int cpu_thread(void);

/* Seconds of a monotonic clock with an arbitrary origin. */
double cpu_seconds(void);

#endif
