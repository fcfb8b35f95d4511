/* SPDX-License-Identifier: MIT */
#include "image/record_text.h"

#include <stdint.h>
#include <string.h>

#include "core/memory.h"

/* Bytes of the character of UTF-8 that begins at text [length >= 1]; 0 where it is none: one that
 * is cut, written longer than it need be, a surrogate, or past the last. */
static size_t character_bytes(const uint8_t *text, size_t length) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t first = text[0];
    const size_t bytes = first < 0x80             ? 1
                         : (first & 0xe0) == 0xc0 ? 2
                         : (first & 0xf0) == 0xe0 ? 3
                         : (first & 0xf8) == 0xf0 ? 4
                                                  : 0;
    if (bytes <= 1)
        return bytes;
    if (bytes > length)
        return 0;
    uint32_t code = first & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    return code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : bytes;
}

bool record_text_is_valid(const char *text, size_t length) {
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0;
    if (length == 0 || length > RECORD_MOST || memchr(text, '\0', length))
        return false;
    while (at < length) {
        const size_t step = character_bytes(bytes + at, length - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

bool record_text_set(char **place, const char *text, size_t length, error *err) {
    char *copy = NULL;
    if (record_text_is_valid(text, length)) {
        copy = memory_alloc(length + 1, 1, err);
        if (!copy)
            return false;
        memcpy(copy, text, length);
    }
    memory_free(*place);
    *place = copy;
    return true;
}

#define PREFIX RECORD_KEYWORD " "

char *record_text_describe(const char *record, error *err) {
    const size_t head = strlen(PREFIX), length = strlen(record);
    char *text = memory_alloc(head + length + 1, 1, err);
    if (text) {
        memcpy(text, PREFIX, head);
        memcpy(text + head, record, length);
    }
    return text;
}

bool record_text_take(char **place, const char *description, size_t length, error *err) {
    const size_t head = strlen(PREFIX);
    const bool own = length > head && !memcmp(description, PREFIX, head);
    return record_text_set(place, own ? description + head : "", own ? length - head : 0, err);
}
