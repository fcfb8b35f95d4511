/* SPDX-License-Identifier: MIT
 *
 * Temporary files beside those that they will become (output_file.h). Whoever writes one holds a
 * lock on it until it has its name or is gone; the system takes the lock back from whoever ends, in
 * whatever way. That lock alone tells a file that is written from one that was left behind: the
 * number of a process says nothing to other machines and containers, and may be used again.
 */
#ifndef STYLIZE_IMAGE_OUTPUT_TEMPORARY_H
#define STYLIZE_IMAGE_OUTPUT_TEMPORARY_H

#include <stdbool.h>
#include <sys/types.h>

#include "image/output_place.h"

typedef struct output_temporary {
    char name[OUTPUT_NAME]; /* in the folder of its place */
    int file;               /* to be written, and closed by who writes */
    int lock;               /* another descriptor of the same, which keeps the lock meanwhile */
} output_temporary;

/* Makes a new file with the permissions `mode` less the umask. False with errno. */
bool output_temporary_make(output_temporary *self, const output_place *place, mode_t mode);

/* Lets go of it, whatever its name is now; `file` is closed already. */
void output_temporary_release(output_temporary *self);

/* Likewise, and removes it. */
void output_temporary_remove(output_temporary *self, const output_place *place);

/* Removes files for that place that our user's processes left when they were killed. Where there
 * are no locks nothing is removed. */
void output_temporary_sweep(const output_place *place);

#endif
