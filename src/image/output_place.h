/* SPDX-License-Identifier: MIT
 *
 * Where a file will be written: found once, before there is anything to write, and kept. Links that
 * are there then are followed, also one that leads to nothing yet. What others put there or into
 * the folders on the way afterwards, in a folder that they may write, leads nowhere else: the
 * folder is held open and the name in it is no longer followed.
 *
 * A link, a file or a pipe that somebody else has put into a sticky folder that all may write, such
 * as /tmp, is refused, as the kernel does where fs.protected_symlinks, fs.protected_regular and
 * fs.protected_fifos are 1: it has to be ours or the folder owner's. What is there later is looked
 * at again when it is opened. Devices, mounts, and what a link of the system leads to, such as
 * /dev/stdout or /dev/fd/3, are left to whoever has set them up.
 */
#ifndef STYLIZE_IMAGE_OUTPUT_PLACE_H
#define STYLIZE_IMAGE_OUTPUT_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/error.h"

/* Bytes of paths and of names in a folder, with their zeros: PATH_MAX and NAME_MAX + 1 of Linux,
 * which not every includer of <limits.h> has. */
enum { OUTPUT_PATH = 4096, OUTPUT_NAME = 256 };

typedef struct output_place {
    char path[OUTPUT_PATH];        /* as it was given, for errors */
    char folder_name[OUTPUT_PATH]; /* likewise */
    char name[OUTPUT_NAME];        /* in the folder */
    int folder;                    /* a descriptor to start from; negative: none */
    bool given;                    /* by a link of the system, such as /proc/self/fd/1 */
    bool in_place; /* something that is no file: it is written to by its path, and has to be: */
    dev_t device;
    ino_t inode;
    uid_t pipe_owner; /* where it is a pipe */
} output_place;

/* Finds it. False with *err, and nothing to clear. */
bool output_place_init(output_place *self, const char *path, error *err);
void output_place_clear(output_place *self);

/* Opens what is there, or with O_CREAT a new file; never by a link. Negative with errno: EACCES
 * where somebody else has planted it, ESTALE where it is no longer what it was. */
int output_place_open(const output_place *self, int flags);

/* Opens the folder to be listed or synchronised; negative where this may not be. */
int output_place_open_folder(const output_place *self);

#endif
