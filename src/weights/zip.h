/* SPDX-License-Identifier: MIT
 *
 * Where the entries of a ZIP archive lie, for archives that store them as they are, as PyTorch's
 * do: an entry is then a range of the file, and nothing is unpacked.
 *
 * The archive is read from its end, by its central directory (ZIP64 too). Refused: archives without
 * one, entries that are compressed, encrypted, outside the file or there twice. Checksums are not
 * compared. Why no library: libzip does not tell where an entry lies, so that every value would be
 * copied, and exposes four decompressors to untrusted files.
 */
#ifndef STYLIZE_WEIGHTS_ZIP_H
#define STYLIZE_WEIGHTS_ZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "weights/file_bytes.h"

typedef struct zip_entry {
    const char *name; /* [name_length], without a final NUL; borrowed from the file */
    size_t name_length;
    size_t at; /* bytes before it in the file */
    size_t size;
} zip_entry;

typedef struct zip_archive {
    zip_entry *entries; /* [count] by name; owned */
    size_t count;
} zip_archive;

/* Reads the directory. False with *err naming `path`; clearing is needed either way. */
bool zip_archive_init(zip_archive *self, const char *path, file_bytes *bytes, error *err);
void zip_archive_clear(zip_archive *self);

/* The entry of the name [length], or NULL. */
const zip_entry *zip_archive_find(const zip_archive *self, const char *name, size_t length);

#endif
