/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* isatty, clock_gettime */
#include "cli/batch_report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/report.h"

static double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void batch_report_init(batch_report *self, const options *opts) {
    const bool terminal = isatty(STDERR_FILENO);
    *self = (batch_report){
        .live = terminal && !opts->quiet && !opts->verbose,
        .quiet = opts->quiet,
        .begin = clock_seconds(),
    };
    pthread_mutex_init(&self->lock, NULL);
    progress_init(&self->progress, !self->live, false);
}

void batch_report_clear(batch_report *self) {
    pthread_mutex_destroy(&self->lock);
}

/* ---- lines; the lock is held ---- */

static int count_over(const batch_report *self) {
    int over = 0;
    for (int end = 0; end < BATCH_ENDS; end++)
        over += self->counts[end];
    return over;
}

/* Seconds for the rest, by what was painted so far; negative while that tells nothing. */
static double seconds_left(const batch_report *self) {
    const double painted = self->counts[BATCH_DONE] + self->share;
    const double rest = self->total - count_over(self) - self->share;
    return painted > 0.05 ? (clock_seconds() - self->begin) / painted * rest : -1;
}

static void show(batch_report *self) {
    char text[120], left[32];
    if (!self->live || !progress_is_due(&self->progress))
        return;
    const double seconds = seconds_left(self);
    int used = snprintf(text, sizeof text, "%d of %d done, %d at work",
                        count_over(self) - self->counts[BATCH_FAILED], self->total, self->working);
    if (self->counts[BATCH_FAILED])
        used += snprintf(text + used, sizeof text - (size_t)used, ", %d failed",
                         self->counts[BATCH_FAILED]);
    if (seconds >= 0) {
        progress_duration(seconds, left, sizeof left);
        snprintf(text + used, sizeof text - (size_t)used, ", %s left", left);
    }
    progress_begin(&self->progress, text, "");
}

static void say(batch_report *self, batch_end end, const char *what) {
    self->counts[end]++;
    if (end == BATCH_FAILED) {
        progress_clear(&self->progress);
        report_print(stderr, "stylize: %s%s\n", what, report_way_out(what));
    } else if (!self->live && !self->quiet && *what) {
        report_print(stderr, "%d/%d %s\n", count_over(self), self->total, what);
    }
    show(self);
}

/* ---- pictures ---- */

void batch_report_begin(batch_share *self, batch_report *report) {
    *self = (batch_share){.report = report};
    pthread_mutex_lock(&report->lock);
    report->working++;
    show(report);
    pthread_mutex_unlock(&report->lock);
}

int batch_report_observe(void *user, stylize_session *session, const stylize_event *event) {
    batch_share *self = user;
    batch_report *report = self->report;
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || event->iterations < 1)
        return 0;
    const double share = (double)event->iteration / event->iterations;
    pthread_mutex_lock(&report->lock);
    report->share += share - self->share;
    self->share = share;
    show(report);
    pthread_mutex_unlock(&report->lock);
    return 0;
}

void batch_report_end(batch_share *self, batch_end end, const char *what) {
    batch_report *report = self->report;
    pthread_mutex_lock(&report->lock);
    report->working--;
    report->share -= self->share;
    say(report, end, what);
    pthread_mutex_unlock(&report->lock);
}

void batch_report_count(batch_report *self, batch_end end, const char *what) {
    pthread_mutex_lock(&self->lock);
    say(self, end, what);
    pthread_mutex_unlock(&self->lock);
}

int batch_report_sum(batch_report *self) {
    const int *counts = self->counts;
    char duration[32];
    const int rest = self->total - count_over(self) + counts[BATCH_STOPPED];
    progress_clear(&self->progress);
    progress_duration(clock_seconds() - self->begin, duration, sizeof duration);
    if (!self->quiet) {
        report_print(stderr, "stylize: %d done, %d skipped, %d failed", counts[BATCH_DONE],
                     counts[BATCH_SKIPPED], counts[BATCH_FAILED]);
        if (counts[BATCH_ELSEWHERE])
            report_print(stderr, ", %d at work elsewhere", counts[BATCH_ELSEWHERE]);
        if (rest)
            report_print(stderr, ", %d left", rest);
        report_print(stderr, ", %s\n", duration);
    }
    return rest ? EXIT_INTERRUPTED : counts[BATCH_FAILED] ? EXIT_FAILED : EXIT_DONE;
}
