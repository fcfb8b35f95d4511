/* SPDX-License-Identifier: MIT
 *
 * Images and the handling of their files; the formats themselves are in png.c and jpeg.c.
 *
 * Reading: the file is opened once, its first bytes choose the codec, and the orientation tag that
 * the codec reports is applied plane by plane. Pipes work: nothing is rewound.
 *
 * Writing: the picture is encoded in memory, so that what fails there touches no file
 * (output_file.h).
 */
#define _XOPEN_SOURCE 700 /* open_memstream, strcasecmp */
#include "image/image.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "image/codec.h"
#include "image/output_file.h"

image *image_new(int width, int height, error *err) {
    size_t pixels = 0;
    if (width < 1 || height < 1 || !memory_multiply((size_t)width, (size_t)height, &pixels) ||
        pixels > IMAGE_MAX_PIXELS) {
        error_set(err, ERROR_FAILURE, "no picture can have %d x %d pixels (at most %zu in all)",
                  width, height, IMAGE_MAX_PIXELS);
        return NULL;
    }
    image *self = malloc(sizeof *self);
    if (!self) {
        error_set_errno(err, errno, "cannot make a picture");
        return NULL;
    }
    *self = (image){.width = width, .height = height};
    self->planes = memory_alloc(pixels, IMAGE_CHANNELS * sizeof(float), err);
    if (!self->planes) {
        free(self);
        return NULL;
    }
    return self;
}

size_t image_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, IMAGE_CHANNELS * sizeof(float));
}

void image_free(image *self) {
    if (!self)
        return;
    memory_free(self->planes);
    free(self);
}

image_format image_format_of_path(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    if (!dot)
        return IMAGE_UNKNOWN;
    if (!strcasecmp(dot, ".png"))
        return IMAGE_PNG;
    if (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg"))
        return IMAGE_JPEG;
    return IMAGE_UNKNOWN;
}

/* ---- shared with the codecs: contracts in codec.h ---- */

image *codec_new_image(uint32_t width, uint32_t height, const char *path, error *err) {
    if (width > INT_MAX || height > INT_MAX || (uint64_t)width * height > IMAGE_MAX_PIXELS) {
        error_set(err, ERROR_FAILURE,
                  "cannot read %s: %lu x %lu pixels are over the limit of %zu; shrink it first",
                  path, (unsigned long)width, (unsigned long)height, IMAGE_MAX_PIXELS);
        return NULL;
    }
    return image_new((int)width, (int)height, err);
}

typedef struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
} tiff;

/* Numbers at a byte offset; 0 where the block ends before them. */
static unsigned tiff_u16(const tiff *t, size_t at) {
    if (t->size < 2 || at > t->size - 2)
        return 0;
    const unsigned first = t->data[at], second = t->data[at + 1];
    return t->big_endian ? first << 8 | second : second << 8 | first;
}

static uint32_t tiff_u32(const tiff *t, size_t at) {
    const uint32_t first = tiff_u16(t, at), second = tiff_u16(t, at + 2);
    return t->big_endian ? first << 16 | second : second << 16 | first;
}

int codec_exif_orientation(const uint8_t *data, size_t size) {
    enum { MARK = 42, TAG_ORIENTATION = 0x112, TYPE_SHORT = 3, ENTRY_SIZE = 12 };
    if (size < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return 1;
    const tiff t = {.data = data, .size = size, .big_endian = data[0] == 'M'};
    const size_t directory = tiff_u32(&t, 4);
    if (tiff_u16(&t, 2) != MARK || directory >= size)
        return 1;
    const unsigned entries = tiff_u16(&t, directory);
    for (unsigned i = 0; i < entries; i++) {
        const size_t entry = directory + 2 + (size_t)i * ENTRY_SIZE;
        if (tiff_u16(&t, entry) != TAG_ORIENTATION)
            continue;
        const unsigned value = tiff_u16(&t, entry + 8);
        const bool valid = tiff_u16(&t, entry + 2) == TYPE_SHORT && tiff_u32(&t, entry + 4) == 1 &&
                           value >= 1 && value <= 8;
        return valid ? (int)value : 1;
    }
    return 1;
}

void codec_pack_row(const image *self, int y, uint8_t *rgb) {
    const size_t plane = (size_t)self->width * (size_t)self->height;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        const float *row = self->planes + (size_t)c * plane + (size_t)y * (size_t)self->width;
        for (int x = 0; x < self->width; x++) {
            const float clipped = row[x] > 0.0f ? (row[x] < 1.0f ? row[x] : 1.0f) : 0.0f;
            rgb[IMAGE_CHANNELS * x + c] = (uint8_t)(clipped * 255.0f + 0.5f);
        }
    }
}

