/* SPDX-License-Identifier: MIT */
#include "core/stream.h"

#include <assert.h>
#include <string.h>

#define BLOCK 4096 /* bytes that are converted at a time */

/* Fowler, Noll and Vo's checksum (FNV-1a), over words in place of bytes. Each step is one to one in
 * the sum and in the word, so that a change of a single word always changes the result. */
#define SUM_BASIS 0xcbf29ce484222325u
#define SUM_PRIME 0x100000001b3u

static uint32_t get32(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put32(unsigned char *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t checksum(uint64_t sum, const unsigned char *bytes, size_t count) {
    sum ^= SUM_BASIS;
    for (size_t i = 0; i < count; i += 4)
        sum = (sum ^ get32(bytes + i)) * SUM_PRIME;
    return sum ^ SUM_BASIS;
}

/* Hands a block of whole words over, either way, and sums it up. */
static bool pass_block(stream *self, unsigned char *block, size_t bytes, error *err) {
    assert(!self->write != !self->read);
    if (self->write ? !self->write(self->user, block, bytes, err)
                    : !self->read(self->user, block, bytes, err))
        return false;
    self->sum = checksum(self->sum, block, bytes);
    return true;
}

bool stream_pass32(stream *self, void *values, size_t count, error *err) {
    unsigned char block[BLOCK], *at = values;
    while (count) {
        const size_t part = count < BLOCK / 4 ? count : BLOCK / 4;
        uint32_t word;
        for (size_t i = 0; self->write && i < part; i++) {
            memcpy(&word, at + 4 * i, sizeof word);
            put32(block + 4 * i, word);
        }
        if (!pass_block(self, block, 4 * part, err))
            return false;
        for (size_t i = 0; self->read && i < part; i++) {
            word = get32(block + 4 * i);
            memcpy(at + 4 * i, &word, sizeof word);
        }
        at += 4 * part;
        count -= part;
    }
    return true;
}

bool stream_pass64(stream *self, void *values, size_t count, error *err) {
    unsigned char *at = values;
    for (size_t i = 0; i < count; i++, at += 8) {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        uint32_t words[2] = {(uint32_t)value, (uint32_t)(value >> 32)};
        if (!stream_pass32(self, words, 2, err))
            return false;
        value = (uint64_t)words[1] << 32 | words[0];
        memcpy(at, &value, sizeof value);
    }
    return true;
}

bool stream_pass_bytes(stream *self, void *bytes, size_t count, error *err) {
    unsigned char block[BLOCK], *at = bytes;
    while (count) {
        const size_t part = count < BLOCK ? count : BLOCK;
        memset(block, 0, sizeof block);
        if (self->write)
            memcpy(block, at, part);
        if (!pass_block(self, block, (part + 3) / 4 * 4, err))
            return false;
        if (self->read)
            memcpy(at, block, part);
        at += part;
        count -= part;
    }
    return true;
}

bool stream_seal(stream *self, error *err) {
    const uint64_t sum = self->sum;
    uint64_t sealed = sum;
    if (!stream_pass64(self, &sealed, 1, err))
        return false;
    self->sum = 0;
    return sealed == sum || error_set(err, ERROR_FAILURE, "the saved state is damaged");
}
