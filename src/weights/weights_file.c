/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "weights/weights_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "weights/half.h"

typedef struct metadata_pair {
    char *key, *value;
} metadata_pair;

typedef struct entry {
    weights_tensor tensor;
    char *name; /* the tensor's, owned */
} entry;

struct weights_file {
    char *path; /* for messages */
    file_bytes *bytes;
    entry *entries; /* [capacity], count of them in use */
    size_t count, capacity;
    const weights_tensor **by_name; /* [count], when all are there */
    metadata_pair *metadata;        /* [metadata_count] */
    size_t metadata_count;
};

/* ---- the file ---- */

weights_file *weights_file_new(file_bytes *bytes, const char *path, error *err) {
    weights_file *self = bytes ? calloc(1, sizeof *self) : NULL;
    char *copy = self ? strdup(path) : NULL;
    if (copy) {
        self->path = copy;
        self->bytes = bytes;
        return self;
    }
    if (bytes)
        error_set(err, ERROR_MEMORY, "%s: not enough memory", path);
    file_bytes_free(bytes);
    free(self);
    return NULL;
}

void weights_file_free(weights_file *self) {
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        free(self->entries[i].name);
    for (size_t i = 0; i < self->metadata_count; i++) {
        free(self->metadata[i].key);
        free(self->metadata[i].value);
    }
    free(self->by_name);
    free(self->entries);
    free(self->metadata);
    file_bytes_free(self->bytes);
    free(self->path);
    free(self);
}

file_bytes *weights_file_bytes(const weights_file *self) {
    return self->bytes;
}

/* ---- filling the table ---- */

void weights_tensor_set_contiguous(weights_tensor *self) {
    size_t stride = 1;
    for (int i = self->rank - 1; i >= 0; i--) {
        self->strides[i] = stride;
        stride *= self->shape[i];
    }
}

static bool check_name(const weights_file *self, const char *name, error *err) {
    if (strlen(name) <= WEIGHTS_NAME_MAX)
        return true;
    int shown = WEIGHTS_SHOWN_NAME_MAX;
    while (shown > 0 && ((unsigned char)name[shown] & 0xc0) == 0x80) /* whole UTF-8 characters */
        shown--;
    return error_set(err, ERROR_FAILURE, "%s: tensor '%.*s...': name over %d bytes", self->path,
                     shown, name, WEIGHTS_NAME_MAX);
}

static bool no_memory(const char *path, error *err) {
    return error_set(err, ERROR_MEMORY, "%s: not enough memory for its table", path);
}

bool weights_file_add(weights_file *self, const weights_tensor *tensor, error *err) {
    if (!check_name(self, tensor->name, err))
        return false;
    if (self->count == self->capacity) {
        const size_t capacity = self->capacity ? 2 * self->capacity : 64;
        entry *grown = realloc(self->entries, capacity * sizeof *grown);
        if (!grown)
            return no_memory(self->path, err);
        self->entries = grown;
        self->capacity = capacity;
    }
    char *name = strdup(tensor->name);
    if (!name)
        return no_memory(self->path, err);
    entry *e = &self->entries[self->count++];
    *e = (entry){.tensor = *tensor, .name = name};
    e->tensor.name = name; /* analysed: self->entries has it */
    return true;
}

bool weights_file_add_metadata(weights_file *self, const char *key, const char *value, error *err) {
    metadata_pair *grown =
        realloc(self->metadata, (self->metadata_count + 1) * sizeof *self->metadata);
    if (!grown)
        return no_memory(self->path, err);
    self->metadata = grown;
    metadata_pair *pair = &grown[self->metadata_count++];
    *pair = (metadata_pair){strdup(key), strdup(value)};
    return (pair->key && pair->value) || no_memory(self->path, err);
}

