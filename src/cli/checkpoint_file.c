/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fseeko */
#include "cli/checkpoint_file.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "cli/places.h"
#include "cli/signals.h"
#include "core/retry.h"

/* A mark of 8 bytes, the version and the length of the lines in 4 each, little endian; the lines;
 * the session; the digest. */
#define MARK "STYLRUN\n"
enum { MARK_BYTES = 8, HEAD_BYTES = 16, VERSION = 1, MOST_LINES = 1 << 20, NAME_BYTES = 32 };

static void put32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* ---- lines ---- */

void checkpoint_lines_clear(checkpoint_lines *self) {
    free(self->text);
    *self = (checkpoint_lines){0};
}

bool checkpoint_lines_add(checkpoint_lines *self, const char *name, const char *value,
                          stylize_error *err) {
    const size_t length = strlen(name) + 1 + strlen(value) + 1;
    if (length > MOST_LINES - self->length)
        return stylize_error_set(err, STYLIZE_FAILURE, "--checkpoint: the settings are too long");
    if (length > self->room - self->length) {
        const size_t room = 2 * (self->room + length);
        char *grown = realloc(self->text, room);
        if (!grown)
            return stylize_error_set(err, STYLIZE_FAILURE, "--checkpoint: out of memory");
        self->text = grown;
        self->room = room;
    }
    snprintf(self->text + self->length, length, "%s %s", name, value);
    self->length += length;
    return true;
}

bool checkpoint_lines_next(const checkpoint_lines *self, size_t *at, char name[NAME_BYTES],
                           const char **value) {
    if (*at >= self->length)
        return false;
    const char *line = self->text + *at;
    const size_t length = strlen(line), word = strcspn(line, " ");
    const size_t shown = word < NAME_BYTES ? word : NAME_BYTES - 1;
    memcpy(name, line, shown);
    name[shown] = '\0';
    *value = line + word + (line[word] == ' ');
    *at += length + 1;
    return true;
}

const char *checkpoint_lines_find(const checkpoint_lines *self, const char *name) {
    char found[NAME_BYTES];
    const char *value;
    for (size_t at = 0; checkpoint_lines_next(self, &at, found, &value);) {
        if (!strcmp(found, name))
            return value;
    }
    return NULL;
}

/* ---- writing ---- */

/* A checkpoint on its way to a file, some bytes at a time. */
typedef struct sink {
    const checkpoint_lines *lines;
    stylize_session *session;
    stylize_writer *put;
    void *to;
    struct sha256_ctx digest;
    size_t used;
    uint8_t block[1 << 16];
} sink;

static bool flush(sink *self, stylize_error *err) {
    const size_t count = self->used;
    self->used = 0;
    return self->put(self->to, self->block, count, err);
}

static bool append(void *user, const void *bytes, size_t count, stylize_error *err) {
    sink *self = user;
    const uint8_t *from = bytes;
    sha256_update(&self->digest, count, from);
    while (count) {
        const size_t room = sizeof self->block - self->used, part = count < room ? count : room;
        memcpy(self->block + self->used, from, part);
        self->used += part;
        from += part;
        count -= part;
        if (self->used == sizeof self->block && !flush(self, err))
            return false;
    }
    return true;
}

static bool compose(void *user, stylize_writer *put, void *to, stylize_error *err) {
    sink *self = user;
    uint8_t head[HEAD_BYTES] = MARK, digest[SHA256_DIGEST_SIZE];
    self->put = put;
    self->to = to;
    self->used = 0;
    sha256_init(&self->digest);
    put32(head + MARK_BYTES, VERSION);
    put32(head + MARK_BYTES + 4, (uint32_t)self->lines->length);
    if (!append(self, head, sizeof head, err) ||
        !append(self, self->lines->text, self->lines->length, err) ||
        !stylize_session_save(self->session, append, self, err))
        return false;
    sha256_digest(&self->digest, sizeof digest, digest);
    return append(self, digest, sizeof digest, err) && flush(self, err);
}

bool checkpoint_file_write(const char *path, const checkpoint_lines *lines,
                           stylize_session *session, stylize_error *err) {
    sink to = {.lines = lines, .session = session};
    signals_hold();
    const bool ok = places_compose(path, compose, &to, signals_end_asked, err);
    signals_release();
    return ok;
}

