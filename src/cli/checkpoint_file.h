/* SPDX-License-Identifier: MIT
 *
 * Checkpoints as files (docs/checkpoints.md): what a run was asked for and made from, as lines of
 * text, and its session as the library saves it, under one SHA-256 of all. Written whole or not at
 * all, and believed only as a whole.
 */
#ifndef STYLIZE_CLI_CHECKPOINT_FILE_H
#define STYLIZE_CLI_CHECKPOINT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "transfer/stylize.h"

/* Lines "name value", each ended by a zero, so that a value may be any name of a file; {0} is
 * empty. */
typedef struct checkpoint_lines {
    char *text; /* [length], owned */
    size_t length, room;
} checkpoint_lines;

void checkpoint_lines_clear(checkpoint_lines *self);
bool checkpoint_lines_add(checkpoint_lines *self, const char *name, const char *value,
                          stylize_error *err);

/* The next line of a walk, which begins with *at = 0: its name, of up to 31 bytes, and its value,
 * which is borrowed. False past the last one. */
bool checkpoint_lines_next(const checkpoint_lines *self, size_t *at, char name[32],
                           const char **value);
/* The value of the first line of that name, or NULL. */
const char *checkpoint_lines_find(const checkpoint_lines *self, const char *name);

/* Writes a checkpoint of a session. Nothing is allocated. */
bool checkpoint_file_write(const char *path, const checkpoint_lines *lines,
                           stylize_session *session, stylize_error *err);

typedef struct checkpoint_file {
    const char *path; /* borrowed */
    FILE *file;
    checkpoint_lines lines;
    uint64_t left; /* bytes of the session that are not read yet */
} checkpoint_file;

/* Opens one and reads its lines. False with *err when it is none, of another version of the format,
 * or damaged; checkpoint_file_close follows in any case. */
bool checkpoint_file_open(checkpoint_file *self, const char *path, stylize_error *err);
/* The same of an open stream that can seek, which becomes the checkpoint's own. */
bool checkpoint_file_take(checkpoint_file *self, FILE *file, const char *name, stylize_error *err);
void checkpoint_file_close(checkpoint_file *self);

/* A stylize_reader of the session, whose user is the file. */
bool checkpoint_file_read(void *user, void *bytes, size_t count, stylize_error *err);

#endif