/* ---- reading ---- */

/* Turns a stored picture upright; orientation is EXIF's 1..8, 5 and up swap the sides. */
static bool orient(image *self, int orientation, error *err) {
    if (orientation == 1)
        return true;
    const int width = self->width, height = self->height;
    const size_t pixels = (size_t)width * (size_t)height;
    float *stored = memory_alloc(pixels, sizeof *stored, err); /* [height][width], one plane */
    if (!stored)
        return false;
    const bool swap = orientation >= 5;
    const bool flip_x = orientation == 2 || orientation == 3 || orientation >= 7;
    const bool flip_y =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    /* Where stored (x, y) goes: origin + x * step_x + y * step_y. */
    ptrdiff_t step_x = swap ? height : 1, step_y = swap ? 1 : width;
    const ptrdiff_t origin =
        (flip_x ? (width - 1) * step_x : 0) + (flip_y ? (height - 1) * step_y : 0);
    step_x = flip_x ? -step_x : step_x;
    step_y = flip_y ? -step_y : step_y;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        float *plane = self->planes + (size_t)c * pixels;
        memcpy(stored, plane, pixels * sizeof *stored);
        const float *from = stored;
        for (int y = 0; y < height; y++) {
            float *to = plane + origin + y * step_y;
            for (int x = 0; x < width; x++)
                to[x * step_x] = *from++;
        }
    }
    if (swap) {
        self->width = height;
        self->height = width;
    }
    memory_free(stored);
    return true;
}

/* Recognises the format by the first bytes of `file` and decodes the rest. */
static image *decode(FILE *file, const char *path, int *orientation, error *err) {
    static const uint8_t png[CODEC_MAGIC_SIZE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff};
    uint8_t magic[CODEC_MAGIC_SIZE];
    const size_t size = fread(magic, 1, sizeof magic, file);
    if (size == sizeof magic && !memcmp(magic, png, sizeof png))
        return codec_read_png(file, path, orientation, err);
    if (size == sizeof magic && !memcmp(magic, jpeg, sizeof jpeg))
        return codec_read_jpeg(file, magic, path, orientation, err);
    if (size == 0)
        error_set(err, ERROR_FAILURE, "cannot read %s: the file is empty", path);
    else
        error_set(err, ERROR_FAILURE, "%s is neither PNG nor JPEG; convert it to one of them",
                  path);
    return NULL;
}

image *image_read_stream(FILE *file, const char *name, error *err) {
    int orientation = 1;
    errno = 0;
    image *self = decode(file, name, &orientation, err);
    if (!self && ferror(file) && errno)
        error_set_errno(err, errno, "cannot read %s", name); /* the codec saw only a short file */
    if (self && !orient(self, orientation, err)) {
        image_free(self);
        return NULL;
    }
    return self;
}

image *image_read(const char *path, error *err) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set_errno(err, errno, "cannot open %s", path);
        return NULL;
    }
    image *self = image_read_stream(file, path, err);
    fclose(file);
    return self;
}

/* ---- writing ---- */

bool image_encode(const image *self, image_format format, const char *name, char **data,
                  size_t *size, error *err) {
    *data = NULL;
    FILE *file = open_memstream(data, size);
    if (!file)
        return error_set_errno(err, errno, "cannot write %s", name);
    errno = 0;
    bool ok = format == IMAGE_PNG ? codec_write_png(self, file, name, err)
                                  : codec_write_jpeg(self, file, name, err);
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

bool image_write(const image *self, const char *path, error *err) {
    char *data;
    size_t size;
    const image_format format = image_format_of_path(path);
    if (format == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: the name must end in .png, .jpg or .jpeg", path);
    if (!image_encode(self, format, path, &data, &size, err))
        return false;
    const bool ok = output_file_write(path, data, size, NULL, err);
    free(data);
    return ok;
}
