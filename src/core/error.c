/* SPDX-License-Identifier: MIT */
#include "core/error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/printable.h"

#define GAP "..." /* stands for what a long text loses */

static void flatten(char *text) {
    while (*text) {
        const size_t length = printable_character(text);
        if (!length)
            *text = '?';
        text += length ? length : 1;
    }
}

static bool inside_character(char byte) {
    return ((uint8_t)byte & 0xc0) == 0x80; /* a later byte of UTF-8 */
}

/* Fills text[room] with the two ends of whole[length], which is longer. */
static void shorten(const char *whole, size_t length, char *text, size_t room) {
    const size_t gap = strlen(GAP);
    size_t head = (room - 1 - gap) / 2, tail = room - 1 - gap - head;
    while (head > 0 && inside_character(whole[head]))
        head--;
    while (tail > 0 && inside_character(whole[length - tail]))
        tail--;
    memcpy(text, whole, head);
    memcpy(text + head, GAP, gap);
    memcpy(text + head + gap, whole + length - tail, tail);
    text[head + gap + tail] = '\0';
}

/* The formatted text and then `reason`. */
__attribute__((format(printf, 4, 0))) static void write_text(char *text, size_t room,
                                                             const char *reason, const char *format,
                                                             va_list args) {
    const size_t reason_length = strlen(reason);
    va_list again;
    va_copy(again, args);
    const int formatted = vsnprintf(text, room, format, args);
    const size_t length = formatted < 0 ? 0 : (size_t)formatted;
    if (length + reason_length < room) {
        memcpy(text + length, reason, reason_length + 1);
    } else {
        char *whole = malloc(length + reason_length + 1);
        if (whole) { /* else the end is cut off */
            vsnprintf(whole, length + 1, format, again);
            memcpy(whole + length, reason, reason_length + 1);
            shorten(whole, length + reason_length, text, room);
            free(whole);
        }
    }
    va_end(again);
    flatten(text);
}

void error_write(char *text, size_t room, const char *format, va_list args) {
    write_text(text, room, "", format, args);
}

bool error_set(error *err, error_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_write(err->text, sizeof err->text, format, args);
    va_end(args);
    err->code = code;
    return false;
}

bool error_set_errno(error *err, int number, const char *format, ...) {
    char reason[120];
    va_list args;
    snprintf(reason, sizeof reason, ": %s", strerror(number));
    va_start(args, format);
    write_text(err->text, sizeof err->text, reason, format, args);
    va_end(args);
    err->code = ERROR_FAILURE;
    return false;
}
