/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of checkpoints. The bytes are taken three ways: as a file; as what a file has between
 * its head and its digest, which are made to fit; and as edits of a good saved session, four bytes
 * of place and four of value each, after which its checksums are made to fit. Whatever they are, it
 * must be refused on one line or be a session that goes on; run it with the address and undefined
 * sanitizers. How it is run: replay.h.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/checkpoint_file.h"
#include "core/stream.h"
#include "replay.h"
#include "transfer/stylize.h"

enum { SIDE = 24, MOST_BYTES = 1 << 17, MOST_SEALS = 8 };

static void check_refusal(const stylize_error *err) {
    check(err->status != STYLIZE_OK && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

/* ---- files ---- */

static void read_file(const uint8_t *data, size_t size) {
    checkpoint_file file;
    stylize_error err = {STYLIZE_OK, ""};
    FILE *source = size ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
    if (!source)
        return;
    if (checkpoint_file_take(&file, source, "file", &err)) {
        char name[32], byte;
        const char *value;
        size_t at = 0, bytes = 0;
        while (checkpoint_lines_next(&file.lines, &at, name, &value))
            bytes += strlen(name) + strlen(value);
        check(bytes <= file.lines.length, "lines beyond their end");
        while (file.left)
            check(checkpoint_file_read(&file, &byte, 1, &err), "a byte is missing");
        check(!checkpoint_file_read(&file, &byte, 1, &err), "a byte too many");
    }
    if (err.status != STYLIZE_OK)
        check_refusal(&err);
    checkpoint_file_close(&file);
}

static void read_framed(const uint8_t *data, size_t size) {
    static const char head[] = "STYLRUN\n\1\0\0\0";
    struct sha256_ctx context;
    const size_t start = sizeof head - 1 + 4, whole = start + size + SHA256_DIGEST_SIZE;
    uint8_t *bytes = calloc(whole, 1);
    check(bytes, "out of memory");
    memcpy(bytes, head, sizeof head - 1);
    if (size > 1)
        memcpy(bytes + sizeof head - 1, data, 2);
    memcpy(bytes + start, data, size);
    sha256_init(&context);
    sha256_update(&context, start + size, bytes);
    sha256_digest(&context, SHA256_DIGEST_SIZE, bytes + start + size);
    read_file(bytes, whole);
    free(bytes);
}

/* ---- sessions ---- */

/* Bytes in memory, and how many of them were read. */
typedef struct memory {
    uint8_t bytes[MOST_BYTES];
    size_t count, at;
} memory;

static memory good, edited;
static size_t seals[MOST_SEALS]; /* where the checksums stand in the good one */
static int seal_count;
static stylize_network *network;
static stylize_image *picture;
static stylize_recipe *recipe;

static bool put(void *user, const void *bytes, size_t count, stylize_error *err) {
    memory *self = user;
    (void)err;
    check(count <= MOST_BYTES - self->count, "the state is too large");
    memcpy(self->bytes + self->count, bytes, count);
    self->count += count;
    return true;
}

static bool get(void *user, void *bytes, size_t count, stylize_error *err) {
    memory *self = user;
    if (count > self->count - self->at)
        return stylize_error_set(err, STYLIZE_FAILURE, "too short");
    memcpy(bytes, self->bytes + self->at, count);
    self->at += count;
    return true;
}

static bool lose(void *user, const void *bytes, size_t count, error *err) {
    (void)user, (void)bytes, (void)count, (void)err;
    return true;
}

/* The checksum of bytes from `first` to `end`. */
static uint64_t sum_of(const memory *self, size_t first, size_t end) {
    stream s = {.write = lose};
    error err;
    memory copy = *self;
    stream_pass_bytes(&s, copy.bytes + first, end - first, &err);
    return s.sum;
}

static uint64_t number_at(const memory *self, size_t at) {
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--)
        number = number << 8 | self->bytes[at + (size_t)i];
    return number;
}

static void find_seals(void) {
    stream s = {.write = lose};
    error err;
    for (size_t at = 4; at + 8 <= good.count; at += 4) {
        stream_pass_bytes(&s, good.bytes + at - 4, 4, &err);
        if (s.sum != number_at(&good, at))
            continue;
        check(seal_count < MOST_SEALS, "too many checksums");
        seals[seal_count++] = at;
        at += 8;
        s.sum = 0;
    }
}

static stylize_session *new_session(void) {
    stylize_error err;
    stylize_session *self = stylize_session_new(recipe, &err);
    check(self, "no session");
    stylize_session_set_content(self, picture);
    stylize_session_set_style(self, picture);
    stylize_session_set_threads(self, 1);
    check(stylize_session_add_network(self, network, &err), "no network");
    return self;
}

static void set_up(void) {
    unsigned char pixels[SIDE * SIDE * 3];
    stylize_error err;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * 2654435761u >> 24);
    network = stylize_network_load("tests/golden/small16.safetensors", &err);
    check(network, "no network: run it in the project's folder");
    picture = stylize_image_from_pixels(pixels, SIDE, SIDE, (size_t)SIDE * 3, 3, STYLIZE_U8, &err);
    recipe = stylize_recipe_new(&err);
    check(picture && recipe && stylize_recipe_set(recipe, "size", "24", &err) &&
              stylize_recipe_set(recipe, "scales", "1", &err) &&
              stylize_recipe_set(recipe, "precision", "fp32", &err) &&
              stylize_recipe_set(recipe, "history", "2", &err) &&
              stylize_recipe_set(recipe, "content-layers", "relu2_1", &err) &&
              stylize_recipe_set(recipe, "style-layers", "relu1_1,relu2_1", &err) &&
              stylize_recipe_set(recipe, "iterations", "5", &err),
          "no recipe");
    stylize_session *session = new_session();
    for (int i = 0; i < 4; i++)
        check(stylize_session_step(session, &err) == STYLIZE_MORE, "no step");
    check(stylize_session_save(session, put, &good, &err), "not saved");
    stylize_session_free(session);
    find_seals();
    check(seal_count == 3, "a head, a place and a state have a checksum each");
}

