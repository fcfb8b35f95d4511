/* SPDX-License-Identifier: MIT
 *
 * Numbers to and from a stream of bytes that callbacks write or read: a file, a pipe, memory. The
 * bytes are the same on every machine, little endian.
 *
 * One walk both saves and loads: a part of the program that has a state passes its numbers in a
 * fixed order, and whether they go out or come in is the stream's affair. So what is loaded cannot
 * differ from what was saved. A walk ends with stream_seal, which adds a checksum or compares it.
 */
#ifndef STYLIZE_CORE_STREAM_H
#define STYLIZE_CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

typedef struct stream {
    /* One of the two, the other NULL: takes or gives exactly so many bytes; false with *err. */
    bool (*write)(void *user, const void *bytes, size_t count, error *err);
    bool (*read)(void *user, void *bytes, size_t count, error *err);
    void *user;
    uint64_t sum; /* over what has passed since the last seal; 0 at first */
} stream;

/* Passes `count` values of 4 bytes (float, int, uint32_t) or of 8 (double, uint64_t). False with
 * *err when the callback fails; of values that are loaded an unknown part has come then. */
bool stream_pass32(stream *self, void *values, size_t count, error *err);
bool stream_pass64(stream *self, void *values, size_t count, error *err);

/* Passes `count` bytes, as a text has them, and zeros up to whole words. */
bool stream_pass_bytes(stream *self, void *bytes, size_t count, error *err);

/* Passes the checksum of all that went before. False with *err when the callback fails, or when a
 * checksum that is read is another: a change of one value is always noticed. */
bool stream_seal(stream *self, error *err);

#endif
