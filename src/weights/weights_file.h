/* SPDX-License-Identifier: MIT
 *
 * A file of named tensors, whatever its format: its bytes (file_bytes.h) and a table of names,
 * types, shapes and places in them.
 *
 * weights_open.h makes one: it opens the file and has the reader of its format check what the file
 * claims and fill the table. After that only reading can fail. What the names mean is known one
 * floor lower (network/vgg_file.h).
 */
#ifndef STYLIZE_WEIGHTS_WEIGHTS_FILE_H
#define STYLIZE_WEIGHTS_WEIGHTS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "weights/file_bytes.h"

#define WEIGHTS_NAME_MAX 255
#define WEIGHTS_MAX_RANK 4
#define WEIGHTS_SHOWN_NAME_MAX 40 /* bytes of an over-long name that an error repeats */

/* What a scale of I8 values may be, so that their products are normal numbers. */
#define WEIGHTS_SCALE_LEAST 1e-37f
#define WEIGHTS_SCALE_MOST 1e36f

typedef enum weights_type { WEIGHTS_F32, WEIGHTS_F16, WEIGHTS_I8, WEIGHTS_OTHER } weights_type;

typedef struct weights_tensor {
    const char *name;
    weights_type type;
    int rank;                         /* 0..WEIGHTS_MAX_RANK */
    size_t shape[WEIGHTS_MAX_RANK];   /* [rank] outermost first */
    size_t strides[WEIGHTS_MAX_RANK]; /* [rank] in elements */
    size_t count;                     /* elements: the product of shape */
    size_t at;                        /* bytes before it in the file; little-endian */
} weights_tensor;

typedef struct weights_file weights_file;

void weights_file_free(weights_file *self);

/* Tensors in the order of the file; index < weights_file_count. */
size_t weights_file_count(const weights_file *self);
const weights_tensor *weights_file_at(const weights_file *self, size_t index);

/* The tensor of that name, or NULL. */
const weights_tensor *weights_file_find(const weights_file *self, const char *name);

/* What the file says of itself under a key, or NULL; borrowed. Only safetensors has such. */
const char *weights_file_metadata(const weights_file *self, const char *key);

/* Pair `index` of that, in the order of the file; false past the last. */
bool weights_file_metadata_at(const weights_file *self, size_t index, const char **key,
                              const char **value);

/* Converts an F32 or F16 tensor to floats: out [shape], tensor->count of them. False with *err
 * naming the path and the tensor for another type or when a value is NaN or infinite. */
bool weights_file_read(const weights_file *self, const weights_tensor *tensor, float *out,
                       error *err);

/* The same of an I8 tensor: each value times the scale of its place in the outermost dimension, of
 * which the F32 tensor `scales` has as many as there are places. False with *err naming `scales`
 * when one is outside of WEIGHTS_SCALE_LEAST to _MOST. */
bool weights_file_read_scaled(const weights_file *self, const weights_tensor *tensor,
                              const weights_tensor *scales, float *out, error *err);

/* ---- for those that make one ---- */

/* A file with an empty table, which takes over `bytes` (NULL where *err is set). NULL with *err
 * naming the path. */
weights_file *weights_file_new(file_bytes *bytes, const char *path, error *err);

/* What is in the file; borrowed. */
file_bytes *weights_file_bytes(const weights_file *self);

/* Adds a tensor, whose name is copied, or a pair of metadata. False with *err when memory is short
 * or the name too long. */
bool weights_file_add(weights_file *self, const weights_tensor *tensor, error *err);
bool weights_file_add_metadata(weights_file *self, const char *key, const char *value, error *err);

/* To be called when all tensors are there, before any is looked for. False with *err when a name
 * comes twice or memory is short. */
bool weights_file_finish(weights_file *self, error *err);

/* Strides of a tensor that lies in the order of its indices. */
void weights_tensor_set_contiguous(weights_tensor *self);

#endif
