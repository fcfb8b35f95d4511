/* SPDX-License-Identifier: MIT
 *
 * The only file that knows names and streams; the formats themselves are in png.c and jpeg.c.
 *
 * Reading: the file is opened once, its first bytes choose the codec, and the orientation tag that
 * the codec reports is applied plane by plane. Pipes work: nothing is rewound.
 *
 * Writing: the picture is encoded in memory, so that what fails there touches no file
 * (output_file.h).
 */
#define _XOPEN_SOURCE 700 /* open_memstream */
#include "image/picture_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "image/codec.h"
#include "image/jpeg.h"
#include "image/orientation.h"
#include "image/output_file.h"
#include "image/png.h"

/* ---- reading ---- */

/* Takes the first bytes of the file, which tell the format. */
static image_format recognise(codec_input *input, error *err) {
    static const uint8_t png[CODEC_MAGIC_SIZE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff};
    const size_t size = fread(input->magic, 1, CODEC_MAGIC_SIZE, input->file);
    if (size == CODEC_MAGIC_SIZE && !memcmp(input->magic, png, sizeof png))
        return IMAGE_PNG;
    if (size == CODEC_MAGIC_SIZE && !memcmp(input->magic, jpeg, sizeof jpeg))
        return IMAGE_JPEG;
    if (size == 0)
        error_set(err, ERROR_FAILURE, "cannot read %s: the file is empty", input->path);
    else
        error_set(err, ERROR_FAILURE, "%s is neither PNG nor JPEG; convert it to one of them",
                  input->path);
    return IMAGE_UNKNOWN;
}

static image *decode(codec_input *input, int *orientation, error *err) {
    switch (recognise(input, err)) {
    case IMAGE_PNG:
        return codec_read_png(input, orientation, err);
    case IMAGE_JPEG:
        return codec_read_jpeg(input, orientation, err);
    case IMAGE_UNKNOWN:
        break;
    }
    return NULL;
}

static bool decode_record(codec_input *input, char **record, error *err) {
    switch (recognise(input, err)) {
    case IMAGE_PNG:
        return codec_read_png_record(input, record, err);
    case IMAGE_JPEG:
        return codec_read_jpeg_record(input, record, err);
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

image *picture_file_read_stream(FILE *file, const char *name, size_t max_pixels, error *err) {
    codec_input input = {.path = name, .max_pixels = max_pixels, .file = file};
    int orientation = 1;
    errno = 0;
    image *self = decode(&input, &orientation, err);
    if (!self && ferror(file) && errno)
        error_set_errno(err, errno, "cannot read %s", name); /* the codec saw only a short file */
    if (self)
        image_drop_full_alpha(self);
    if (self && !orientation_undo(self, orientation, err)) {
        image_free(self);
        return NULL;
    }
    return self;
}

image *picture_file_read(const char *path, size_t max_pixels, error *err) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set_errno(err, errno, "cannot open %s", path);
        return NULL;
    }
    image *self = picture_file_read_stream(file, path, max_pixels, err);
    fclose(file);
    return self;
}

bool picture_file_read_record(const char *path, char **record, error *err) {
    codec_input input = {.path = path, .file = fopen(path, "rb")};
    *record = NULL;
    if (!input.file)
        return error_set_errno(err, errno, "cannot open %s", path);
    errno = 0;
    const bool ok = decode_record(&input, record, err);
    if (!ok && ferror(input.file) && errno)
        error_set_errno(err, errno, "cannot read %s", path); /* the codec saw only a short file */
    fclose(input.file);
    return ok;
}

/* ---- writing ---- */

static bool check_options(const picture_file_options *options, image_format format,
                          const char *name, error *err) {
    if (options->depth != 8 && options->depth != 16)
        return error_set(err, ERROR_USAGE, "cannot write %s: a sample has 8 or 16 bits, not %d",
                         name, options->depth);
    if (options->depth == 16 && format == IMAGE_JPEG)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: a JPEG sample has 8 bits; write a .png for 16", name);
    if (options->quality < 1 || options->quality > 100)
        return error_set(err, ERROR_USAGE, "cannot write %s: quality is 1 to 100, not %d", name,
                         options->quality);
    return true;
}

bool picture_file_encode(const image *self, image_format format,
                         const picture_file_options *options, const char *name, char **data,
                         size_t *size, error *err) {
    *data = NULL;
    if (!check_options(options, format, name, err))
        return false;
    FILE *file = open_memstream(data, size);
    if (!file)
        return error_set_errno(err, errno, "cannot write %s", name);
    errno = 0;
    bool ok = format == IMAGE_PNG ? codec_write_png(self, options->depth, file, name, err)
                                  : codec_write_jpeg(self, options->quality, file, name, err);
    int number = ferror(file) ? errno : 0;
    if (fclose(file) && !number)
        number = errno;
    if (number)
        ok = error_set_errno(err, number, "cannot write %s", name);
    if (!ok) {
        free(*data);
        *data = NULL;
    }
    return ok;
}

bool picture_file_write(const image *self, const char *path, const picture_file_options *options,
                        error *err) {
    char *data;
    size_t size;
    const image_format format = image_format_of_path(path);
    if (format == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: the name must end in .png, .jpg or .jpeg", path);
    if (!picture_file_encode(self, format, options, path, &data, &size, err))
        return false;
    const bool ok = output_file_write(path, data, size, NULL, err);
    free(data);
    return ok;
}
