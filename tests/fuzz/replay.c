/* SPDX-License-Identifier: MIT
 *
 * The main of the fuzz entries as tests: see replay.h.
 */
#define _XOPEN_SOURCE 700 /* getopt */
#include <string.h>
#include <unistd.h>

#include "replay.h"

enum { MOST_BYTES = 1 << 20, PARTS = 16 };

typedef struct buffer {
    uint8_t *data; /* [most] */
    size_t size, most;
} buffer;

static uint64_t seed = 1;

/* A number below `limit` (0 for limit 0). */
static size_t below(size_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return limit ? (size_t)(seed >> 11) % limit : 0;
}

/* ---- mutations ---- */

/* Copies a piece of the buffer to another place, where it overwrites or moves the rest on. */
static void copy_piece(buffer *self, bool insert) {
    const size_t from = below(self->size), to = below(self->size);
    size_t size = below(self->size - from) % 600 + 1;
    if (insert && self->size + size <= self->most) {
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

static void put_word(buffer *self, size_t at) {
    static const uint32_t words[] = {0,       1,          0xff,       0xffff,
                                     0x10000, 0x7fffffff, 0x80000000, UINT32_MAX};
    const uint32_t word = words[below(sizeof words / sizeof *words)];
    for (size_t i = 0; i < 4 && self->size - at >= 4; i++)
        self->data[at + i] = (uint8_t)(word >> (24 - 8 * i));
}

static void mutate_once(buffer *self) {
    static const uint8_t bytes[] = {0, 1, 2, 4, 8, 16, 0x7f, 0x80, 0xfe, 0xff};
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
        put_word(self, at);
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

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) {
    buffer self = {data, size, most};
    for (size_t left = 1 + below(1 + below(4)); left > 0 && self.size > 8; left--)
        mutate_once(&self);
    return self.size;
}

/* ---- replay ---- */

/* In a block of just that size, where a sanitizer sees a read past the end. */
static void try_bytes(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    check(copy, "out of memory");
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void try_each_byte(buffer *self) {
    static const char bytes[] = "\0\n\" {}[]:,.=-+/e0x9a\x7f\x80\xff";
    for (size_t i = 0; i < self->size; i++) {
        const uint8_t was = self->data[i];
        try_bytes(self->data, i);
        for (size_t j = 0; j + 1 < sizeof bytes; j++) {
            self->data[i] = (uint8_t)bytes[j];
            try_bytes(self->data, self->size);
        }
        self->data[i] = was;
    }
}

static void try_mutations(const buffer *self, long count) {
    uint8_t *changed = malloc(self->most);
    check(changed, "out of memory");
    for (long i = 0; i < count; i++) {
        memcpy(changed, self->data, self->size);
        const size_t size =
            LLVMFuzzerCustomMutator
                ? LLVMFuzzerCustomMutator(changed, self->size, self->most, (unsigned)below(1 << 30))
                : LLVMFuzzerMutate(changed, self->size, self->most);
        try_bytes(changed, size);
    }
    free(changed);
}

static void load(buffer *self, const char *path) {
    FILE *file = fopen(path, "rb");
    check(file && !fseek(file, 0, SEEK_END), path);
    self->size = (size_t)ftell(file);
    self->most = self->size > MOST_BYTES ? self->size : MOST_BYTES;
    self->data = malloc(self->most);
    rewind(file);
    check(self->data && fread(self->data, 1, self->size, file) == self->size, path);
    fclose(file);
}

static void replay(const char *path, bool each, long mutations) {
    buffer whole;
    load(&whole, path);
    if (replay_more)
        replay_more(path, whole.data, whole.size);
    try_bytes(whole.data, whole.size);
    for (size_t part = 0; part < PARTS; part++)
        try_bytes(whole.data, whole.size * part / PARTS);
    if (each)
        try_each_byte(&whole);
    try_mutations(&whole, mutations);
    free(whole.data);
}

int main(int argc, char **argv) {
    bool each = false;
    long mutations = 0;
    int option;
    while ((option = getopt(argc, argv, "en:s:")) != -1) {
        if (option == 'e')
            each = true;
        else if (option == 'n')
            mutations = strtol(optarg, NULL, 10);
        else if (option == 's')
            seed = strtoull(optarg, NULL, 10) | 1;
        else
            return 2;
    }
    try_bytes((const uint8_t *)"", 0);
    if (replay_more)
        replay_more(NULL, NULL, 0);
    for (; optind < argc; optind++)
        replay(argv[optind], each, mutations);
    return 0;
}
