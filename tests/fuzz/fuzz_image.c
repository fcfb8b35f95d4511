/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the picture readers. Whatever the bytes, they must be refused with one line or
 * become a picture that can be written in every way and read again, and that has the record which
 * is read without its pixels; run it with the address and undefined sanitizers. Most mutations
 * leave the format's frames whole (frames.h), or no damage would get past. What ended the program
 * is left in the newest /tmp/stylize-fuzz-*. How it is run: replay.h.
 */
#define _XOPEN_SOURCE 700 /* mkstemp, pwrite */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "frames.h"
#include "input_file.h"
#include "replay.h"

enum { MOST_PIXELS = 1 << 16 };

static void check_values(const image *self, int channel) {
    float values[IMAGE_PIECE];
    for (int y = 0; y < self->height; y++) {
        for (int x = 0; x < self->width; x += IMAGE_PIECE) {
            const int rest = self->width - x, count = rest < IMAGE_PIECE ? rest : IMAGE_PIECE;
            image_unpack(self, channel, x, y, count, values);
            for (int i = 0; i < count; i++)
                check(values[i] >= 0 && values[i] <= 1, "a value out of range");
        }
    }
}

static void check_image(const image *self) {
    const size_t pixels = (size_t)self->width * (size_t)self->height;
    check(pixels >= 1 && pixels <= MOST_PIXELS, "an impossible size");
    check(!self->planes && self->packed, "a picture that is not packed");
    for (int c = 0; c <= PIXELS_ALPHA; c++)
        check_values(self, c);
    check(!self->properties.profile == !self->properties.profile_size, "half a profile");
    check(!self->record || record_text_is_valid(self->record, strlen(self->record)),
          "a record that is none");
}

static bool equal_texts(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

/* Reads the record alone: that of the picture `self`, if there is one, unless it stands behind the
 * pixels. */
static void check_record(const image *self) {
    char *record = NULL;
    error err = {0};
    if (picture_file_read_record(path, &record, &err)) {
        check(!record || record_text_is_valid(record, strlen(record)), "a record that is none");
        check(!self || !record || equal_texts(record, self->record), "two records");
    } else {
        check(err.text[0] && !strchr(err.text, '\n'), "no error of one line");
        check(!self, "a picture whose record cannot be read");
    }
    memory_free(record);
}

/* Writes it, where this build can, and reads that. */
static void check_round_trip(const image *self, image_format format, int depth) {
    const picture_file_options options = {.depth = depth, .quality = 90};
    char *data;
    size_t size;
    error err = {0};
    if (!picture_file_check(format, self->width, self->height, &options, "it", &err))
        return;
    check(picture_file_encode(self, format, &options, "it", &data, &size, &err),
          "cannot be written");
    put_file(data, size);
    image *again = picture_file_read(path, MOST_PIXELS, &err);
    check(again, "what was written cannot be read");
    check_image(again);
    check(again->width == self->width && again->height == self->height, "another size");
    check(equal_texts(again->record, self->record), "another record");
    check_record(again);
    image_free(again);
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    error err = {0};
    put_file(data, size);
    image *self = picture_file_read(path, MOST_PIXELS, &err);
    if (self) {
        check_image(self);
        check_record(self);
        check_round_trip(self, IMAGE_PNG, 8);
        check_round_trip(self, IMAGE_PNG, 16);
        check_round_trip(self, IMAGE_JPEG, 8);
        check_round_trip(self, IMAGE_WEBP, 8);
        check_round_trip(self, IMAGE_TIFF, 8);
        check_round_trip(self, IMAGE_TIFF, 16);
    } else {
        check(err.code == ERROR_FAILURE && strstr(err.text, path), "refused without a reason");
        check(!strchr(err.text, '\n'), "an error of several lines");
        check_record(NULL);
    }
    image_free(self);
    return 0;
}

/* As any bytes; with checksums that fit; or within the frames of the format. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    if (seed % 4 >= 2)
        return frames_mutate(data, size, most, seed / 4);
    size = LLVMFuzzerMutate(data, size, most);
    if (seed % 4)
        frames_repair(data, size);
    return size;
}
