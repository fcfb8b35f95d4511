/* SPDX-License-Identifier: MIT
 *
 * The log of a run as JSON lines: "start" with everything that determines the result, "stage" when
 * a stage begins, one line of costs for each iteration, and "end" when OUT is there or the run has
 * failed (docs/log.md). Each line is flushed, so that a run can be watched. Numbers carry 17 digits
 * and read back exactly; what is not finite, which JSON cannot say, is null.
 *
 * The file is not touched before the first costs are known, so that a run that fails earlier leaves
 * an older log alone. A write that fails later does not stop the run: the first failure is kept,
 * nothing more is written, and run_log_close reports it.
 *
 * Pictures of a list, perhaps several at a time, write whole lines to one file.
 */
#ifndef STYLIZE_CLI_LOG_H
#define STYLIZE_CLI_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/digest.h"
#include "cli/inputs.h"
#include "cli/networks.h"
#include "cli/options.h"

typedef struct run_log run_log;

/* What the options alone do not tell. */
typedef struct run_facts {
    const networks *networks; /* in the order of the session */
    const inputs *inputs;
    int threads;
    digests *known; /* or NULL */
    FILE *file;     /* of a list of pictures, open; NULL: the log opens its own */
    int job;        /* the picture's number in it, from 1, which each line then has */
} run_facts;

/* Composes the start line of the log of `opts`. The facts are borrowed. NULL with *err when memory
 * is short or a file cannot be read for its digest. The caller closes. */
run_log *run_log_new(const options *opts, const run_facts *facts, stylize_error *err);

/* A stylize_observer whose user is the log. It cancels the session when the file cannot be
 * opened. */
int run_log_observe(void *user, stylize_session *session, const stylize_event *event);

/* The session was loaded, with so many iterations of all stages done and `stage`, from 1, at work:
 * cuts off what the file says of later ones, and goes on behind it. Where there is nothing to go on
 * from, the log begins anew. */
void run_log_resume(run_log *self, int stage, int iteration);

/* False with *err when the file could not be opened or its first line not be written. */
bool run_log_started(const run_log *self, stylize_error *err);

/* Opens the log of a list of pictures, behind what it holds; "-" is standard output. Several
 * threads and processes may write to one. NULL with *err. */
FILE *run_log_open_shared(const char *path, stylize_error *err);

/* False with *err when a line could not be written: nothing more is. */
bool run_log_works(const run_log *self, stylize_error *err);

/* The last line of a picture of a list that failed before its log could be made. */
void run_log_fail_shared(FILE *file, int job, const stylize_error *failure);

/* Writes the last line, which says what made the run fail unless `failure` is NULL, closes and
 * frees; false with *err when anything could not be written. NULL is a no-op. */
bool run_log_close(run_log *self, const stylize_error *failure, stylize_error *err);

#endif
