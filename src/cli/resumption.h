/* SPDX-License-Identifier: MIT
 *
 * A run that goes on from a checkpoint: its options as they were, with what is asked for anew; what
 * it was made from, compared with what is there now; and its session, loaded.
 */
#ifndef STYLIZE_CLI_RESUMPTION_H
#define STYLIZE_CLI_RESUMPTION_H

#include "cli/checkpoint_file.h"
#include "cli/options.h"

enum { RESUMPTION_MOST_NETWORKS = 16 };

typedef struct resumption {
    checkpoint_file file;
    options options;               /* of the run */
    const options *asked;          /* those of stylize resume; borrowed */
    char *path, *out, *checkpoint; /* from the root; owned */
    const char *precision;         /* and the networks' files: borrowed from the file's lines */
    const char *networks[RESUMPTION_MOST_NETWORKS];
    int network_count;
} resumption;

/* Opens the checkpoint that `asked` names and goes to the folder in which the run was started;
 * where that is gone, the names are looked for where one is. False with *err when the checkpoint is
 * refused: damaged, of another version, or an input or a network is missing or another one now.
 * resumption_clear follows in any case. */
bool resumption_read(resumption *self, const options *asked, stylize_error *err);
void resumption_clear(resumption *self);

/* Loads the session, and gives it the iterations and weights that are asked for. */
bool resumption_load(resumption *self, stylize_session *session, stylize_error *err);

#endif