/* ---- reading ---- */

static bool refuse(const checkpoint_file *self, const char *what, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", self->path, what);
}

static bool is_cut(const checkpoint_file *self, stylize_error *err) {
    return ferror(self->file)
               ? stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", self->path, strerror(errno))
               : refuse(self, "the checkpoint is damaged: it ends too early", err);
}

/* Compares the digest of all but the last bytes with these. */
static bool check_digest(checkpoint_file *self, uint64_t size, stylize_error *err) {
    struct sha256_ctx context;
    uint8_t block[1 << 14], digest[SHA256_DIGEST_SIZE], saved[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    rewind(self->file);
    for (uint64_t left = size - sizeof saved; left;) {
        const size_t part = left < sizeof block ? (size_t)left : sizeof block;
        if (retry_fread(block, 1, part, self->file) != part)
            return is_cut(self, err);
        sha256_update(&context, part, block);
        left -= part;
    }
    sha256_digest(&context, sizeof digest, digest);
    if (retry_fread(saved, 1, sizeof saved, self->file) != sizeof saved)
        return is_cut(self, err);
    return !memcmp(digest, saved, sizeof saved) ||
           refuse(self, "the checkpoint is damaged: its bytes are not those that were written",
                  err);
}

/* Reads the lines; what follows them is the session. */
static bool read_lines(checkpoint_file *self, uint32_t length, stylize_error *err) {
    checkpoint_lines *lines = &self->lines;
    lines->text = malloc((size_t)length + 1);
    if (!lines->text)
        return refuse(self, "out of memory", err);
    if (fseek(self->file, HEAD_BYTES, SEEK_SET) != 0 ||
        retry_fread(lines->text, 1, length, self->file) != length)
        return is_cut(self, err);
    lines->text[length] = '\0';
    lines->length = length;
    lines->room = (size_t)length + 1;
    return true;
}

static bool read_all(checkpoint_file *self, stylize_error *err) {
    uint8_t head[HEAD_BYTES];
    off_t size;
    if (retry_fread(head, 1, sizeof head, self->file) != sizeof head ||
        memcmp(head, MARK, MARK_BYTES) != 0)
        return refuse(self, "it is not a checkpoint, as --checkpoint writes them", err);
    if (get32(head + MARK_BYTES) != VERSION)
        return refuse(self, "the checkpoint is of another version of stylize", err);
    if (fseeko(self->file, 0, SEEK_END) != 0 || (size = ftello(self->file)) < 0)
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", self->path, strerror(errno));
    const uint32_t length = get32(head + MARK_BYTES + 4);
    const uint64_t around = HEAD_BYTES + (uint64_t)length + SHA256_DIGEST_SIZE;
    if (length > MOST_LINES || (uint64_t)size < around)
        return refuse(self, "the checkpoint is damaged: it ends too early", err);
    self->left = (uint64_t)size - around;
    return check_digest(self, (uint64_t)size, err) && read_lines(self, length, err);
}

bool checkpoint_file_take(checkpoint_file *self, FILE *file, const char *name, stylize_error *err) {
    *self = (checkpoint_file){.path = name, .file = file};
    return read_all(self, err);
}

bool checkpoint_file_open(checkpoint_file *self, const char *path, stylize_error *err) {
    FILE *file = retry_fopen(path, "rb");
    *self = (checkpoint_file){.path = path};
    return file ? checkpoint_file_take(self, file, path, err)
                : stylize_error_set(err, STYLIZE_FAILURE, "cannot open %s: %s", path,
                                    strerror(errno));
}

void checkpoint_file_close(checkpoint_file *self) {
    if (self->file)
        fclose(self->file);
    checkpoint_lines_clear(&self->lines);
    *self = (checkpoint_file){0};
}

bool checkpoint_file_read(void *user, void *bytes, size_t count, stylize_error *err) {
    checkpoint_file *self = user;
    if (count > self->left || retry_fread(bytes, 1, count, self->file) != count)
        return is_cut(self, err);
    self->left -= count;
    return true;
}
