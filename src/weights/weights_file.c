/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "weights/weights_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "weights/half.h"

typedef struct metadata_pair {
    char *key, *value;
} metadata_pair;

typedef struct entry {
    weights_tensor tensor;
    char *name; /* the tensor's, owned */
} entry;

struct weights_file {
    char *path;                 /* for messages */
    const unsigned char *bytes; /* [size], mapped or borrowed */
    size_t size;
    bool mapped;
    entry *entries; /* [capacity], count of them in use */
    size_t count, capacity;
    const weights_tensor **by_name; /* [count], when all are there */
    metadata_pair *metadata;        /* [metadata_count] */
    size_t metadata_count;
};

/* ---- the file ---- */

/* An empty file yields no mapping and a size of 0. */
static bool map_file(weights_file *self, error *err) {
    bool ok = false;
    struct stat info;
    /* O_NONBLOCK: opening a pipe must lead to the refusal below, not to waiting for a writer. */
    const int fd = open(self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(err, errno, "%s", self->path);
    if (fstat(fd, &info)) {
        error_set_errno(err, errno, "%s", self->path);
        goto done;
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(err, ERROR_FAILURE, "%s: not a regular file", self->path);
        goto done;
    }
    self->size = (size_t)info.st_size;
    if ((off_t)self->size != info.st_size) {
        error_set(err, ERROR_FAILURE, "%s: too large for this system", self->path);
        goto done;
    }
    if (self->size) {
        void *map = mmap(NULL, self->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED) {
            error_set_errno(err, errno, "%s: cannot be memory-mapped", self->path);
            goto done;
        }
        self->bytes = map;
        self->mapped = true;
    }
    ok = true;
done:
    close(fd);
    return ok;
}

static weights_file *make_empty(const char *path, error *err) {
    weights_file *self = calloc(1, sizeof *self);
    if (self)
        self->path = strdup(path);
    if (self && self->path)
        return self;
    error_set(err, ERROR_MEMORY, "%s: not enough memory", path);
    weights_file_free(self);
    return NULL;
}

weights_file *weights_file_map(const char *path, error *err) {
    weights_file *self = make_empty(path, err);
    if (self && map_file(self, err))
        return self;
    weights_file_free(self);
    return NULL;
}

weights_file *weights_file_borrow(const void *bytes, size_t size, const char *name, error *err) {
    weights_file *self = make_empty(name, err);
    if (self) {
        self->bytes = bytes;
        self->size = size;
    }
    return self;
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
    if (self->mapped)
        munmap((void *)(uintptr_t)self->bytes, self->size);
    free(self->path);
    free(self);
}

const unsigned char *weights_file_bytes(const weights_file *self, size_t *size) {
    *size = self->size;
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
    e->tensor.name = name;
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

/* The bits of the element at an offset, as a float's. */
static uint32_t element_bits(const weights_tensor *tensor, size_t offset) {
    if (tensor->type == WEIGHTS_F32) {
        const unsigned char *p = tensor->data + 4 * offset;
        return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    }
    const unsigned char *p = tensor->data + 2 * offset;
    return half_to_float_bits((uint16_t)(p[0] | p[1] << 8));
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

bool weights_file_read(const weights_file *self, const weights_tensor *tensor, float *out,
                       error *err) {
    if (tensor->type != WEIGHTS_F32 && tensor->type != WEIGHTS_F16)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': dtype is neither F32 nor F16",
                         self->path, tensor->name);
    size_t n[WEIGHTS_MAX_RANK], step[WEIGHTS_MAX_RANK], i = 0;
    pad_rank(tensor, n, step);
    if (!tensor->count)
        return true;
    for (size_t a = 0; a < n[0]; a++) {
        for (size_t b = 0; b < n[1]; b++) {
            for (size_t c = 0; c < n[2]; c++) {
                for (size_t d = 0; d < n[3]; d++, i++) {
                    const uint32_t bits =
                        element_bits(tensor, a * step[0] + b * step[1] + c * step[2] + d * step[3]);
                    if ((bits & 0x7f800000u) == 0x7f800000u)
                        return error_set(err, ERROR_FAILURE,
                                         "%s: tensor '%s': value %zu is NaN or infinite",
                                         self->path, tensor->name, i);
                    memcpy(out + i, &bits, sizeof bits);
                }
            }
        }
    }
    return true;
}

/* out[i] = values[i] * scale: I8 comes from safetensors alone, where it lies in one piece. */
static void scale_values(const unsigned char *values, size_t count, float scale,
                         float *restrict out) {
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(signed char)values[i] * scale;
}

bool weights_file_read_scaled(const weights_file *self, const weights_tensor *tensor,
                              const weights_tensor *scales, float *out, error *err) {
    const size_t each = tensor->count ? tensor->count / tensor->shape[0] : 0;
    for (size_t i = 0; i < scales->count; i++) {
        const uint32_t bits = element_bits(scales, i);
        float scale;
        memcpy(&scale, &bits, sizeof scale);
        if (!(scale >= WEIGHTS_SCALE_LEAST && scale <= WEIGHTS_SCALE_MOST))
            return error_set(err, ERROR_FAILURE,
                             "%s: tensor '%s': value %zu is not a scale between %g and %g",
                             self->path, scales->name, i, (double)WEIGHTS_SCALE_LEAST,
                             (double)WEIGHTS_SCALE_MOST);
        scale_values(tensor->data + i * each, each, scale, out + i * each);
    }
    return true;
}
