/* SPDX-License-Identifier: MIT
 *
 * Pictures on the way: every so many iterations the picture as it is then, which need not be the
 * best so far, goes to a file of its own.
 *
 * The names are made from a pattern, the name of a file that has one %d in it, or %04d for four
 * digits with leading zeros (up to nine), where the number of the iteration goes; no other % may
 * stand there. Without a pattern they are the name of OUT with a dash and four digits before its
 * extension. Each file appears whole or not at all, like OUT.
 */
#ifndef STYLIZE_CLI_SNAPSHOTS_H
#define STYLIZE_CLI_SNAPSHOTS_H

#include "cli/options.h"
#include "core/error.h"

typedef struct snapshots {
    int every;               /* iterations from one to the next; 0: there are none */
    int last;                /* iteration that may be saved */
    int digits;              /* at least so many */
    int head;                /* bytes of `name` before the number */
    bool dash;               /* between head and number */
    const char *name, *tail; /* borrowed from the options; the tail is a part of the name */
} snapshots;

/* Reads what the options ask for. False with *err (ERROR_USAGE) when that makes no names. */
bool snapshots_init(snapshots *self, const options *opts, error *err);

/* Before any work is done: whether the files can be written, and none of them would overwrite a
 * file of the run. `weights_path` is the file that the weights come from. */
bool snapshots_check(const snapshots *self, const options *opts, const char *weights_path,
                     error *err);

/* Saves the picture if this iteration is one of those. False with *err naming the file. */
bool snapshots_take(const snapshots *self, const stylize_iteration *now, const options *opts,
                    error *err);

#endif
