/* SPDX-License-Identifier: MIT
 *
 * Bytes that grow in memory. A lack of it is remembered: nothing more is taken, and what there is
 * can no longer be had, so that a part never passes for the whole. (open_memstream of some C
 * libraries closes without an error when the last of its allocations fails.)
 */
#ifndef STYLIZE_CORE_BUFFER_H
#define STYLIZE_CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Starts as zeros. */
typedef struct buffer {
    char *data; /* [size], owned */
    size_t size, room;
    bool failed;
} buffer;

/* Appends bytes [count]; false when memory is short or was before. */
bool buffer_put(buffer *self, const void *bytes, size_t count);

/* What has been put, *data [*size], followed by a zero byte, which the caller frees with free();
 * false and NULL when something is missing. The buffer is empty afterwards. */
bool buffer_take(buffer *self, char **data, size_t *size);

/* Frees it all. */
void buffer_clear(buffer *self);

#endif
