/* SPDX-License-Identifier: MIT
 *
 * The log of a run as JSON lines: "start" with everything that determines the result, one line of
 * costs per iteration, "end". Each line is flushed, so that a run can be watched. Numbers carry 17
 * digits and read back exactly; what is not finite, which JSON cannot say, is null.
 *
 * The file is touched no sooner than the first costs are known, so that a run that fails before
 * leaves an older log alone. A write that fails later does not stop the run: the first failure is
 * kept, nothing more is written, and run_log_close reports it.
 */
#ifndef STYLIZE_CLI_LOG_H
#define STYLIZE_CLI_LOG_H

#include <stdbool.h>

#include "cli/options.h"
#include "core/error.h"
#include "transfer/stylize.h"

typedef struct run_log run_log;

/* What the options alone do not tell. */
typedef struct run_facts {
    const char *weights_path;
    const int *content_size, *style_size, *size; /* width, height; style and result as used */
    int threads;
} run_facts;

/* Composes the start line of the log of `opts`. NULL with *err when memory is short or the weights
 * cannot be read for their digest. The caller closes. */
run_log *run_log_new(const options *opts, const run_facts *facts, error *err);

/* Opens and truncates the file, "-" being standard output, and writes the start line. */
bool run_log_open(run_log *self, error *err);

/* The layers are named by `params`. */
void run_log_iteration(run_log *self, const stylize_params *params, const stylize_iteration *now);

void run_log_end(run_log *self, const stylize_result *result);

/* Closes and frees; false with *err when anything could not be written. NULL is a no-op. */
bool run_log_close(run_log *self, error *err);

#endif
