/* SPDX-License-Identifier: MIT */
#include "convert/tensors_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "core/memory.h"
#include "image/output_file.h"
#include "weights/half.h"

enum { LENGTH_BYTES = 8, ALIGNMENT = 8 }; /* the data begin at a multiple */

const tensors_type tensors_f32 = {"F32", 4}, tensors_f16 = {"F16", 2}, tensors_i8 = {"I8", 1};

void tensors_file_init(tensors_file *self, json_t *metadata) {
    *self = (tensors_file){.header = json_object()};
    self->no_memory = json_object_set_new(self->header, "__metadata__", metadata) != 0;
}

void tensors_file_clear(tensors_file *self) {
    json_decref(self->header);
    free(self->data);
    *self = (tensors_file){0};
}

/* ---- values ---- */

/* Puts the lowest `bytes` bytes of a number at `at`; returns what is behind them. */
static unsigned char *put(unsigned char *at, uint64_t number, int bytes) {
    for (int i = 0; i < bytes; i++)
        *at++ = (unsigned char)(number >> 8 * i);
    return at;
}

unsigned char *tensors_put_f32(unsigned char *at, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return put(at, bits, 4);
}

unsigned char *tensors_put_f16(unsigned char *at, float value) {
    return put(at, half_of_float(value), 2);
}

/* ---- tensors ---- */

/* Room for as many bytes more; false when memory is short. */
static bool grow(tensors_file *self, size_t more) {
    if (more <= self->capacity - self->size)
        return true;
    const size_t capacity = 2 * self->capacity + more;
    unsigned char *grown = realloc(self->data, capacity);
    if (!grown)
        return false;
    self->data = grown;
    self->capacity = capacity;
    return true;
}

unsigned char *tensors_file_add(tensors_file *self, const char *name, tensors_type type,
                                const size_t *shape, int rank) {
    const size_t begin = self->size;
    size_t bytes = type.bytes;
    json_t *sides = json_array();
    for (int i = 0; i < rank; i++) {
        bytes *= shape[i];
        self->no_memory |= json_array_append_new(sides, json_integer((json_int_t)shape[i])) != 0;
    }
    /* What memory was too short for comes as NULL, which is refused. */
    json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", type.name, "shape", sides,
                              "data_offsets", (json_int_t)begin,
                              (json_int_t)begin + (json_int_t)bytes);
    self->no_memory |= json_object_set_new(self->header, name, entry) != 0 || !grow(self, bytes);
    if (self->no_memory)
        return NULL;
    self->size += bytes;
    return self->data + begin;
}

/* ---- the file ---- */

/* The header as text, to be freed, padded to the alignment; NULL when memory is short. */
static char *make_header(const tensors_file *self) {
    char *text = self->no_memory ? NULL : json_text_dump(self->header, JSON_COMPACT);
    if (!text)
        return NULL;
    const size_t length = strlen(text), padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *grown = realloc(text, padded + 1);
    if (!grown) {
        free(text);
        return NULL;
    }
    memset(grown + length, ' ', padded - length);
    grown[padded] = '\0';
    return grown;
}

bool tensors_file_save(const tensors_file *self, const char *path, size_t *size, error *err) {
    char *header = make_header(self);
    if (!header)
        return error_set(err, ERROR_FAILURE, "%s: not enough memory for its header", path);
    const size_t header_size = strlen(header);
    *size = LENGTH_BYTES + header_size + self->size;
    unsigned char *bytes = memory_alloc(*size, 1, err);
    bool ok = bytes != NULL;
    if (ok) {
        unsigned char *at = put(bytes, header_size, LENGTH_BYTES);
        memcpy(at, header, header_size);
        if (self->size)
            memcpy(at + header_size, self->data, self->size);
        ok = output_file_write(path, bytes, *size, NULL, err);
    }
    memory_free(bytes);
    free(header);
    return ok;
}
