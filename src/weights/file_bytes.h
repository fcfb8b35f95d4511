/* SPDX-License-Identifier: MIT
 *
 * The bytes of a file whose place matters, read where they are asked for; or bytes in a caller's
 * memory in place of them.
 *
 * The file is not mapped: a mapped file that another process cuts short kills whoever looks at it,
 * and its bytes may change after they were checked. What is viewed is read once and stays; what is
 * only passed through is read into the caller's memory.
 */
#ifndef STYLIZE_WEIGHTS_FILE_BYTES_H
#define STYLIZE_WEIGHTS_FILE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

typedef struct file_bytes file_bytes;

/* A regular file. NULL with *err naming the path. */
file_bytes *file_bytes_open(const char *path, error *err);

/* The first `size` bytes of a regular file that is open; the descriptor is closed with the result,
 * and by a failure. */
file_bytes *file_bytes_adopt(int descriptor, size_t size, const char *name, error *err);

/* Bytes [size], which must outlive the result; `name` stands for the path. */
file_bytes *file_bytes_borrow(const void *bytes, size_t size, const char *name, error *err);

void file_bytes_free(file_bytes *self);

/* What the file had when it was opened. */
size_t file_bytes_size(const file_bytes *self);

/* The open file, borrowed; -1 where there is none. */
int file_bytes_descriptor(const file_bytes *self);

/* The bytes from `at` on, [length], unaligned, until the file is freed. NULL where the file does
 * not have them, and where they cannot be read. */
const unsigned char *file_bytes_view(file_bytes *self, size_t at, size_t length);

/* Reads them into out[length], without keeping them. False likewise. */
bool file_bytes_read(file_bytes *self, size_t at, size_t length, void *out);

/* Whether something of the file could not be read since it was opened; *err then says why. */
bool file_bytes_failed(const file_bytes *self, error *err);

#endif
