/* SPDX-License-Identifier: MIT
 *
 * The one thing that is read of EXIF: how the camera was held.
 */
#include <string.h>

#include "image/codec.h"

typedef struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
} tiff;

/* Numbers at a byte offset; 0 where the block ends before them. */
static unsigned tiff_u16(const tiff *t, size_t at) {
    if (t->size < 2 || at > t->size - 2)
        return 0;
    const unsigned first = t->data[at], second = t->data[at + 1];
    return t->big_endian ? first << 8 | second : second << 8 | first;
}

static uint32_t tiff_u32(const tiff *t, size_t at) {
    const uint32_t first = tiff_u16(t, at), second = tiff_u16(t, at + 2);
    return t->big_endian ? first << 16 | second : second << 16 | first;
}

int codec_exif_orientation(const uint8_t *data, size_t size) {
    enum { MARK = 42, TAG_ORIENTATION = 0x112, TYPE_SHORT = 3, ENTRY_SIZE = 12 };
    if (size < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return 1;
    const tiff t = {.data = data, .size = size, .big_endian = data[0] == 'M'};
    const size_t directory = tiff_u32(&t, 4);
    if (tiff_u16(&t, 2) != MARK || directory >= size)
        return 1;
    const unsigned entries = tiff_u16(&t, directory);
    for (unsigned i = 0; i < entries; i++) {
        const size_t entry = directory + 2 + (size_t)i * ENTRY_SIZE;
        if (tiff_u16(&t, entry) != TAG_ORIENTATION)
            continue;
        const unsigned value = tiff_u16(&t, entry + 8);
        const bool valid = tiff_u16(&t, entry + 2) == TYPE_SHORT && tiff_u32(&t, entry + 4) == 1 &&
                           value >= 1 && value <= 8;
        return valid ? (int)value : 1;
    }
    return 1;
}
