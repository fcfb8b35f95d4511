/* SPDX-License-Identifier: MIT
 *
 * One picture from its options to its file, alone or as one of a list:
 *
 *     painting_prepare   names, pictures, networks, plan; nothing on the disk is touched
 *     painting_work      the iterations
 *     painting_save      OUT
 *     painting_clear
 *
 * Nothing is printed here but by its progress, beside it, and for what the options ask for.
 */
#ifndef STYLIZE_CLI_PAINTING_H
#define STYLIZE_CLI_PAINTING_H

#include <stdio.h>

#include "cli/animation.h"
#include "cli/checkpoint.h"
#include "cli/cost_table.h"
#include "cli/digest.h"
#include "cli/job.h"
#include "cli/log.h"
#include "cli/plot.h"
#include "cli/progress.h"
#include "cli/record.h"
#include "cli/resumption.h"
#include "cli/snapshots.h"

/* What a picture of a list shares with others; all of it is borrowed. */
typedef struct company {
    store *store; /* each or NULL */
    room *room;
    FILE *log;                  /* the file of --log */
    int job;                    /* the picture's number in the list, from 1 */
    stylize_observer *observer; /* one more, called first; or NULL */
    void *user;
} company;

typedef struct painting {
    const options *options;
    company company;
    bool listed; /* one of a list: signals ask it to stop as they do the others */
    job job;
    const stylize_plan *plan; /* valid as long as the session */
    progress progress;
    bool log_noted, checkpoint_noted; /* shown that it cannot be written */
    digests known;      /* of the files that are read, where no store has them */
    run_log *log;       /* NULL without --log */
    bool log_ended;     /* its last line is written */
    run_record *record; /* NULL with --no-metadata */
    cost_table costs;
    plot plot; /* of --plot */
    snapshots snapshots;
    animation animation;
    checkpoints checkpoints;
    resumption *resumed;   /* what it goes on from, borrowed; or NULL */
    checkpoint_file found; /* of a picture of a list, that it goes on from; {0}: none */
    /* Of the last event. */
    stylize_stop stop;
    int iterations;
    double seconds;
} painting;

/* `among` is what it shares with others of a list; NULL: it is alone. `from` is the checkpoint that
 * the options are of, or NULL; a picture of a list goes on from that of --checkpoint where it is
 * there and of the same work. The options are borrowed. False with *err; painting_clear follows in
 * any case. */
bool painting_prepare(painting *self, const options *opts, const company *among, resumption *from,
                      stylize_error *err);

/* Works to the end, or until a signal, and frees the session. The caller owns the picture. NULL
 * with *err. */
stylize_image *painting_work(painting *self, stylize_error *err);

/* Writes OUT, with the density of --dpi, and reports what failed beside it. False with *err. */
bool painting_save(painting *self, stylize_image *out, stylize_error *err);

/* The picture of a list has failed: says so in the log, unless that was done. */
void painting_log_failure(painting *self, const stylize_error *failure);

void painting_clear(painting *self);

#endif