/* Changes words of the good state. */
static void edit(const uint8_t *data, size_t size) {
    edited = good;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        const size_t place = (size_t)data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16;
        memcpy(edited.bytes + place % (good.count / 4) * 4, data + i + 4, 4);
    }
    size_t first = 0;
    for (int k = 0; k < seal_count; k++) {
        uint64_t sum = sum_of(&edited, first, seals[k]);
        for (size_t i = 0; i < 8; i++, sum >>= 8)
            edited.bytes[seals[k] + i] = (uint8_t)sum;
        first = seals[k] + 8;
    }
}

static void load_edited(void) {
    stylize_session *session = new_session();
    stylize_error err = {STYLIZE_OK, ""};
    bool ok = stylize_session_load(session, get, &edited, &err);
    for (int i = 0; ok && i < 3; i++)
        ok = stylize_session_step(session, &err) != STYLIZE_FAILED;
    if (!ok)
        check_refusal(&err);
    stylize_session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!network)
        set_up();
    read_file(data, size);
    read_framed(data, size);
    edit(data, size);
    load_edited();
    return 0;
}

/* Before any file: the good state, then each word of head and place as something else, and some of
 * the state. */
void replay_more(const char *path, const uint8_t *data, size_t size) {
    static const uint8_t words[][4] = {
        {0}, {255, 255, 255, 255}, {255, 255, 255, 127}, {0, 0, 240, 127}, {0, 0, 128, 127}, {1}};
    (void)data, (void)size;
    if (path)
        return;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    const size_t whole = good.count / 4, place = seals[1] / 4;
    for (size_t i = seals[0] / 4; i < whole; i += i < place + 40 ? 1 : 397) {
        uint8_t one[8] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16)};
        memcpy(one + 4, words[i % (sizeof words / sizeof *words)], 4);
        LLVMFuzzerTestOneInput(one, sizeof one);
    }
}
