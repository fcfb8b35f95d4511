/* SPDX-License-Identifier: MIT
 *
 * How far a list of pictures has come, on standard error: a line for each picture, or on a terminal
 * one line that is rewritten; and what came of all at the end. Any number of threads may report.
 */
#ifndef STYLIZE_CLI_BATCH_REPORT_H
#define STYLIZE_CLI_BATCH_REPORT_H

#include <pthread.h>

#include "cli/options.h"
#include "cli/painting.h"
#include "cli/progress.h"

/* What becomes of a picture. */
typedef enum batch_end {
    BATCH_DONE,
    BATCH_SKIPPED,   /* it is there */
    BATCH_ELSEWHERE, /* another process is at it */
    BATCH_FAILED,
    BATCH_STOPPED, /* by a signal: saved as far as it was, or not begun */
    BATCH_ENDS
} batch_end;

typedef struct batch_report {
    pthread_mutex_t lock;
    progress progress;
    bool live, quiet; /* one line; nothing but failures */
    int total;        /* pictures of the list that are this process's; set by the caller */
    int counts[BATCH_ENDS];
    int working;  /* pictures at work, */
    double share; /* and how much of them is done, in pictures */
    double begin; /* seconds of a clock */
} batch_report;

void batch_report_init(batch_report *self, const options *opts);
void batch_report_clear(batch_report *self);

/* A picture at work tells how far it is, through an observer whose user is this. */
typedef struct batch_share {
    batch_report *report;
    double share;
} batch_share;
void batch_report_begin(batch_share *self, batch_report *report);
stylize_observer batch_report_observe;

/* It is over; `what` is its name and more, for the line. After batch_report_begin. */
void batch_report_end(batch_share *self, batch_end end, const char *what);

/* Something that was not begun. */
void batch_report_count(batch_report *self, batch_end end, const char *what);

/* What came of all; the exit status. */
int batch_report_sum(batch_report *self);

#endif
