/* SPDX-License-Identifier: MIT
 *
 * Talks to a worker (worker.h) in another process.
 */
#ifndef STYLIZE_BENCH_PROCESS_H
#define STYLIZE_BENCH_PROCESS_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "report.h"

typedef struct process {
    pid_t pid;
    FILE *to, *from;
} process;

typedef struct process_case {
    const char *mode, *weights, *set;
    int size, threads;
} process_case;

/* Starts a worker of the options' precision and returns its first line, which the caller owns. */
json_t *process_start(process *self, const bench_options *options, const process_case *c);

/* Lets it do `units` of work; returns the median of their seconds. */
double process_work(process *self, int units);

/* Ends it; returns its last line, which the caller owns. */
json_t *process_end(process *self);

#endif
