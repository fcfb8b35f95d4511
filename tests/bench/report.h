/* SPDX-License-Identifier: MIT
 *
 * What the parts of the benchmark share: their options, JSON lines beside the table, and a way
 * out when something fails.
 */
#ifndef STYLIZE_BENCH_REPORT_H
#define STYLIZE_BENCH_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "simd/kernels.h"

typedef struct bench_options {
    bool quick, large;
    bool slim;           /* without networks of full widths */
    int size;            /* the only size in pixels; 0 = the usual ones */
    precision precision; /* of layers and evaluations */
    int threads;         /* all threads: what may be used at once */
    const char *weights; /* the bundled network */
    const char *program; /* how to start this program again */
} bench_options;

/* Where JSON lines go; none do without it. */
void report_open(const char *path);
void report_close(void);

/* Writes one line and releases it. */
void report(json_t *line);

/* "fp32" or "bf16"; and the precision of such a name, or fail. */
const char *precision_name(precision which);
precision precision_named(const char *name);

/* Says what is wrong and exits with 1. */
__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *format, ...);

/* Zeroed memory aligned to a cache line, or fail; memory_free releases. */
void *must_alloc(size_t count, size_t size);

/* The parts. False when a result was wrong. */
bool bench_kernels(const bench_options *options);
void bench_layers(const bench_options *options);
void bench_evaluations(const bench_options *options);
void bench_threads(const bench_options *options);

#endif
