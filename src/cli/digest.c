/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* st_mtim, fileno */
#include "cli/digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/retry.h"

_Static_assert(DIGEST_LENGTH == 2 * SHA256_DIGEST_SIZE, "two digits a byte");

typedef struct digest_entry {
    struct stat status; /* which file, and as it was */
    digest_text text;
} digest_entry;

void digests_clear(digests *self) {
    free(self->items);
    *self = (digests){0};
}

bool digest_same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const digest_entry *find(const digests *self, const struct stat *status) {
    for (size_t i = 0; self && i < self->count; i++) {
        if (digest_same_file(&self->items[i].status, status))
            return &self->items[i];
    }
    return NULL;
}

/* Where memory is short the file is read again next time. */
static void keep(digests *self, const struct stat *status, const digest_text text) {
    if (self->count == self->room) {
        const size_t room = 2 * self->room + 16;
        digest_entry *grown = realloc(self->items, room * sizeof *grown);
        if (!grown)
            return;
        self->items = grown;
        self->room = room;
    }
    digest_entry *entry = &self->items[self->count++];
    entry->status = *status;
    memcpy(entry->text, text, sizeof entry->text);
}

/* False with errno set. */
static bool read_file(FILE *file, digest_text text) {
    static const char digits[] = "0123456789abcdef";
    struct sha256_ctx context;
    uint8_t block[1 << 14], digest[SHA256_DIGEST_SIZE];
    size_t length;
    sha256_init(&context);
    while ((length = retry_fread(block, 1, sizeof block, file)) > 0)
        sha256_update(&context, length, block);
    if (ferror(file))
        return false;
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[DIGEST_LENGTH] = '\0';
    return true;
}

bool digest_file(digests *self, const char *path, digest_text text, stylize_error *err) {
    struct stat status;
    text[0] = '\0';
    if (!strcmp(path, "-") || (retry_stat(path, &status) == 0 && !S_ISREG(status.st_mode)))
        return true; /* opening a pipe would wait for a writer, or take what is in it */
    FILE *file = retry_fopen(path, "rb");
    bool ok = file && retry_fstat(fileno(file), &status) == 0;
    const digest_entry *known = ok ? find(self, &status) : NULL;
    if (known)
        memcpy(text, known->text, sizeof known->text);
    else
        ok = ok && read_file(file, text);
    if (!ok)
        stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", path, strerror(errno));
    else if (self && !known)
        keep(self, &status, text);
    if (file)
        fclose(file);
    return ok;
}
