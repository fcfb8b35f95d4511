/* SPDX-License-Identifier: MIT
 *
 * Streams to and from memory.
 */
#ifndef STYLIZE_TESTS_BYTE_BUFFER_H
#define STYLIZE_TESTS_BYTE_BUFFER_H

#include "core/stream.h"

typedef struct byte_buffer {
    unsigned char *bytes; /* owned: free */
    size_t count;         /* written */
    size_t read;
} byte_buffer;

/* The reader begins at the first byte; beyond the last it fails with "the test is short". */
stream byte_buffer_writer(byte_buffer *self);
stream byte_buffer_reader(byte_buffer *self);

#endif
