/* SPDX-License-Identifier: MIT */
#include "weights/weights_open.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "weights/pth.h"
#include "weights/safetensors.h"
#include "weights/weights_guard.h"

/* Whether the mark stands at that place of the file's content. */
static bool has_mark(file_bytes *bytes, size_t at, const char *mark, size_t length) {
    const unsigned char *there = file_bytes_view(bytes, at, length);
    return there && !memcmp(there, mark, length);
}

/* Fills the table. */
static bool parse_format(weights_file *self, const char *path, error *err) {
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

/* What could not be read is what is wrong, whatever the reader of the format took it for. */
static bool parse_file(weights_file *self, const char *path, error *err) {
    if (parse_format(self, path, err))
        return true;
    file_bytes_failed(weights_file_bytes(self), err);
    return false;
}

/* The file with its table, of which `filled` says whether it is there; else it is freed. NULL where
 * there is none. */
static weights_file *finish(weights_file *self, bool filled, error *err) {
    if (filled && weights_file_finish(self, err))
        return self;
    weights_file_free(self);
    return NULL;
}

weights_file *weights_open(const char *path, error *err) {
    weights_file *self = weights_file_new(file_bytes_open(path, err), path, err);
    return finish(self, self && weights_guard_parse(parse_file, self, path, err), err);
}

weights_file *weights_open_memory(const void *bytes, size_t size, const char *name, error *err) {
    weights_file *self = weights_file_new(file_bytes_borrow(bytes, size, name, err), name, err);
    return finish(self, self && parse_file(self, name, err), err);
}
