/* SPDX-License-Identifier: MIT
 *
 * How long a function takes, on a machine that does other things, too: several samples, of which
 * the median tells what to expect and the best what the code can do.
 */
#ifndef STYLIZE_BENCH_TIMING_H
#define STYLIZE_BENCH_TIMING_H

typedef struct timing {
    double best, median; /* seconds of one call */
} timing;

/* Calls `run` once to warm up and to see how often it must be called for a sample to last
 * `sample_seconds`, then takes `samples` samples. */
timing timing_take(void (*run)(void *user), void *user, int samples, double sample_seconds);

/* The median of some values, which are sorted. */
double timing_median(double *values, int count);

#endif
