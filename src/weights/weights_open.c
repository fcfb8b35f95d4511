/* SPDX-License-Identifier: MIT */
#include "weights/weights_open.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "weights/pth.h"
#include "weights/safetensors.h"

/* Whether the mark stands at that place of the file's content. */
static bool has_mark(file_bytes *bytes, size_t at, const char *mark, size_t length) {
    const unsigned char *there = file_bytes_view(bytes, at, length);
    return there && !memcmp(there, mark, length);
}

/* Fills the table. */
static bool parse_file(weights_file *self, const char *path, error *err) {
    enum { BRACE_AT = 8, TAR_MARK_AT = 257 };
    file_bytes *bytes = weights_file_bytes(self);
    /* Where safetensors has its brace none of the others can have one. */
    const bool brace = has_mark(bytes, BRACE_AT, "{", 1);
    if (!brace && has_mark(bytes, 0, "PK\3\4", 4))
        return pth_parse_zip(self, path, err);
    if (!brace && has_mark(bytes, 0, "\x80", 1))
        return pth_parse_legacy(self, path, err);
    if (!brace && has_mark(bytes, 0, "\x89HDF\r\n\x1a\n", 8))
        return error_set(err, ERROR_FAILURE,
                         "%s: Keras weights (HDF5); convert them first: stylize-convert %s "
                         "NAME.safetensors (make convert builds build/stylize-convert)",
                         path, path);
    if (!brace && has_mark(bytes, TAR_MARK_AT, "ustar", 5))
        return error_set(err, ERROR_FAILURE,
                         "%s: the tar format of PyTorch before 2017 is not supported; load "
                         "and save it with a newer PyTorch first",
                         path);
    return safetensors_parse(self, path, err);
}

/* Takes over the bytes, or NULL where there are none. What could not be read is what is wrong,
 * whatever the reader of the format took it for. */
static weights_file *fill(file_bytes *bytes, const char *path, error *err) {
    weights_file *self = weights_file_new(bytes, path, err);
    if (self && parse_file(self, path, err) && weights_file_finish(self, err))
        return self;
    if (self)
        file_bytes_failed(bytes, err);
    weights_file_free(self);
    return NULL;
}

weights_file *weights_open(const char *path, error *err) {
    return fill(file_bytes_open(path, err), path, err);
}

weights_file *weights_open_memory(const void *bytes, size_t size, const char *name, error *err) {
    return fill(file_bytes_borrow(bytes, size, name, err), name, err);
}
