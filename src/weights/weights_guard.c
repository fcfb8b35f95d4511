/* SPDX-License-Identifier: MIT
 *
 * The answer: how many tensors and pairs of metadata there are; of each tensor a row of fixed size
 * and its name; of each pair two texts, as size and bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include "weights/weights_guard.h"

#include <stdlib.h>
#include <string.h>

#include "core/guard.h"
#include "core/memory.h"
#include "core/memory_limit.h"

#define MOST_TEXT ((size_t)100000000) /* bytes: no header of a file has more */

/* The name follows, with its zero. */
typedef struct question {
    weights_parser *parse;
    size_t size; /* of the file */
    char name[GUARD_MOST_QUESTION - sizeof(weights_parser *) - sizeof(size_t)];
} question;

/* Bytes: what an entry of a table has in a file at least, besides its texts; and what all of them
 * may have above the size of the file. */
enum { LEAST_ENTRY = 6, SPARE = 1 << 16 };

typedef struct head {
    size_t tensors, pairs;
} head;

typedef struct row {
    size_t name_size, offset, count;
    size_t shape[WEIGHTS_MAX_RANK], strides[WEIGHTS_MAX_RANK];
    int type, rank;
} row;

/* ---- the worker's side ---- */

static bool put_text(guard_worker *self, const char *text, error *err) {
    const size_t size = strlen(text);
    return guard_put(self, &size, sizeof size, err) && guard_put(self, text, size, err);
}

static bool put_table(guard_worker *self, const weights_file *file, error *err) {
    const char *key, *value;
    head top = {.tensors = weights_file_count(file)};
    while (weights_file_metadata_at(file, top.pairs, &key, &value))
        top.pairs++;
    bool ok = guard_put(self, &top, sizeof top, err);
    for (size_t i = 0; ok && i < top.tensors; i++) {
        const weights_tensor *t = weights_file_at(file, i);
        row r = {.name_size = strlen(t->name),
                 .offset = t->at,
                 .count = t->count,
                 .type = (int)t->type,
                 .rank = t->rank};
        memcpy(r.shape, t->shape, sizeof r.shape);
        memcpy(r.strides, t->strides, sizeof r.strides);
        ok = guard_put(self, &r, sizeof r, err) && guard_put(self, t->name, r.name_size, err);
    }
    for (size_t i = 0; ok && weights_file_metadata_at(file, i, &key, &value); i++)
        ok = put_text(self, key, err) && put_text(self, value, err);
    return ok;
}

static bool work_on_table(guard_worker *self, error *err) {
    size_t size;
    const question *asked = guard_question(self, &size);
    file_bytes *bytes =
        file_bytes_adopt(fileno(guard_file(self)), asked->size, asked->name, err);
    weights_file *file = weights_file_new(bytes, asked->name, err);
    return file && asked->parse(file, asked->name, err) && put_table(self, file, err);
}

/* ---- the program's side ---- */

/* Takes so many bytes from what the table may have yet. */
static bool spend(guard_answer *from, size_t *left, size_t bytes, error *err) {
    if (bytes > *left)
        return guard_refuse(from, err);
    *left -= bytes;
    return true;
}

/* A text of that size; NULL with *err. */
static char *get_text(guard_answer *from, size_t size, size_t *left, error *err) {
    if (!spend(from, left, size, err))
        return NULL;
    char *text = size <= MOST_TEXT ? malloc(size + 1) : NULL;
    if (!text) {
        if (size <= MOST_TEXT)
            error_set(err, ERROR_MEMORY, "not enough memory for the table of a weights file");
        else
            guard_refuse(from, err);
        return NULL;
    }
    text[size] = '\0';
    if (guard_get(from, text, size, err) && (strlen(text) == size || guard_refuse(from, err)))
        return text;
    free(text);
    return NULL;
}

/* Bytes of an element as they are read; of what is never read 1. */
static size_t element_size(weights_type type) {
    return type == WEIGHTS_F32 ? 4 : type == WEIGHTS_F16 ? 2 : 1;
}

