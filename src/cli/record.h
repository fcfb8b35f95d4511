/* SPDX-License-Identifier: MIT
 *
 * The record of a picture: what OUT says of how it was made, as JSON (docs/records.md). What
 * decides a picture is its recipe, the settings of its file, and the digests of inputs and
 * networks; the rest is for people. No folder is named. Records of others are read by
 * record_read.h.
 */
#ifndef STYLIZE_CLI_RECORD_H
#define STYLIZE_CLI_RECORD_H

#include <stdbool.h>

#include "cli/cost_table.h"
#include "cli/digest.h"
#include "cli/networks.h"
#include "cli/options.h"
#include "cli/record_read.h"

typedef struct run_record run_record;

/* Takes down what a run of `opts` is made of; `nets` are those of its session, borrowed. `known`
 * may be NULL. NULL with *err when memory is short or a file cannot be read. The caller frees. */
run_record *record_new(const options *opts, const networks *nets, digests *known,
                       stylize_error *err);
void record_free(run_record *self);

/* What has come of a run, or on the way of it. */
typedef struct record_outcome {
    const stylize_plan *plan;
    const stylize_event *event; /* the last one, or an iteration */
    const cost_table *costs; /* of the best picture; NULL: those of the event are of the picture */
} record_outcome;

/* Gives a picture of the run its record. False with *err when memory is short. */
bool record_attach(const run_record *self, const record_outcome *outcome, stylize_image *picture,
                   stylize_error *err);

/* Whether the file `path` is what `opts` would paint with these networks, whose files alone are
 * looked at: it has a record that says so, and was not interrupted. Inputs and networks count by
 * their digests, not by their names, and the light network that a stage has for want of memory
 * counts as the one asked for; version, instruction set and precision do not count. Its pixels are
 * not read. */
bool record_matches(const char *path, const options *opts, const networks *nets, digests *known);

/* Whether these networks' files are those that a record names for its stages. */
bool record_same_networks(const record_content *found, const networks *nets, digests *known);

#endif
