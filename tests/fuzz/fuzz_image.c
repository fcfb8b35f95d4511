/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the picture readers. Whatever the bytes, they must be refused with one line or
 * become a picture that can be written in every way and read again; run it with the address and
 * undefined sanitizers.
 *
 *     fuzz_image [-n MUTATIONS] [-s SEED] FILE...
 *
 * replays each file, some of its beginnings, and so many mutations of it. Checksums of PNG chunks
 * are made right again after most of them, or no damage would get past. The same seed makes the
 * same mutations; what ended the program is left in the temporary file that it names. With
 * libFuzzer, which finds more:
 *     clang -g -DFUZZING -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/fuzz_image.c \
 *         src/image/[!nr]*.c src/image/record_text.c src/core/error.c src/core/memory.c \
 *         src/core/system_file.c -lpng -ljpeg -lwebp -lwebpmux -lwebpdemux -ltiff -lm -o fuzz
 *     ./fuzz -max_len=4096 NEW_FOLDER tests/images
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_PIXELS = 1 << 18, MOST_BYTES = 1 << 20 };

static char path[] = "/tmp/stylize-fuzz-XXXXXX";
static int file = -1; /* of that name */

static void check(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "fuzz_image: %s: %s\n", what, path);
        abort();
    }
}

static void put_file(const void *data, size_t size) {
    if (file < 0)
        file = mkstemp(path);
    check(file >= 0 && ftruncate(file, (off_t)size) == 0 &&
              pwrite(file, data, size, 0) == (ssize_t)size,
          "cannot be written");
}

static void check_values(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        check(values[i] >= 0 && values[i] <= 1, "a value out of range");
}

static void check_image(const image *self) {
    const size_t pixels = (size_t)self->width * (size_t)self->height;
    check(pixels >= 1 && pixels <= MOST_PIXELS, "an impossible size");
    check_values(self->planes, IMAGE_CHANNELS * pixels);
    if (self->alpha)
        check_values(self->alpha, pixels);
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

#ifndef FUZZING
/* ---- mutations ---- */

typedef struct buffer {
    uint8_t *data; /* [MOST_BYTES] */
    size_t size;
} buffer;

static uint64_t seed = 1;

/* A number below `limit` (0 for limit 0). */
static size_t below(size_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return limit ? (size_t)(seed >> 11) % limit : 0;
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

static void repair_checksums(buffer *self) {
    if (self->size < 8 || memcmp(self->data, "\x89PNG", 4) != 0)
        return;
    for (size_t at = 8; self->size - at >= 12;) {
        const size_t length = get_u32(self->data + at);
        if (length > self->size - at - 12)
            return;
        put_u32(self->data + at + 8 + length, checksum(self->data + at + 4, length + 4));
        at += length + 12;
    }
}

/* Copies a piece of the buffer to another place, where it overwrites or moves the rest on. */
static void copy_piece(buffer *self, bool insert) {
    const size_t from = below(self->size), to = below(self->size);
    size_t size = below(self->size - from) % 600 + 1;
    if (insert && self->size + size <= MOST_BYTES) {
        memmove(self->data + to + size, self->data + to, self->size - to);
        self->size += size;
        memmove(self->data + to, self->data + from, size);
    } else {
        size = size < self->size - to ? size : self->size - to;
        size = size < self->size - from ? size : self->size - from;
        memmove(self->data + to, self->data + from, size);
    }
}

static void cut_piece(buffer *self) {
    const size_t at = below(self->size), size = below(self->size - at) % 200;
    memmove(self->data + at, self->data + at + size, self->size - at - size);
    self->size -= size;
}

static void mutate(buffer *self) {
    static const uint8_t bytes[] = {0, 1, 2, 4, 8, 16, 0x7f, 0x80, 0xfe, 0xff};
    static const uint32_t words[] = {0,       1,          0xff,       0xffff,
                                     0x10000, 0x7fffffff, 0x80000000, UINT32_MAX};
    for (size_t left = 1 + below(1 + below(4)); left > 0 && self->size > 8; left--) {
        const size_t at = below(self->size);
        switch (below(7)) {
        case 0:
        case 1:
            self->data[at] ^= (uint8_t)(1 << below(8));
            break;
        case 2:
            self->data[at] = bytes[below(sizeof bytes)];
            break;
        case 3:
            if (self->size - at >= 4)
                put_u32(self->data + at, words[below(sizeof words / sizeof *words)]);
            break;
        case 4:
            copy_piece(self, false);
            break;
        case 5:
            copy_piece(self, true);
            break;
        default:
            cut_piece(self);
        }
    }
    if (below(4))
        repair_checksums(self);
}

/* ---- replay ---- */

static buffer load(const char *name) {
    buffer self = {.data = malloc(MOST_BYTES)};
    FILE *source = fopen(name, "rb");
    check(self.data && source, name);
    self.size = fread(self.data, 1, MOST_BYTES, source);
    fclose(source);
    return self;
}

static void replay(const char *name, long mutations) {
    const buffer whole = load(name);
    buffer changed = {.data = malloc(MOST_BYTES)};
    check(changed.data, "out of memory");
    LLVMFuzzerTestOneInput(whole.data, whole.size);
    for (size_t part = 0; part < 16; part++)
        LLVMFuzzerTestOneInput(whole.data, whole.size * part / 16);
    for (long i = 0; i < mutations; i++) {
        memcpy(changed.data, whole.data, whole.size);
        changed.size = whole.size;
        mutate(&changed);
        LLVMFuzzerTestOneInput(changed.data, changed.size);
    }
    free(changed.data);
    free(whole.data);
}

int main(int argc, char **argv) {
    long mutations = 0;
    int option;
    while ((option = getopt(argc, argv, "n:s:")) != -1) {
        if (option == 'n')
            mutations = strtol(optarg, NULL, 10);
        else if (option == 's')
            seed = strtoull(optarg, NULL, 10) | 1;
        else
            return 2;
    }
    for (; optind < argc; optind++)
        replay(argv[optind], mutations);
    return unlink(path) != 0;
}
#endif