static int compare_names(const void *left, const void *right) {
    const weights_tensor *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

bool weights_file_finish(weights_file *self, error *err) {
    self->by_name = calloc(self->count + 1, sizeof *self->by_name);
    if (!self->by_name)
        return no_memory(self->path, err);
    for (size_t i = 0; i < self->count; i++)
        self->by_name[i] = &self->entries[i].tensor;
    qsort(self->by_name, self->count, sizeof *self->by_name, compare_names);
    for (size_t i = 1; i < self->count; i++) {
        if (!strcmp(self->by_name[i - 1]->name, self->by_name[i]->name))
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s' occurs twice", self->path,
                             self->by_name[i]->name);
    }
    return true;
}

/* ---- looking into it ---- */

size_t weights_file_count(const weights_file *self) {
    return self->count;
}

const weights_tensor *weights_file_at(const weights_file *self, size_t index) {
    return &self->entries[index].tensor;
}

const weights_tensor *weights_file_find(const weights_file *self, const char *name) {
    const weights_tensor wanted = {.name = name}, *key = &wanted;
    const weights_tensor **found =
        bsearch(&key, self->by_name, self->count, sizeof *self->by_name, compare_names);
    return found ? *found : NULL;
}

const char *weights_file_metadata(const weights_file *self, const char *key) {
    for (size_t i = 0; i < self->metadata_count; i++) {
        if (!strcmp(self->metadata[i].key, key))
            return self->metadata[i].value;
    }
    return NULL;
}

bool weights_file_metadata_at(const weights_file *self, size_t index, const char **key,
                              const char **value) {
    if (index >= self->metadata_count)
        return false;
    *key = self->metadata[index].key;
    *value = self->metadata[index].value;
    return true;
}

/* ---- values ---- */

enum { PIECE = 1 << 14 }; /* bytes that are read at a time where they are not yet floats */

static size_t value_bytes(const weights_tensor *tensor) {
    return tensor->type == WEIGHTS_F32 ? 4 : tensor->type == WEIGHTS_F16 ? 2 : 1;
}

/* An F32 or F16 as a float's bits. */
static uint32_t value_bits(weights_type type, const unsigned char *p) {
    if (type == WEIGHTS_F32)
        return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return half_to_float_bits((uint16_t)(p[0] | p[1] << 8));
}

/* All that is said of a table's tensor lies in the file, so it is reading that failed. */
static bool not_read(const weights_file *self, error *err) {
    return file_bytes_failed(self->bytes, err)
               ? false
               : error_set(err, ERROR_FAILURE, "%s: cannot be read", self->path);
}

/* out[i] of a value at p, which may be the same place. */
static bool take_value(const weights_file *self, const weights_tensor *tensor,
                       const unsigned char *p, size_t i, float *out, error *err) {
    const uint32_t bits = value_bits(tensor->type, p);
    if ((bits & 0x7f800000u) == 0x7f800000u)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': value %zu is NaN or infinite",
                         self->path, tensor->name, i);
    memcpy(out + i, &bits, sizeof bits);
    return true;
}

/* Of a tensor in one piece: floats come straight to their place. */
static bool read_contiguous(const weights_file *self, const weights_tensor *tensor, float *out,
                            error *err) {
    unsigned char piece[PIECE];
    const size_t each = value_bytes(tensor), most = PIECE / each;
    for (size_t i = 0; i < tensor->count;) {
        const size_t n = tensor->count - i < most ? tensor->count - i : most;
        /* analysed: the piece is read into next */
        unsigned char *to = tensor->type == WEIGHTS_F32 ? (unsigned char *)(out + i) : piece;
        if (!file_bytes_read(self->bytes, tensor->at + i * each, n * each, to))
            return not_read(self, err);
        for (const size_t end = i + n; i < end; i++, to += each) {
            if (!take_value(self, tensor, to, i, out, err))
                return false;
        }
    }
    return true;
}

