/* SPDX-License-Identifier: MIT
 *
 * Checkpoints of a run: every so many seconds, and when it ends or is interrupted, all that it
 * takes to go on goes to a file, in place of what was there (checkpoint_file.h).
 *
 * Beside the session that is: the options; the folder in which the run was started, where its names
 * of files belong; the files that it reads, by their SHA-256; its networks and their precision, as
 * memory has allowed them. `stylize resume` makes a run of that again (resume.h).
 */
#ifndef STYLIZE_CLI_CHECKPOINT_H
#define STYLIZE_CLI_CHECKPOINT_H

#include "cli/checkpoint_file.h"
#include "cli/cost_table.h"
#include "cli/job.h"
#include "cli/options.h"

typedef struct checkpoints {
    const options *options;
    char *path;          /* owned; NULL: there are none */
    double every;        /* seconds from one to the next */
    double last;         /* seconds of the session at the last one */
    bool written;        /* the last one was, */
    stylize_error error; /* or this is why not */
    checkpoint_lines lines;
    size_t settled;          /* bytes of them that stay; what follows them is of the last one */
    const cost_table *costs; /* of the run, which goes along; borrowed */
} checkpoints;

/* Reads FILE[,SECONDS]: *path is the caller's to free. False with *err when the number makes no
 * sense. */
bool checkpoints_read(const char *text, char **path, double *seconds, stylize_error *err);

/* Reads --checkpoint. False with *err when the number makes no sense, when an input
 * comes from a pipe, which cannot be read again, or when FILE cannot be written or would take the
 * place of another file of the run, of which `weights` [count] are the networks'. checkpoints_clear
 * follows in any case. */
bool checkpoints_init(checkpoints *self, const options *opts, char *const *weights, int count,
                      stylize_error *err);
void checkpoints_clear(checkpoints *self);

/* The job has read its inputs and networks: notes what they are. The table of the run's costs is
 * borrowed. */
bool checkpoints_note(checkpoints *self, const job *of, const cost_table *costs,
                      stylize_error *err);

/* Whether a checkpoint is of the same work as what was noted: settings, inputs and networks by
 * their digests, version and instruction set; not the folder, nor the number of threads. */
bool checkpoints_same_work(const checkpoints *self, const checkpoint_lines *other);

/* Removes FILE, if there is one. */
void checkpoints_remove(const checkpoints *self);

/* Fills in a table of costs as it was at a checkpoint; false where that has none. */
bool checkpoints_load_costs(const checkpoint_lines *lines, cost_table *costs);

/* A stylize_observer whose user is the checkpoints. One that cannot be written does not stop the
 * session: the one before is left, and the next one is tried. */
int checkpoints_observe(void *user, stylize_session *session, const stylize_event *event);

/* Whether an option goes into a checkpoint: all that decide what is written, and how. */
bool checkpoints_keep(const option *entry);

#endif
