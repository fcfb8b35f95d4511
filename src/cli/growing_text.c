/* SPDX-License-Identifier: MIT */
#include "cli/growing_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void growing_text_add_part(growing_text *self, const char *text, size_t length) {
    enum { LEAST = 256 };
    size_t room = self->room ? self->room : LEAST;
    self->failed = self->failed || length >= SIZE_MAX / 4 - self->length;
    while (!self->failed && room <= self->length + length)
        room *= 2;
    if (!self->failed && room != self->room) {
        char *larger = realloc(self->text, room);
        self->failed = !larger;
        self->text = larger ? larger : self->text;
        self->room = room;
    }
    if (self->failed)
        return;
    memcpy(self->text + self->length, text, length);
    self->length += length;
    self->text[self->length] = '\0';
}

void growing_text_add(growing_text *self, const char *text) {
    growing_text_add_part(self, text, strlen(text));
}

void growing_text_add_char(growing_text *self, char character) {
    growing_text_add_part(self, &character, 1);
}

char *growing_text_take(growing_text *self) {
    growing_text_add_part(self, "", 0);
    char *text = self->failed ? NULL : self->text;
    if (self->failed)
        free(self->text);
    *self = (growing_text){0};
    return text;
}
