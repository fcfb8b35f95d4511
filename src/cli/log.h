/* SPDX-License-Identifier: MIT
 *
 * The log of a run as JSON lines: "start" with everything that determines the result, one line of
 * costs per iteration, "end". Each line is flushed, so that a run can be watched. Numbers carry 17
 * digits and read back exactly; what is not finite, which JSON cannot say, is null.
 *
 * A write that fails does not stop the run: the first failure is kept, nothing more is written, and
 * run_log_close reports it.
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
    int content_size[2], style_size[2], size[2]; /* width, height; style and out as they are used */
    int threads;
} run_facts;

/* Opens and truncates `path`, "-" being standard output. The caller closes. */
run_log *run_log_open(const char *path, error *err);

/* Writes the start line. False with *err only when the weights cannot be read for their digest. */
bool run_log_start(run_log *self, const options *options, const run_facts *facts, error *err);

/* The layers are named by `params`. */
void run_log_iteration(run_log *self, const stylize_params *params, const stylize_iteration *now);

void run_log_end(run_log *self, const stylize_result *result);

/* Closes and frees; false with *err when anything could not be written. NULL is a no-op. */
bool run_log_close(run_log *self, error *err);

#endif
