/* SPDX-License-Identifier: MIT
 *
 * What painting and planning begin with: networks and pictures by the names that the user gave, and
 * a session that has them.
 */
#ifndef STYLIZE_CLI_JOB_H
#define STYLIZE_CLI_JOB_H

#include "cli/inputs.h"
#include "cli/networks.h"
#include "cli/options.h"

typedef struct job {
    const options *options; /* borrowed */
    networks networks;      /* as many as there are stages, at most */
    inputs inputs;
    int threads;
    int light_stages;         /* with the light network for want of memory: the last ones */
    bool light_only;          /* all of them: the other one was not even loaded */
    stylize_session *session; /* NULL before job_read */
} job;

/* Finds the files of the networks. False with *err; job_clear follows in any case. */
bool job_init(job *self, const options *opts, stylize_error *err);
void job_clear(job *self);

/* Reads the inputs, tries the threads and makes the session. False with *err. */
bool job_read(job *self, stylize_error *err);

/* Prints a note where --size is larger than the content and --upscale is missing, and one where
 * stages have another network for want of memory. */
void job_note(const job *self, const stylize_plan *plan);

#endif
