/* SPDX-License-Identifier: MIT */
#include "core/printable.h"

size_t printable_character(const char *text) {
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
