/* SPDX-License-Identifier: MIT
 *
 * The only file that knows names and streams; the formats themselves are in png.c, jpeg.c, webp.c
 * and tiff.c.
 *
 * Reading: the file is opened once, its first bytes choose the codec, and the orientation tag that
 * the codec reports is applied. Pipes work: nothing is rewound.
 *
 * Writing: the picture is encoded in memory, so that what fails there touches no file
 * (output_file.h).
 */
#include "image/picture_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/retry.h"
#include "image/codec.h"
#include "image/jpeg.h"
#include "image/orientation.h"
#include "image/output_file.h"
#include "image/picture_guard.h"
#include "image/png.h"
#include "image/tiff.h"
#include "image/webp.h"

/* ---- reading ---- */

/* A kind of files, and what they begin with. */
typedef struct kind {
    const char *magic;
    size_t size;
    image *(*read)(const codec_input *input, int *orientation, error *err);
    bool (*read_record)(const codec_input *input, char **record, error *err);
} kind;

static const kind kinds[] = {
    {"\x89PNG\r\n\x1a\n", 8, codec_read_png, codec_read_png_record},
    {"\xff\xd8\xff", 3, codec_read_jpeg, codec_read_jpeg_record},
    {"RIFF", 4, codec_read_webp, codec_read_webp_record},
    {"II*\0", 4, codec_read_tiff, codec_read_tiff_record},
    {"MM\0*", 4, codec_read_tiff, codec_read_tiff_record},
    {"II+\0", 4, codec_read_tiff, codec_read_tiff_record}, /* BigTIFF */
    {"MM\0+", 4, codec_read_tiff, codec_read_tiff_record},
};

/* The kind of a file that begins with `size` bytes of magic; NULL with *err where it is none. */
static const kind *find_kind(const codec_input *input, size_t size, error *err) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (size == CODEC_MAGIC_SIZE && !memcmp(input->magic, kinds[i].magic, kinds[i].size))
            return &kinds[i];
    }
    if (size > 0)
        codec_refuse(input, err);
    else
        error_set(err, ERROR_FAILURE, "cannot read %s: the file is empty", input->path);
    return NULL;
}

static bool is_picture(const codec_input *input, size_t size, error *err) {
    return find_kind(input, size, err) != NULL;
}

/* Takes the first bytes of the file, which tell the kind; NULL likewise. */
static const kind *recognise(codec_input *input, error *err) {
    const size_t size = retry_fread(input->magic, 1, CODEC_MAGIC_SIZE, input->file);
    return find_kind(input, size, err);
}

static image *decode(FILE *file, const char *name, const codec_limits *limits, error *err) {
    codec_input input = {.path = name, .limits = *limits, .file = file};
    int orientation = 1;
    errno = 0;
    const kind *found = recognise(&input, err);
    image *self = found ? found->read(&input, &orientation, err) : NULL;
    if (!self && ferror(file) && errno)
        error_set_errno(err, errno, "cannot read %s", name); /* the codec saw only a short file */
    if (self)
        image_drop_full_alpha(self);
    if (self && !orientation_undo(self, orientation, err)) {
        error_set(err, ERROR_MEMORY,
                  "cannot read %s: not enough memory to turn it upright: shrink the picture, or "
                  "free some memory",
                  name);
        image_free(self);
        return NULL;
    }
    return self;
}

image *picture_file_read_stream(FILE *file, const char *name, size_t max_pixels, error *err) {
    return picture_guard_read_stream(decode, is_picture, file, name, max_pixels, err);
}

image *picture_file_read(const char *path, size_t max_pixels, error *err) {
    FILE *file = retry_fopen(path, "rb");
    if (!file) {
        error_set_errno(err, errno, "cannot open %s", path);
        return NULL;
    }
    image *self = picture_guard_read(decode, file, path, max_pixels, err);
    fclose(file);
    return self;
}

static bool decode_record(FILE *file, const char *name, char **record, error *err) {
    codec_input input = {.path = name, .file = file};
    errno = 0;
    const kind *found = recognise(&input, err);
    const bool ok = found && found->read_record(&input, record, err);
    if (!ok && ferror(file) && errno)
        error_set_errno(err, errno, "cannot read %s", name); /* the codec saw only a short file */
    return ok;
}

bool picture_file_read_record(const char *path, char **record, error *err) {
    FILE *file = retry_fopen(path, "rb");
    *record = NULL;
    if (!file)
        return error_set_errno(err, errno, "cannot open %s", path);
    const bool ok = picture_guard_read_record(decode_record, file, path, record, err);
    fclose(file);
    return ok;
}

/* ---- writing ---- */

bool picture_file_check(image_format format, int width, int height,
                        const picture_file_options *options, const char *name, error *err) {
    if (options->quality < 1 || options->quality > 100)
        return error_set(err, ERROR_USAGE, "cannot write %s: quality is 1 to 100, not %d", name,
                         options->quality);
    return image_format_fits(format, width, height, options->depth, name, err) &&
           (format != IMAGE_WEBP || codec_has_webp(name, err)) &&
           (format != IMAGE_TIFF || codec_has_tiff(name, err));
}

static bool encode(const image *self, image_format format, const picture_file_options *options,
                   buffer *to, const char *name, error *err) {
    switch (format) {
    case IMAGE_JPEG:
        return codec_write_jpeg(self, options->quality, to, name, err);
    case IMAGE_WEBP:
        return codec_write_webp(self, options->quality, to, name, err);
    case IMAGE_TIFF:
        return codec_write_tiff(self, options->depth, to, name, err);
    default:
        return codec_write_png(self, options->depth, to, name, err);
    }
}

bool picture_file_encode(const image *self, image_format format,
                         const picture_file_options *options, const char *name, char **data,
                         size_t *size, error *err) {
    *data = NULL;
    if (!picture_file_check(format, self->width, self->height, options, name, err))
        return false;
    buffer to = {0};
    const bool ok = encode(self, format, options, &to, name, err);
    if (to.failed) /* whatever the codec said of it */
        error_set(err, ERROR_MEMORY, "cannot write %s: out of memory", name);
    if (ok && buffer_take(&to, data, size))
        return true;
    buffer_clear(&to);
    return false;
}

bool picture_file_write(const image *self, const char *path, const picture_file_options *options,
                        error *err) {
    char *data;
    size_t size;
    const image_format format = image_format_of_path(path);
    if (format == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: the name must end in " IMAGE_EXTENSIONS, path);
    if (!picture_file_encode(self, format, options, path, &data, &size, err))
        return false;
    const bool ok = output_file_write(path, data, size, NULL, err);
    free(data);
    return ok;
}
