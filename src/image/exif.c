/* SPDX-License-Identifier: MIT */
#include "image/exif.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MARK = 42, HEADER_SIZE = 8, ENTRY_SIZE = 12 };
enum { TYPE_ASCII = 2, TYPE_SHORT = 3, TYPE_RATIONAL = 5 };
enum {
    TAG_DESCRIPTION = 0x10e,
    TAG_ORIENTATION = 0x112,
    TAG_ACROSS = 0x11a,
    TAG_DOWN = 0x11b,
    TAG_UNIT = 0x128,
};

/* ---- reading ---- */

typedef struct block {
    const uint8_t *data;
    size_t size;
    bool big_endian;
} block;

/* Numbers at a byte offset; 0 where the block ends before them. */
static unsigned get_u16(const block *b, size_t at) {
    if (b->size < 2 || at > b->size - 2)
        return 0;
    const unsigned first = b->data[at], second = b->data[at + 1];
    return b->big_endian ? first << 8 | second : second << 8 | first;
}

static uint32_t get_u32(const block *b, size_t at) {
    const uint32_t first = get_u16(b, at), second = get_u16(b, at + 2);
    return b->big_endian ? first << 16 | second : second << 16 | first;
}

/* Where the first entry of a tag in the first directory stands, if it is of this type; else 0. */
static size_t find(block *b, const uint8_t *data, size_t size, unsigned tag, unsigned type) {
    if (size < HEADER_SIZE || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return 0;
    *b = (block){.data = data, .size = size, .big_endian = data[0] == 'M'};
    const size_t directory = get_u32(b, 4);
    if (get_u16(b, 2) != MARK || directory >= size)
        return 0;
    const unsigned entries = get_u16(b, directory);
    for (unsigned i = 0; i < entries; i++) {
        const size_t entry = directory + 2 + (size_t)i * ENTRY_SIZE;
        if (get_u16(b, entry) == tag)
            return get_u16(b, entry + 2) == type ? entry : 0;
    }
    return 0;
}

/* A single SHORT; 0 where there is none. */
static unsigned find_short(const uint8_t *data, size_t size, unsigned tag) {
    block b;
    const size_t entry = find(&b, data, size, tag, TYPE_SHORT);
    return entry && get_u32(&b, entry + 4) == 1 ? get_u16(&b, entry + 8) : 0;
}

/* A single RATIONAL; 0 where there is none. */
static double find_rational(const uint8_t *data, size_t size, unsigned tag) {
    block b;
    const size_t entry = find(&b, data, size, tag, TYPE_RATIONAL);
    if (!entry || get_u32(&b, entry + 4) != 1)
        return 0;
    const size_t at = get_u32(&b, entry + 8);
    const uint32_t divisor = get_u32(&b, at + 4);
    return divisor ? (double)get_u32(&b, at) / divisor : 0;
}

const uint8_t *exif_in_chunk(const uint8_t *chunk, size_t *size) {
    static const char prefix[6] = "Exif\0"; /* two zero bytes */
    const bool skip = *size > sizeof prefix && !memcmp(chunk, prefix, sizeof prefix);
    *size -= skip ? sizeof prefix : 0;
    return chunk + (skip ? sizeof prefix : 0);
}

int exif_orientation(const uint8_t *data, size_t size) {
    const unsigned value = find_short(data, size, TAG_ORIENTATION);
    return value >= 1 && value <= 8 ? (int)value : 1;
}

void exif_density(const uint8_t *data, size_t size, image_properties *properties) {
    const double resolution[2] = {find_rational(data, size, TAG_ACROSS),
                                  find_rational(data, size, TAG_DOWN)};
    image_properties_set_resolution(properties, resolution, (int)find_short(data, size, TAG_UNIT));
}

const char *exif_description(const uint8_t *data, size_t size, size_t *length) {
    block b;
    const size_t entry = find(&b, data, size, TAG_DESCRIPTION, TYPE_ASCII);
    const size_t count = entry ? get_u32(&b, entry + 4) : 0;
    const size_t at = count > 4 ? get_u32(&b, entry + 8) : entry + 8;
    if (!count || at > size || count > size - at)
        return NULL;
    const uint8_t *end = memchr(data + at, 0, count);
    *length = end ? (size_t)(end - (data + at)) : count;
    return (const char *)data + at;
}

/* ---- writing: little-endian ---- */

/* Where the next bytes go: nowhere while the size is found. */
typedef struct writer {
    uint8_t *data;
    size_t size;
} writer;

static void put(writer *w, uint32_t value, size_t bytes) {
    for (size_t i = 0; w->data && i < bytes; i++)
        w->data[w->size + i] = (uint8_t)(value >> 8 * i);
    w->size += bytes;
}

static void put_entry(writer *w, unsigned tag, unsigned type, uint32_t count, uint32_t value) {
    put(w, tag, 2);
    put(w, type, 2);
    put(w, count, 4);
    put(w, value, 4);
}

/* A thousandth of a pixel is exact enough. */
static void put_rational(writer *w, double value) {
    const uint32_t divisor = value < 1e6 ? 1000 : 1;
    put(w, (uint32_t)fmin(round(value * divisor), UINT32_MAX), 4);
    put(w, divisor, 4);
}

static void put_text(writer *w, const char *text, size_t room) {
    const size_t length = strlen(text);
    for (size_t i = 0; i < room; i++)
        put(w, i < length ? (uint8_t)text[i] : 0, 1);
}

size_t exif_write(const image_properties *properties, const char *text, uint8_t *data) {
    enum { RATIONAL_SIZE = 8, INLINE = 4 };
    double resolution[2];
    const int unit = image_properties_resolution(properties, resolution);
    const uint32_t length = text ? (uint32_t)strlen(text) + 1 : 0;
    const uint32_t apart = length > INLINE ? length : INLINE + 1; /* shorter ones stand elsewhere */
    const uint32_t room = text ? apart + (apart & 1) : 0;
    const uint32_t entries = (text ? 1 : 0) + (unit ? 3 : 0);
    const uint32_t text_at = HEADER_SIZE + 2 + entries * ENTRY_SIZE + 4, across_at = text_at + room;
    writer w = {.data = data};
    if (!entries)
        return 0;
    put(&w, 'I' | 'I' << 8 | MARK << 16, 4);
    put(&w, HEADER_SIZE, 4);
    put(&w, entries, 2);
    if (text)
        put_entry(&w, TAG_DESCRIPTION, TYPE_ASCII, apart, text_at);
    if (unit) {
        put_entry(&w, TAG_ACROSS, TYPE_RATIONAL, 1, across_at);
        put_entry(&w, TAG_DOWN, TYPE_RATIONAL, 1, across_at + RATIONAL_SIZE);
        put_entry(&w, TAG_UNIT, TYPE_SHORT, 1, (uint32_t)unit);
    }
    put(&w, 0, 4); /* no other directory */
    if (text)
        put_text(&w, text, room);
    for (int i = 0; unit && i < 2; i++)
        put_rational(&w, resolution[i]);
    return w.size;
}
