/* SPDX-License-Identifier: MIT
 *
 * A safetensors file that is being made: tensors are added one after another, then it is saved.
 */
#ifndef STYLIZE_CONVERT_TENSORS_FILE_H
#define STYLIZE_CONVERT_TENSORS_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

typedef struct tensors_file {
    json_t *header;      /* owned */
    unsigned char *data; /* [size] of [capacity], owned */
    size_t size, capacity;
    bool no_memory; /* was short at any time */
} tensors_file;

/* Takes over the metadata, whose values are strings. Clearing is needed in any case. */
void tensors_file_init(tensors_file *self, json_t *metadata);
void tensors_file_clear(tensors_file *self);

/* How a type is called in the file, and the bytes of a value. */
typedef struct tensors_type {
    const char *name;
    size_t bytes;
} tensors_type;

extern const tensors_type tensors_f32, tensors_f16, tensors_i8;

/* Adds a tensor of shape [rank]. Returns where its values go, valid until the next is added; NULL
 * when memory is short, of which tensors_file_save tells. */
unsigned char *tensors_file_add(tensors_file *self, const char *name, tensors_type type,
                                const size_t *shape, int rank);

/* Stores a value, or one rounded to F16, little-endian; returns what is behind it. */
unsigned char *tensors_put_f32(unsigned char *at, float value);
unsigned char *tensors_put_f16(unsigned char *at, float value);

/* Writes the file completely or not at all. *size is its length in bytes. False with *err. */
bool tensors_file_save(const tensors_file *self, const char *path, size_t *size, error *err);

#endif
