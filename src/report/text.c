/* SPDX-License-Identifier: MIT */
#include "report/text.h"

#include <string.h>

size_t text_character(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80)
        return bytes[0] >= ' ' && bytes[0] != 0x7f;
    const size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    unsigned long code = bytes[0] & (0xff >> (length + 1));
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) /* also at the end of the text */
            return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    const unsigned long least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0xa0;
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
        (code & 0xfffe) == 0xfffe)
        return 0;
    return length;
}

void text_clean(const char *text, char *clean, size_t room) {
    size_t used = 0;
    while (*text) {
        const size_t length = text_character(text);
        if (used + (length ? length : 1) >= room)
            break;
        if (length)
            memcpy(clean + used, text, length);
        else
            clean[used] = '?';
        used += length ? length : 1;
        text += length ? length : 1;
    }
    clean[used] = '\0';
}

/* Whether a byte is inside a character. */
static int continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

void text_shorten(const char *clean, char *shorter, size_t room) {
    static const char dots[] = "...";
    const size_t length = strlen(clean);
    if (length < room) {
        memcpy(shorter, clean, length + 1);
        return;
    }
    const size_t kept = room - sizeof dots;
    size_t head = kept / 2, tail = length - (kept - head);
    while (head > 0 && continues(clean[head]))
        head--;
    while (continues(clean[tail]))
        tail++;
    memcpy(shorter, clean, head);
    memcpy(shorter + head, dots, sizeof dots - 1);
    memcpy(shorter + head + sizeof dots - 1, clean + tail, length - tail + 1);
}
