/* SPDX-License-Identifier: MIT
 *
 * Mutations of pictures that leave the frames whole which their files are made of: chunks of PNG
 * with length and checksum, segments of JPEG, chunks of WebP. A change of one that did not fit its
 * frame would be refused before anything reads it.
 */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include <string.h>

#include "replay.h"

enum { FRAMES_MOST = 200, FRAMES_GROWTH = 256 /* bytes that one may grow by */ };

typedef enum frames_kind { FRAMES_NONE, FRAMES_PNG, FRAMES_JPEG, FRAMES_WEBP } frames_kind;

typedef struct frame {
    size_t at, head, size, tail; /* where it begins, its head's bytes, those inside, those behind */
} frame;

typedef struct frames {
    frames_kind kind;
    frame items[FRAMES_MOST];
    size_t count;
} frames;

static inline uint32_t frames_get(const uint8_t *at, int bytes, bool little) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[little ? bytes - 1 - i : i];
    return value;
}

static inline void frames_put(uint8_t *at, int bytes, bool little, size_t value) {
    for (int i = 0; i < bytes; i++, value >>= 8)
        at[little ? i : bytes - 1 - i] = (uint8_t)value;
}

/* The checksum of PNG, bit by bit. */
static inline uint32_t frames_checksum(const uint8_t *data, size_t size) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* ---- finding ---- */

/* Where the frame behind the pixels of a JPEG begins. */
static inline size_t frames_behind_scan(const uint8_t *data, size_t size, size_t at) {
    while (at + 1 < size &&
           (data[at] != 0xff || data[at + 1] == 0 || (data[at + 1] & 0xf8) == 0xd0))
        at++;
    return at;
}

/* The frame at a place; false where there is none. */
static inline bool frames_at(frames_kind kind, const uint8_t *data, size_t size, size_t at,
                             frame *to) {
    const size_t head = kind == FRAMES_JPEG ? 4 : 8;
    if (at > size || size - at < head || (kind == FRAMES_JPEG && data[at] != 0xff))
        return false;
    const size_t length = kind == FRAMES_PNG    ? frames_get(data + at, 4, false)
                          : kind == FRAMES_JPEG ? frames_get(data + at + 2, 2, false)
                                                : frames_get(data + at + 4, 4, true);
    if (kind == FRAMES_JPEG && length < 2)
        return false;
    *to = (frame){at, head, kind == FRAMES_JPEG ? length - 2 : length,
                  kind == FRAMES_PNG    ? 4
                  : kind == FRAMES_JPEG ? 0
                                        : length % 2};
    return to->size <= size - at - head && to->tail <= size - at - head - to->size;
}

static inline void frames_find(frames *self, const uint8_t *data, size_t size) {
    self->count = 0;
    self->kind = size > 8 && !memcmp(data, "\x89PNG", 4)         ? FRAMES_PNG
                 : size > 2 && !memcmp(data, "\xff\xd8", 2)      ? FRAMES_JPEG
                 : size > 12 && !memcmp(data + 8, "WEBP", 4) ? FRAMES_WEBP
                                                             : FRAMES_NONE;
    size_t at = self->kind == FRAMES_PNG ? 8 : self->kind == FRAMES_JPEG ? 2 : 12;
    while (self->kind != FRAMES_NONE && self->count < FRAMES_MOST &&
           frames_at(self->kind, data, size, at, &self->items[self->count])) {
        const frame *last = &self->items[self->count++];
        at += last->head + last->size + last->tail;
        if (self->kind == FRAMES_JPEG && data[last->at + 1] == 0xda)
            at = frames_behind_scan(data, size, at);
    }
}

/* ---- changing ---- */

/* Makes checksums and sums of lengths fit. */
static inline void frames_repair(uint8_t *data, size_t size) {
    frames all;
    frames_find(&all, data, size);
    for (size_t i = 0; all.kind == FRAMES_PNG && i < all.count; i++) {
        const frame *one = &all.items[i];
        frames_put(data + one->at + 8 + one->size, 4, false,
                   frames_checksum(data + one->at + 4, one->size + 4));
    }
    if (all.kind == FRAMES_WEBP)
        frames_put(data + 4, 4, true, size - 8);
}

/* Changes what is in a frame, whose length follows; the size of the whole then. */
static inline size_t frames_change(frames_kind kind, uint8_t *data, size_t size, size_t most,
                                   const frame *one) {
    const size_t room = one->size + FRAMES_GROWTH, start = one->at + one->head;
    const size_t rest = start + one->size + one->tail;
    uint8_t *inside = malloc(room);
    check(inside, "out of memory");
    memcpy(inside, data + start, one->size);
    const size_t length = LLVMFuzzerMutate(inside, one->size, room);
    const size_t tail = kind == FRAMES_WEBP ? length % 2 : one->tail;
    if (size - rest <= most && start + length + tail <= most - (size - rest) &&
        !(kind == FRAMES_JPEG && length > 65533)) {
        memmove(data + start + length + tail, data + rest, size - rest);
        memcpy(data + start, inside, length);
        memset(data + start + length, 0, tail);
        frames_put(data + one->at + (kind == FRAMES_PNG ? 0 : kind == FRAMES_JPEG ? 2 : 4),
                   kind == FRAMES_JPEG ? 2 : 4, kind == FRAMES_WEBP,
                   kind == FRAMES_JPEG ? length + 2 : length);
        size = start + length + tail + (size - rest);
    }
    free(inside);
    return size;
}

/* Puts a copy of one frame before another; or takes it away, where the room is too small. */
static inline size_t frames_copy(uint8_t *data, size_t size, size_t most, const frame *one,
                                 const frame *before) {
    const size_t whole = one->head + one->size + one->tail;
    uint8_t *copy = malloc(whole);
    check(copy, "out of memory");
    memcpy(copy, data + one->at, whole);
    if (one == before || size + whole > most) {
        memmove(data + one->at, data + one->at + whole, size - one->at - whole);
        size -= whole;
    } else {
        memmove(data + before->at + whole, data + before->at, size - before->at);
        memcpy(data + before->at, copy, whole);
        size += whole;
    }
    free(copy);
    return size;
}

/* Changes any of the frames, in a way that `seed` chooses. */
static inline size_t frames_mutate(uint8_t *data, size_t size, size_t most, unsigned seed) {
    frames all;
    frames_find(&all, data, size);
    if (all.count == 0)
        return LLVMFuzzerMutate(data, size, most);
    const frame *one = &all.items[seed / 8 % all.count];
    size = seed % 8 ? frames_change(all.kind, data, size, most, one)
                    : frames_copy(data, size, most, one, &all.items[seed / 1024 % all.count]);
    frames_repair(data, size);
    return size;
}

#endif
