/* SPDX-License-Identifier: MIT
 *
 * SHA-256 of files, in hexadecimal: what a file is known by wherever it lies.
 */
#ifndef STYLIZE_CLI_DIGEST_H
#define STYLIZE_CLI_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "transfer/stylize.h"

enum { DIGEST_LENGTH = 64 };
typedef char digest_text[DIGEST_LENGTH + 1];

/* Digests by file, so that one which many pictures share is read once; {0} is empty. A file that
 * has changed since, by its size or time, is read again. */
typedef struct digests {
    struct digest_entry *items; /* [count], owned */
    size_t count, room;
} digests;

void digests_clear(digests *self);

/* Whether a file is still the same as it was, by its size and time. */
bool digest_same_file(const struct stat *a, const struct stat *b);

/* The digest of a file, "" of what is none that could be read twice: a pipe, a device, "-". False
 * with *err when it cannot be read. `self` may be NULL: then nothing is kept. */
bool digest_file(digests *self, const char *path, digest_text text, stylize_error *err);

#endif