/* Shape and strides with as many dimensions of 1 before them as make the rank four. */
static void pad_rank(const weights_tensor *tensor, size_t shape[WEIGHTS_MAX_RANK],
                     size_t strides[WEIGHTS_MAX_RANK]) {
    const int missing = WEIGHTS_MAX_RANK - tensor->rank;
    for (int i = 0; i < WEIGHTS_MAX_RANK; i++) {
        shape[i] = i < missing ? 1 : tensor->shape[i - missing];
        strides[i] = i < missing ? 0 : tensor->strides[i - missing];
    }
}

/* Of any other, which is not empty. */
static bool read_strided(const weights_file *self, const weights_tensor *tensor, float *out,
                         error *err) {
    const size_t each = value_bytes(tensor);
    size_t n[WEIGHTS_MAX_RANK], step[WEIGHTS_MAX_RANK], i = 0, last = 0;
    pad_rank(tensor, n, step);
    for (int k = 0; k < WEIGHTS_MAX_RANK; k++)
        last += (n[k] - 1) * step[k];
    const unsigned char *data = file_bytes_view(self->bytes, tensor->at, (last + 1) * each);
    if (!data)
        return not_read(self, err);
    for (size_t a = 0; a < n[0]; a++) {
        for (size_t b = 0; b < n[1]; b++) {
            for (size_t c = 0; c < n[2]; c++) {
                for (size_t d = 0; d < n[3]; d++, i++) {
                    const size_t at = a * step[0] + b * step[1] + c * step[2] + d * step[3];
                    if (!take_value(self, tensor, data + at * each, i, out, err))
                        return false;
                }
            }
        }
    }
    return true;
}

static bool is_contiguous(const weights_tensor *tensor) {
    size_t stride = 1;
    bool is = true;
    for (int i = tensor->rank - 1; i >= 0; i--) {
        is = is && (tensor->shape[i] == 1 || tensor->strides[i] == stride);
        stride *= tensor->shape[i];
    }
    return is;
}

bool weights_file_read(const weights_file *self, const weights_tensor *tensor, float *out,
                       error *err) {
    if (tensor->type != WEIGHTS_F32 && tensor->type != WEIGHTS_F16)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': dtype is neither F32 nor F16",
                         self->path, tensor->name);
    if (!tensor->count)
        return true;
    return is_contiguous(tensor) ? read_contiguous(self, tensor, out, err)
                                 : read_strided(self, tensor, out, err);
}

/* out[i] = values[i] * scale of the I8 values that lie at a place: they come from safetensors
 * alone, where they lie in one piece. */
static bool read_scaled(const weights_file *self, size_t at, size_t count, float scale,
                        float *restrict out) {
    unsigned char piece[PIECE];
    for (size_t done = 0; done < count;) {
        const size_t n = count - done < PIECE ? count - done : PIECE;
        if (!file_bytes_read(self->bytes, at + done, n, piece))
            return false;
        for (size_t i = 0; i < n; i++)
            out[done + i] = (float)(signed char)piece[i] * scale;
        done += n;
    }
    return true;
}

bool weights_file_read_scaled(const weights_file *self, const weights_tensor *tensor,
                              const weights_tensor *scales, float *out, error *err) {
    const size_t each = tensor->count ? tensor->count / tensor->shape[0] : 0;
    for (size_t i = 0; i < scales->count; i++) {
        const unsigned char *p = file_bytes_view(self->bytes, scales->at + 4 * i, 4);
        if (!p)
            return not_read(self, err);
        const uint32_t bits = value_bits(WEIGHTS_F32, p);
        float scale;
        memcpy(&scale, &bits, sizeof scale);
        if (!(scale >= WEIGHTS_SCALE_LEAST && scale <= WEIGHTS_SCALE_MOST))
            return error_set(err, ERROR_FAILURE,
                             "%s: tensor '%s': value %zu is not a scale between %g and %g",
                             self->path, scales->name, i, (double)WEIGHTS_SCALE_LEAST,
                             (double)WEIGHTS_SCALE_MOST);
        if (!read_scaled(self, tensor->at + i * each, each, scale, out + i * each))
            return not_read(self, err);
    }
    return true;
}
