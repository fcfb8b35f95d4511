/* SPDX-License-Identifier: MIT */
#include "byte_buffer.h"

#include <stdlib.h>
#include <string.h>

static bool append(void *user, const void *bytes, size_t count, error *err) {
    byte_buffer *self = user;
    unsigned char *grown = realloc(self->bytes, self->count + count);
    if (!grown)
        return error_set(err, ERROR_FAILURE, "the test is out of memory");
    self->bytes = grown;
    memcpy(self->bytes + self->count, bytes, count);
    self->count += count;
    return true;
}

static bool fetch(void *user, void *bytes, size_t count, error *err) {
    byte_buffer *self = user;
    if (count > self->count - self->read)
        return error_set(err, ERROR_FAILURE, "the test is short");
    memcpy(bytes, self->bytes + self->read, count);
    self->read += count;
    return true;
}

stream byte_buffer_writer(byte_buffer *self) {
    return (stream){.write = append, .user = self};
}

stream byte_buffer_reader(byte_buffer *self) {
    self->read = 0;
    return (stream){.read = fetch, .user = self};
}
