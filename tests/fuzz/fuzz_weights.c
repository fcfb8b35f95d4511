/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the weights reader. Whatever the bytes, it must refuse or yield tensors that can be
 * read to the last value; run it with the address and undefined sanitizers. Half of the mutations
 * leave whole what holds the format together: the length of a safetensors header and the end of its
 * data, the directory of a ZIP archive (its checksums nobody reads). How it is run: replay.h.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "replay.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

static void check_error(const error *err) {
    check(err->code == ERROR_FAILURE && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

/* Scales that suit an I8 tensor: those of any name that have their shape; or NULL. */
static const weights_tensor *find_scales(const weights_file *self, const weights_tensor *tensor) {
    for (size_t i = 0; tensor->type == WEIGHTS_I8 && i < weights_file_count(self); i++) {
        const weights_tensor *scales = weights_file_at(self, i);
        if (scales->type == WEIGHTS_F32 && scales->rank == 1 && tensor->rank > 0 &&
            scales->shape[0] == tensor->shape[0])
            return scales;
    }
    return NULL;
}

/* Takes what was opened; `err` where nothing was. */
static void read_all(weights_file *self, error *err) {
    if (!self) {
        check_error(err);
        return;
    }
    for (size_t i = 0; i < weights_file_count(self); i++) {
        const weights_tensor *tensor = weights_file_at(self, i);
        check(weights_file_find(self, tensor->name) == tensor, "a tensor is not found by name");
        if (tensor->type == WEIGHTS_OTHER)
            continue;
        const weights_tensor *scales = find_scales(self, tensor);
        if (tensor->type == WEIGHTS_I8 && !scales)
            continue;
        /* count is bounded by the file's size */
        float *values = malloc(tensor->count * sizeof *values + 1);
        check(values, "out of memory");
        if (!(scales ? weights_file_read_scaled(self, tensor, scales, values, err)
                     : weights_file_read(self, tensor, values, err)))
            check_error(err);
        free(values);
    }
    weights_file_metadata(self, "arch");
    weights_file_free(self);
}

/* From memory, where the sanitizers see a read past the end; what is read of a file has the rest
 * of its last page behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    error err = {0};
    read_all(weights_open_memory(data, size, "bytes", &err), &err);
    return 0;
}

/* The same from a file, which is mapped. */
void replay_more(const char *path, const uint8_t *data, size_t size) {
    error err = {0};
    (void)data, (void)size;
    if (path)
        read_all(weights_open(path, &err), &err);
}

/* ---- mutations ---- */

enum { GROWTH = 256, MOST_ENTRIES = 64 };

static uint64_t get(const uint8_t *at, int bytes) {
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static void put(uint8_t *at, int bytes, uint64_t value) {
    for (int i = 0; i < bytes; i++, value >>= 8)
        at[i] = (uint8_t)value;
}

/* A mutation of bytes [*size], which the caller frees. */
static uint8_t *mutated(const uint8_t *bytes, size_t *size) {
    uint8_t *copy = malloc(*size + GROWTH);
    check(copy, "out of memory");
    memcpy(copy, bytes, *size);
    *size = LLVMFuzzerMutate(copy, *size, *size + GROWTH);
    return copy;
}

/* Where the last tensor ends, by the header's text. */
static size_t data_end(const uint8_t *text, size_t size) {
    static const char key[] = "data_offsets\":[";
    unsigned long long end = 0, first, last;
    char rest[40];
    for (size_t i = 0; i + sizeof key <= size; i++) {
        if (memcmp(text + i, key, sizeof key - 1) != 0)
            continue;
        const size_t at = i + sizeof key - 1, left = size - at;
        snprintf(rest, sizeof rest, "%.*s", (int)(left < 39 ? left : 39), (const char *)text + at);
        if (sscanf(rest, "%llu , %llu", &first, &last) == 2 && last > end)
            end = last;
    }
    return end < SIZE_MAX / 2 ? (size_t)end : 0;
}

/* Changes the header. With `fit` there are as many bytes of data as it says. */
static size_t mutate_safetensors(uint8_t *data, size_t size, size_t most, bool fit) {
    const size_t was = size < 8 ? 0 : (size_t)get(data, 8);
    if (was == 0 || was > size - 8)
        return LLVMFuzzerMutate(data, size, most);
    size_t length = was, rest = size - 8 - was;
    uint8_t *header = mutated(data + 8, &length);
    const size_t end = fit ? data_end(header, length) : rest;
    if (length <= most - 8 && rest <= most - 8 - length && end <= most - 8 - length) {
        memmove(data + 8 + length, data + 8 + was, rest);
        memcpy(data + 8, header, length);
        put(data, 8, length);
        if (end > rest)
            memset(data + 8 + length + rest, 0, end - rest);
        size = 8 + length + end;
    }
    free(header);
    return size;
}

typedef struct zip_part {
    const uint8_t *name, *bytes;
    size_t name_length, size;
} zip_part;

/* The parts of an archive without a comment, whose places are not in extra fields. */
static size_t take_apart(const uint8_t *data, size_t size, zip_part parts[MOST_ENTRIES]) {
    if (size < 22 || memcmp(data + size - 22, "PK\5\6", 4) != 0)
        return 0;
    size_t count = 0, at = (size_t)get(data + size - 6, 4);
    while (count < MOST_ENTRIES && at <= size - 22 && size - at >= 46 &&
           !memcmp(data + at, "PK\1\2", 4)) {
        zip_part *part = &parts[count];
        const size_t local = (size_t)get(data + at + 42, 4);
        *part = (zip_part){.name = data + at + 46,
                           .name_length = (size_t)get(data + at + 28, 2),
                           .size = (size_t)get(data + at + 24, 4)};
        if (part->name_length > size - at - 46 || local > size || size - local < 30)
            break;
        const size_t begin =
            local + 30 + (size_t)get(data + local + 26, 2) + (size_t)get(data + local + 28, 2);
        if (begin > size || part->size > size - begin)
            break;
        part->bytes = data + begin;
        count++;
        at += 46 + part->name_length + (size_t)get(data + at + 30, 2) +
              (size_t)get(data + at + 32, 2);
    }
    return count;
}

/* Writes an archive of the parts; its size, or 0 where the room is too small. */
static size_t put_together(const zip_part *parts, size_t count, uint8_t *to, size_t most) {
    size_t at = 0, places[MOST_ENTRIES];
    for (size_t i = 0; i < 2 * count; i++) {
        const zip_part *part = &parts[i % count];
        const bool local = i < count;
        const size_t head = local ? 30 : 46;
        if (most - at < head + part->name_length + (local ? part->size : 0))
            return 0;
        memset(to + at, 0, head);
        memcpy(to + at, local ? "PK\3\4" : "PK\1\2", 4);
        put(to + at + (local ? 18 : 20), 4, part->size);
        put(to + at + (local ? 22 : 24), 4, part->size);
        put(to + at + (local ? 26 : 28), 2, part->name_length);
        if (local)
            places[i] = at;
        else
            put(to + at + 42, 4, places[i - count]);
        memcpy(to + at + head, part->name, part->name_length);
        at += head + part->name_length;
        if (local) {
            memcpy(to + at, part->bytes, part->size);
            at += part->size;
        }
    }
    if (most - at < 22)
        return 0;
    size_t directory = at;
    for (size_t i = 0; i < count; i++)
        directory -= 46 + parts[i].name_length;
    memset(to + at, 0, 22);
    memcpy(to + at, "PK\5\6", 4);
    put(to + at + 8, 2, count);
    put(to + at + 10, 2, count);
    put(to + at + 12, 4, at - directory);
    put(to + at + 16, 4, directory);
    return at + 22;
}

/* Changes one part of an archive, most often the pickle. */
static size_t mutate_zip(uint8_t *data, size_t size, size_t most, unsigned seed) {
    zip_part parts[MOST_ENTRIES];
    const size_t count = take_apart(data, size, parts);
    if (count == 0)
        return LLVMFuzzerMutate(data, size, most);
    zip_part *part = &parts[seed % count];
    for (size_t i = 0; seed / 64 % 4 && i < count; i++) {
        if (parts[i].name_length >= 4 &&
            !memcmp(parts[i].name + parts[i].name_length - 4, ".pkl", 4))
            part = &parts[i];
    }
    uint8_t *bytes = mutated(part->bytes, &part->size), *whole = malloc(most);
    check(whole, "out of memory");
    part->bytes = bytes;
    const size_t length = put_together(parts, count, whole, most);
    memcpy(data, whole, length);
    free(bytes);
    free(whole);
    return length ? length : LLVMFuzzerMutate(data, size, most);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    if (seed % 2)
        return LLVMFuzzerMutate(data, size, most);
    return size > 4 && !memcmp(data, "PK\3\4", 4)
               ? mutate_zip(data, size, most, seed / 2)
               : mutate_safetensors(data, size, most, seed / 2 % 4 != 0);
}