/* Whether a row can be true of a file of that size; then *out is it, but for its name. */
static bool check_row(const row *r, size_t size, weights_tensor *out) {
    if (r->type < WEIGHTS_F32 || r->type > WEIGHTS_OTHER || r->rank < 0 ||
        r->rank > WEIGHTS_MAX_RANK || r->offset > size || r->name_size > WEIGHTS_NAME_MAX)
        return false;
    *out = (weights_tensor){.type = (weights_type)r->type, .rank = r->rank, .count = 1};
    size_t last = 0; /* the last element */
    for (int i = 0; i < r->rank; i++) {
        size_t span = 0;
        if (!memory_multiply(out->count, r->shape[i], &out->count) ||
            (r->shape[i] && !memory_multiply(r->shape[i] - 1, r->strides[i], &span)))
            return false;
        out->shape[i] = r->shape[i];
        out->strides[i] = r->strides[i];
        last = memory_add(last, span);
    }
    size_t needed = 0;
    if (out->count != r->count ||
        (out->count && !memory_multiply(memory_add(last, 1), element_size(out->type), &needed)) ||
        needed > size - r->offset || out->count > size)
        return false;
    if (out->type == WEIGHTS_I8) { /* is read as lying in one piece */
        weights_tensor plain = *out;
        weights_tensor_set_contiguous(&plain);
        if (out->count && memcmp(plain.strides, out->strides, sizeof plain.strides) != 0)
            return false;
    }
    out->at = r->offset;
    return true;
}

static bool take_tensor(guard_answer *from, weights_file *self, size_t *left, error *err) {
    weights_tensor tensor;
    row r;
    if (!spend(from, left, LEAST_ENTRY, err) || !guard_get(from, &r, sizeof r, err))
        return false;
    if (!check_row(&r, file_bytes_size(weights_file_bytes(self)), &tensor))
        return guard_refuse(from, err);
    char *name = get_text(from, r.name_size, left, err);
    tensor.name = name;
    const bool ok = name && weights_file_add(self, &tensor, err);
    free(name);
    return ok;
}

static bool take_pair(guard_answer *from, weights_file *self, size_t *left, error *err) {
    char *texts[2] = {NULL, NULL};
    bool ok = spend(from, left, LEAST_ENTRY, err);
    for (int i = 0; ok && i < 2; i++) {
        size_t size;
        ok = guard_get(from, &size, sizeof size, err) &&
             (texts[i] = get_text(from, size, left, err));
    }
    ok = ok && weights_file_add_metadata(self, texts[0], texts[1], err);
    free(texts[0]);
    free(texts[1]);
    return ok;
}

static bool take_table(guard_answer *from, void *user, error *err) {
    weights_file *self = user;
    const size_t size = file_bytes_size(weights_file_bytes(self));
    size_t left = memory_add(size < MOST_TEXT ? size : MOST_TEXT, SPARE);
    head top;
    bool ok = guard_get(from, &top, sizeof top, err);
    /* The least that a format needs for each of them is a byte. */
    if (ok && (top.tensors > size || top.pairs > size))
        return guard_refuse(from, err);
    for (size_t i = 0; ok && i < top.tensors; i++)
        ok = take_tensor(from, self, &left, err);
    for (size_t i = 0; ok && i < top.pairs; i++)
        ok = take_pair(from, self, &left, err);
    return ok;
}

bool weights_guard_parse(weights_parser *parse, weights_file *self, const char *path, error *err) {
    const file_bytes *bytes = weights_file_bytes(self);
    question asked = {.parse = parse, .size = file_bytes_size(bytes)};
    const size_t length = strlen(path) + 1;
    if (!guard_is_on())
        return parse(self, path, err);
    if (length > sizeof asked.name)
        return error_set(err, ERROR_FAILURE, "%s: its name is too long", path);
    memcpy(asked.name, path, length);
    const guard_task task = {.work = work_on_table,
                             .question = &asked,
                             .question_size = offsetof(question, name) + length,
                             /* With room for the file, which is viewed in parts. */
                             .memory = memory_add((size_t)memory_limit_get(0).bytes, asked.size),
                             .file = file_bytes_descriptor(bytes),
                             .name = path,
                             .take = take_table,
                             .user = self};
    return guard_run(&task, err);
}
