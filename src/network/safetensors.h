/* SPDX-License-Identifier: MIT
 *
 * Reader of the safetensors file format: an 8-byte little-endian header length, a JSON header that
 * names each tensor's type, shape and byte range, then the data. The file is mapped, not copied.
 *
 * Nothing in the file is trusted: the reader refuses a file shorter than 8 bytes, a header over
 * 100 MB or over the file, a header that does not start with '{' or is no JSON object, duplicate
 * names, metadata that is not string to string, an entry without or with other keys than dtype,
 * shape and data_offsets, an unknown type, a rank over 4, a name over SAFETENSORS_NAME_MAX bytes,
 * integers that are negative or not exact, a shape whose byte count overflows or differs from
 * end - begin, and ranges that do not start at 0, touch exactly and end at the file's end. Nesting
 * is bounded. It knows nothing of networks.
 */
#ifndef STYLIZE_NETWORK_SAFETENSORS_H
#define STYLIZE_NETWORK_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

#define SAFETENSORS_NAME_MAX 255
#define SAFETENSORS_MAX_RANK 4

typedef enum safetensors_type {
    SAFETENSORS_F32,
    SAFETENSORS_F16,
    SAFETENSORS_OTHER
} safetensors_type;

typedef struct safetensors_tensor {
    const char *name; /* borrowed from the file */
    safetensors_type type;
    int rank;                           /* 0..SAFETENSORS_MAX_RANK */
    size_t shape[SAFETENSORS_MAX_RANK]; /* [rank] outermost first */
    size_t count;                       /* elements: the product of shape */
    const unsigned char *data;          /* little-endian, not aligned; borrowed from the mapping */
} safetensors_tensor;

typedef struct safetensors safetensors;

/* Maps and checks a file. NULL with *err naming the path and what is wrong. */
safetensors *safetensors_open(const char *path, error *err);
void safetensors_free(safetensors *self);

/* Tensors in the order of their data; index < safetensors_count. */
size_t safetensors_count(const safetensors *self);
const safetensors_tensor *safetensors_at(const safetensors *self, size_t index);

/* The tensor of that name, or NULL. */
const safetensors_tensor *safetensors_find(const safetensors *self, const char *name);

/* The value of a key of __metadata__, or NULL; borrowed. */
const char *safetensors_metadata(const safetensors *self, const char *key);

/* Converts an F32 or F16 tensor to floats: out holds tensor->count. False with *err naming the path
 * and the tensor for another type or when a value is NaN or infinite. */
bool safetensors_read(const safetensors *self, const safetensors_tensor *tensor, float *out,
                      error *err);

#endif
