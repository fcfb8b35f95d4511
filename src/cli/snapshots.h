/* SPDX-License-Identifier: MIT
 *
 * Pictures on the way: every so many iterations the picture as it is then, which need not be the
 * best so far, goes to a file of its own, at the size of the stage at work. Iterations are counted
 * over all stages.
 *
 * The names are made from a pattern, the name of a file that has one %d in it, or %04d for four
 * digits with leading zeros (up to nine), where the number of the iteration goes; no other % may
 * stand there. Without a pattern they are the name of OUT with a dash and four digits before its
 * extension. A pattern without any % is one file, which always holds the last picture. Each file
 * appears whole or not at all, like OUT.
 */
#ifndef STYLIZE_CLI_SNAPSHOTS_H
#define STYLIZE_CLI_SNAPSHOTS_H

#include "cli/options.h"

typedef struct snapshots {
    const options *options;
    int every;               /* iterations from one to the next; 0: there are none */
    int last;                /* iteration that may be saved */
    int digits;              /* at least so many */
    int head;                /* bytes of `name` before the number */
    bool dash;               /* between head and number */
    bool single;             /* one file for all: no number */
    const char *name, *tail; /* borrowed from the options; the tail is a part of the name */
    stylize_error error;     /* not STYLIZE_OK when one could not be saved */
} snapshots;

/* Whether the options ask for such files: the pictures of --save-every may also be the frames of
 * an animation alone. */
bool snapshots_wanted(const options *opts);

/* Reads what the options, which are borrowed, ask for. False with *err (STYLIZE_USAGE) when that
 * makes no names. */
bool snapshots_init(snapshots *self, const options *opts, stylize_error *err);

/* Before any work is done: whether the files of up to `iterations` iterations can be written, and
 * none of them would overwrite a file of the run. `weights` [count] are the files that the networks
 * come from. */
bool snapshots_check(snapshots *self, int iterations, char *const *weights, int count,
                     stylize_error *err);

/* A stylize_observer whose user is the snapshots: saves the pictures. One that cannot be saved
 * cancels the session and leaves its reason in `error`. */
int snapshots_observe(void *user, stylize_session *session, const stylize_event *event);

#endif
