/* SPDX-License-Identifier: MIT */
#include "core/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define LEAST ((size_t)4096) /* bytes at first; a multiple of the alignment, as its doubles are */

/* Makes room for `count` bytes more and a zero. A block of its own rather than realloc: the blocks
 * of this program come from one function, which tests let fail. */
static bool grow(buffer *self, size_t count) {
    size_t room = self->room ? self->room : LEAST;
    if (count >= SIZE_MAX / 4 - self->size)
        return false;
    while (room <= self->size + count)
        room *= 2;
    if (room == self->room)
        return true;
    char *data = aligned_alloc(MEMORY_ALIGNMENT, room);
    if (!data)
        return false;
    if (self->size)
        memcpy(data, self->data, self->size);
    free(self->data);
    self->data = data;
    self->room = room;
    return true;
}

bool buffer_put(buffer *self, const void *bytes, size_t count) {
    self->failed = self->failed || !grow(self, count);
    if (self->failed)
        return false;
    if (count)
        memcpy(self->data + self->size, bytes, count);
    self->size += count;
    self->data[self->size] = '\0';
    return true;
}

bool buffer_take(buffer *self, char **data, size_t *size) {
    const bool whole = buffer_put(self, "", 0);
    *data = whole ? self->data : NULL;
    *size = whole ? self->size : 0;
    if (whole)
        self->data = NULL;
    buffer_clear(self);
    return whole;
}

void buffer_clear(buffer *self) {
    free(self->data);
    *self = (buffer){0};
}
