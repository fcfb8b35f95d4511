/* SPDX-License-Identifier: MIT
 *
 * What the program is doing, on standard error: reading, analysing, which iteration at what cost,
 * how long it may still take, saving.
 *
 * On a terminal this is one line, rewritten in place, cut to the terminal's width, and cleared at
 * the end; it needs nothing but carriage returns. Elsewhere there is nothing unless --progress asks
 * for it, and then lines, of the iterations at most one a second. Never more than six in any
 * second: a phase is shown as it begins, an iteration when a sixth of a second has gone by.
 */
#ifndef STYLIZE_CLI_PROGRESS_H
#define STYLIZE_CLI_PROGRESS_H

#include <stdbool.h>

#include "transfer/stylize.h"

/* How long an iteration takes: the mean of the latest, without the first of all, which is slow, as
 * soon as there is another. */
typedef struct progress_pace {
    double ends[21]; /* seconds at which the latest iterations ended, round and round */
    int count;       /* of all, the start included */
} progress_pace;

/* Takes the iterations of a stage one after the other from 0, its start. */
void progress_pace_add(progress_pace *self, double seconds);

/* Seconds of an iteration; 0 before there is one. */
double progress_pace_each(const progress_pace *self);

enum { PROGRESS_MOST = 6 }; /* in any second */

typedef struct progress {
    bool live;                      /* there is somebody to show it to */
    bool lines;                     /* not a terminal */
    int width;                      /* columns of what stands on the terminal, 0: nothing */
    const stylize_plan *plan;       /* borrowed; of the session that is observed */
    progress_pace pace;             /* of the stage */
    double each;                    /* seconds of an iteration of the stage, 0 while unknown */
    double shown_at[PROGRESS_MOST]; /* seconds of a clock, round and round */
    int next;                       /* the oldest of them */
} progress;

/* `quiet` keeps it from showing by itself, `forced` makes it show in any case. */
void progress_init(progress *self, bool quiet, bool forced);

/* Shows that something begins: a few words, `of` cut to 80 bytes. */
void progress_begin(progress *self, const char *what, const char *of);

/* Whether it is time to show how far something has come, with progress_begin. */
bool progress_is_due(const progress *self);

/* A stylize_observer whose user is the progress, with its plan set: shows phases, and iterations if
 * it is time to. */
int progress_observe(void *user, stylize_session *session, const stylize_event *event);

/* Seconds of all iterations that are still to come, where one of the stage at work takes `each`:
 * those of later stages take longer by their pixels. */
double progress_seconds_left(const stylize_plan *plan, const stylize_event *event, double each);

/* Clears the line; to be called before anything else is written to standard error. */
void progress_clear(progress *self);

/* Writes a duration such as "41 s", "3 min 20 s" or "2 h 05 min". */
void progress_duration(double seconds, char *text, int size);

#endif
