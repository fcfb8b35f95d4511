/* SPDX-License-Identifier: MIT
 *
 * Claims, by which processes that work through one list share it: who has the lock on a hidden
 * file beside OUT paints it. The system takes a lock back from whoever ends, in whatever way; the
 * file, which then may stay, is empty and in nobody's way, and goes with the next claim.
 */
#ifndef STYLIZE_CLI_CLAIM_H
#define STYLIZE_CLI_CLAIM_H

#include <stdbool.h>

typedef struct claim {
    char *path; /* owned; NULL: there is nothing to give up */
    int file;
} claim;

/* False when another has claimed OUT. Where no lock can be had, in a folder that cannot be written
 * to or on a file system without, nobody else is heeded. claim_give_up follows. */
bool claim_make(claim *self, const char *out);
void claim_give_up(claim *self);

#endif
