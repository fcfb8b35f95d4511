/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the picture readers. Whatever the bytes, they must be refused with one line or
 * become a picture that can be written in every way and read again; run it with the address and
 * undefined sanitizers. Checksums of PNG chunks are made right again after most mutations, or no
 * damage would get past. What ended the program is left in the newest /tmp/stylize-fuzz-*. How it
 * is run: replay.h.
 */
#define _XOPEN_SOURCE 700 /* mkstemp, pwrite */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "replay.h"

enum { MOST_PIXELS = 1 << 18 };

static char path[] = "/tmp/stylize-fuzz-XXXXXX";
static int file = -1; /* of that name */

static void remove_file(void) {
    unlink(path);
}

static void put_file(const void *data, size_t size) {
    if (file < 0 && (file = mkstemp(path)) >= 0)
        atexit(remove_file);
    check(file >= 0 && ftruncate(file, (off_t)size) == 0 &&
              pwrite(file, data, size, 0) == (ssize_t)size,
          "cannot be written");
}

static void check_values(const image *self, int channel) {
    for (int y = 0; y < self->height; y++) {
        for (int x = 0; x < self->width; x++) {
            float value;
            image_unpack(self, channel, x, y, 1, &value);
            check(value >= 0 && value <= 1, "a value out of range");
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
    image_free(again);
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    error err = {0};
    put_file(data, size);
    image *self = picture_file_read(path, MOST_PIXELS, &err);
    if (self) {
        check_image(self);
        check_round_trip(self, IMAGE_PNG, 8);
        check_round_trip(self, IMAGE_PNG, 16);
        check_round_trip(self, IMAGE_JPEG, 8);
        check_round_trip(self, IMAGE_WEBP, 8);
        check_round_trip(self, IMAGE_TIFF, 8);
        check_round_trip(self, IMAGE_TIFF, 16);
    } else {
        check(err.code == ERROR_FAILURE && strstr(err.text, path), "refused without a reason");
        check(!strchr(err.text, '\n'), "an error of several lines");
    }
    image_free(self);
    return 0;
}

static uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The checksum of PNG, bit by bit. */
static uint32_t checksum(const uint8_t *data, size_t size) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void repair_checksums(uint8_t *data, size_t size) {
    if (size < 8 || memcmp(data, "\x89PNG", 4) != 0)
        return;
    for (size_t at = 8; size - at >= 12;) {
        const size_t length = get_u32(data + at);
        if (length > size - at - 12)
            return;
        put_u32(data + at + 8 + length, checksum(data + at + 4, length + 4));
        at += length + 12;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, most);
    if (seed % 4)
        repair_checksums(data, size);
    return size;
}
