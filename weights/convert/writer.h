/* SPDX-License-Identifier: MIT
 *
 * Writing a network as safetensors with its metadata (docs/weights-format.md).
 */
#ifndef STYLIZE_CONVERT_WRITER_H
#define STYLIZE_CONVERT_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "convert/plain_vgg.h"
#include "core/error.h"

/* How weights and biases are stored: BY_BAR is still to be chosen (precision.h); AS_I8 has biases
 * in F32 all the same. */
typedef enum storage { BY_BAR, AS_F32, AS_F16, AS_I8 } storage;

/* What the metadata say besides what the network itself does; NULL is left out. */
typedef struct provenance {
    const char *licence, *source, *source_sha256, *normalized, *changes, *converter;
} provenance;

/* The file is written completely or not at all. *size is its length in bytes. False with *err. */
bool plain_vgg_write(const plain_vgg *self, storage stored, const provenance *from,
                     const char *path, size_t *size, error *err);

#endif
