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
#include "cli/room.h"
#include "cli/store.h"

typedef struct job {
    const options *options; /* borrowed */
    stylize_recipe *recipe; /* that of the options, in the precision that memory allows; owned */
    networks networks;      /* as many as there are stages, at most */
    bool lightened;         /* the last one is the light network, for want of memory */
    inputs inputs;
    bool found; /* networks and precision are as memory has allowed them before */
    int threads;
    stylize_session *session; /* NULL before job_read */
    store *store;             /* of networks, pictures and styles; borrowed, or NULL */
    room *room;               /* of its memory; borrowed, or NULL */
    bool working;             /* it has its place there, for so many bytes: */
    uint64_t needed;
} job;

/* Finds the files of the networks. `from` and `beside`, which are borrowed, are what it shares with
 * others; NULL: nothing. False with *err; job_clear follows in any case. */
bool job_init(job *self, const options *opts, store *from, room *beside, stylize_error *err);
/* The same with networks from files [count] and in a precision that such a job has found before. */
bool job_init_found(job *self, const options *opts, const char *precision, const char *const *paths,
                    int count, stylize_error *err);
void job_clear(job *self);

/* Reads the inputs, tries the threads and makes the session: in bf16 where the job does not fit
 * into memory in fp32 and the precision is open, and where that is not enough and the network is
 * open, with the light network for as many of the last stages as it takes; but first it waits for
 * others to be done. False with *err. */
bool job_read(job *self, stylize_error *err);

/* What memory could yet make of a larger picture, as job_read does: whether its precision could be
 * bf16, and the light network, or NULL. */
bool job_may_halve(const job *self);
const char *job_may_lighten(const job *self);

/* Prints a note where --size is larger than the content and --upscale is missing, and where stages
 * have another precision or network for want of memory. */
void job_note(const job *self, const stylize_plan *plan);

#endif
