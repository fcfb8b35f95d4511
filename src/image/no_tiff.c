/* SPDX-License-Identifier: MIT
 *
 * Takes the place of tiff.c where the program is built without libtiff.
 */
#include "image/tiff.h"

#define WITHOUT "this program was built without libtiff: install libtiff-dev and build it again"

bool codec_has_tiff(const char *path, error *err) {
    return error_set(err, ERROR_FAILURE, "cannot write %s: %s", path, WITHOUT);
}

image *codec_read_tiff(const codec_input *input, int *orientation, error *err) {
    (void)orientation;
    error_set(err, ERROR_FAILURE, "cannot read %s, which is TIFF: %s", input->path, WITHOUT);
    return NULL;
}

bool codec_read_tiff_record(const codec_input *input, char **record, error *err) {
    *record = NULL;
    codec_read_tiff(input, NULL, err);
    return false;
}

bool codec_write_tiff(const image *self, int depth, buffer *to, const char *path, error *err) {
    (void)self;
    (void)depth;
    (void)to;
    return codec_has_tiff(path, err);
}
