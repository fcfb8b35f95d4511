/* SPDX-License-Identifier: MIT */
#include "weights/zip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of the fixed parts of the format's records, and where in them what is. */
enum {
    END_SIZE = 22,
    END_COMMENT_LENGTH = 20,
    END_ENTRIES = 10,
    END_DIRECTORY = 16,
    LOCATOR_SIZE = 20, /* of the ZIP64 end; stands right before the end */
    LOCATOR_END64 = 8,
    END64_SIZE = 56,
    END64_ENTRIES = 32,
    END64_DIRECTORY = 48,
    HEADER_SIZE = 46, /* in the directory */
    HEADER_FLAGS = 8,
    HEADER_METHOD = 10,
    HEADER_PACKED = 20,
    HEADER_UNPACKED = 24,
    HEADER_NAME_LENGTH = 28,
    HEADER_EXTRA_LENGTH = 30,
    HEADER_COMMENT_LENGTH = 32,
    HEADER_LOCAL = 42,
    LOCAL_SIZE = 30, /* before the data */
    LOCAL_NAME_LENGTH = 26,
    LOCAL_EXTRA_LENGTH = 28,
};

#define MOST_COMMENT 65535u
#define ENCRYPTED 1u        /* a flag */
#define IN_EXTRA UINT32_MAX /* a number that did not fit and stands in the extra field */
#define EXTRA_ZIP64 1u      /* the extra field's kind */
#define SHOWN_NAME 40       /* bytes of a name that an error repeats */

typedef struct reader {
    const char *path;
    file_bytes *bytes;
    size_t size;
    error *err;
} reader;

static bool fail(const reader *r, const char *what) {
    return error_set(r->err, ERROR_FAILURE, "%s: broken ZIP archive: %s", r->path, what);
}

static uint64_t number(const unsigned char *p, int bytes) {
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | p[i];
    return value;
}

/* The record of `length` bytes at `offset` if it is all there and starts with the mark; or NULL. */
static const unsigned char *record(const reader *r, uint64_t offset, size_t length,
                                   const char mark[4]) {
    const unsigned char *there =
        offset > r->size ? NULL : file_bytes_view(r->bytes, (size_t)offset, length);
    return there && !memcmp(there, mark, 4) ? there : NULL;
}

/* Where the directory starts and how many entries it has. */
static bool find_directory(const reader *r, uint64_t *offset, uint64_t *count) {
    const unsigned char *end = NULL;
    size_t at = 0;
    for (size_t comment = 0; !end && comment <= MOST_COMMENT; comment++) {
        if (r->size < END_SIZE + comment)
            break;
        at = r->size - END_SIZE - comment;
        end = record(r, at, END_SIZE, "PK\5\6");
        if (end && number(end + END_COMMENT_LENGTH, 2) != comment)
            end = NULL;
    }
    if (!end)
        return fail(r, "its directory is missing (is it truncated?)");
    *count = number(end + END_ENTRIES, 2);
    *offset = number(end + END_DIRECTORY, 4);
    const unsigned char *locator =
        at < LOCATOR_SIZE ? NULL : record(r, at - LOCATOR_SIZE, LOCATOR_SIZE, "PK\6\7");
    if (!locator)
        return true;
    const unsigned char *end64 =
        record(r, number(locator + LOCATOR_END64, 8), END64_SIZE, "PK\6\6");
    if (!end64)
        return fail(r, "its ZIP64 directory is missing");
    *count = number(end64 + END64_ENTRIES, 8);
    *offset = number(end64 + END64_DIRECTORY, 8);
    return true;
}

/* The numbers of a header, with what stands in its extra field [length]. */
typedef struct place {
    uint64_t unpacked, packed, local;
} place;

static bool read_place(const unsigned char *header, const unsigned char *extra, size_t length,
                       place *out) {
    *out = (place){number(header + HEADER_UNPACKED, 4), number(header + HEADER_PACKED, 4),
                   number(header + HEADER_LOCAL, 4)};
    uint64_t *const wide[] = {&out->unpacked, &out->packed, &out->local};
    while (length >= 4) {
        const size_t kind = (size_t)number(extra, 2), size = (size_t)number(extra + 2, 2);
        extra += 4;
        length -= 4;
        if (size > length)
            return false;
        for (size_t i = 0, used = 0; kind == EXTRA_ZIP64 && i < 3; i++) {
            if (*wide[i] != IN_EXTRA)
                continue;
            if (used + 8 > size)
                return false;
            *wide[i] = number(extra + used, 8);
            used += 8;
        }
        extra += size;
        length -= size;
    }
    return true;
}

/* The entry whose header is at *offset, which moves on to the next. */
static bool read_entry(const reader *r, uint64_t *offset, zip_entry *entry) {
    const unsigned char *header = record(r, *offset, HEADER_SIZE, "PK\1\2");
    if (!header)
        return fail(r, "an entry of its directory is missing");
    const size_t name_length = (size_t)number(header + HEADER_NAME_LENGTH, 2);
    const size_t extra_length = (size_t)number(header + HEADER_EXTRA_LENGTH, 2);
    const size_t whole = HEADER_SIZE + name_length + extra_length +
                         (size_t)number(header + HEADER_COMMENT_LENGTH, 2);
    if (!record(r, *offset, whole, "PK\1\2"))
        return fail(r, "an entry of its directory is truncated");
    *offset += whole;
    entry->name = (const char *)header + HEADER_SIZE;
    entry->name_length = name_length;
    const int shown = name_length < SHOWN_NAME ? (int)name_length : SHOWN_NAME;
    place at;
    if (!read_place(header, header + HEADER_SIZE + name_length, extra_length, &at))
        return fail(r, "an entry's sizes are missing");
    if (number(header + HEADER_METHOD, 2) != 0 || number(header + HEADER_FLAGS, 2) & ENCRYPTED ||
        at.packed != at.unpacked)
        return error_set(
            r->err, ERROR_FAILURE,
            "%s: '%.*s' is compressed or encrypted, which a state dict never is (from a "
            "TorchScript model, save "
            "its state_dict())",
            r->path, shown, entry->name);
    const unsigned char *local = record(r, at.local, LOCAL_SIZE, "PK\3\4");
    if (!local)
        return fail(r, "an entry is missing");
    const uint64_t begin = at.local + LOCAL_SIZE + number(local + LOCAL_NAME_LENGTH, 2) +
                           number(local + LOCAL_EXTRA_LENGTH, 2);
    if (begin > r->size || at.unpacked > r->size - begin)
        return error_set(r->err, ERROR_FAILURE,
                         "%s: '%.*s' extends past the end of the file (is it truncated?)", r->path,
                         shown, entry->name);
    entry->at = (size_t)begin;
    entry->size = (size_t)at.unpacked;
    return true;
}

static int compare_names(const void *left, const void *right) {
    const zip_entry *a = left, *b = right;
    if (a->name_length != b->name_length)
        return a->name_length < b->name_length ? -1 : 1;
    return memcmp(a->name, b->name, a->name_length);
}

bool zip_archive_init(zip_archive *self, const char *path, file_bytes *bytes, error *err) {
    const size_t size = file_bytes_size(bytes);
    const reader r = {path, bytes, size, err};
    uint64_t offset = 0, count = 0;
    *self = (zip_archive){0};
    if (!find_directory(&r, &offset, &count))
        return false;
    if (count > size / HEADER_SIZE)
        return fail(&r, "its directory has more entries than fit");
    self->entries = calloc((size_t)count + 1, sizeof *self->entries);
    if (!self->entries)
        return error_set(err, ERROR_MEMORY, "%s: not enough memory for its directory", path);
    for (; self->count < count; self->count++) {
        if (!read_entry(&r, &offset, &self->entries[self->count]))
            return false;
    }
    qsort(self->entries, self->count, sizeof *self->entries, compare_names);
    for (size_t i = 1; i < self->count; i++) {
        if (!compare_names(&self->entries[i - 1], &self->entries[i]))
            return fail(&r, "two entries have the same name");
    }
    return true;
}

void zip_archive_clear(zip_archive *self) {
    free(self->entries);
    *self = (zip_archive){0};
}

const zip_entry *zip_archive_find(const zip_archive *self, const char *name, size_t length) {
    const zip_entry key = {.name = name, .name_length = length};
    return self->count ? bsearch(&key, self->entries, self->count, sizeof key, compare_names)
                       : NULL;
}
