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
        pixels > IMAGE_MOST_PIXELS) {
        error_set(err, ERROR_FAILURE, "no picture can have %d x %d pixels (at most %zu in all)",
                  width, height, IMAGE_MOST_PIXELS);
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

bool image_add_alpha(image *self, error *err) {
    self->alpha = memory_alloc((size_t)self->width * (size_t)self->height, sizeof(float), err);
    return self->alpha != NULL;
}

size_t image_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, IMAGE_CHANNELS * sizeof(float));
}

size_t image_alpha_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, sizeof(float));
}

void image_free(image *self) {
    if (!self)
        return;
    image_properties_clear(&self->properties);
    memory_free(self->alpha);
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

image *codec_new_image(const codec_input *input, uint32_t width, uint32_t height, error *err) {
    if (width > INT_MAX || height > INT_MAX || (uint64_t)width * height > input->max_pixels) {
        error_set(err, ERROR_FAILURE,
                  "cannot read %s: %lu x %lu pixels are over the limit of %zu: shrink it, or raise "
                  "--max-pixels",
                  input->path, (unsigned long)width, (unsigned long)height, input->max_pixels);
        return NULL;
    }
    return image_new((int)width, (int)height, err);
}

static unsigned round_sample(float value, unsigned most) {
    const float clipped = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
    return (unsigned)(clipped * (float)most + 0.5f);
}

/* The colour of which `alpha` gives `seen` over white; white where nothing of it will be seen. */
static float colour_under(float seen, float alpha, unsigned most) {
    if (round_sample(alpha, most) == 0)
        return 1.0f;
    return (float)(((double)seen - 1 + (double)alpha) / (double)alpha);
}

/* The least that the ink on white paper can leave of its white. */
static float over_white(float seen, float alpha) {
    return seen > 1.0f - alpha ? seen : 1.0f - alpha;
}

static void put_sample(uint8_t *samples, size_t i, unsigned value, int depth) {
    if (depth == 16) {
        samples[2 * i] = (uint8_t)(value >> 8);
        samples[2 * i + 1] = (uint8_t)value;
    } else {
        samples[i] = (uint8_t)value;
    }
}

void codec_pack_row(const image *self, int y, bool alpha, int depth, uint8_t *row) {
    const size_t width = (size_t)self->width, plane = width * (size_t)self->height;
    const size_t at = (size_t)y * width, channels = IMAGE_CHANNELS + (alpha ? 1 : 0);
    const unsigned most = depth == 16 ? UINT16_MAX : UINT8_MAX;
    for (size_t c = 0; c < channels; c++) {
        const float *from = c < IMAGE_CHANNELS ? self->planes + c * plane + at : self->alpha + at;
        for (size_t x = 0; x < width; x++) {
            float value = from[x];
            if (alpha && c < IMAGE_CHANNELS)
                value = colour_under(value, self->alpha[at + x], most);
            else if (!alpha && self->alpha)
                value = over_white(value, self->alpha[at + x]);
            put_sample(row, x * channels + c, round_sample(value, most), depth);
        }
    }
}

/* ---- reading ---- */

/* Where the pixels of a stored picture go to be upright; orientation is EXIF's 1..8. */
typedef struct turn {
    bool swap; /* of the sides */
    ptrdiff_t origin, step_x, step_y;
} turn;

static turn make_turn(int orientation, int width, int height) {
    const bool swap = orientation >= 5;
    const bool flip_x = orientation == 2 || orientation == 3 || orientation >= 7;
    const bool flip_y =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const ptrdiff_t step_x = swap ? height : 1, step_y = swap ? 1 : width;
    return (turn){
        .swap = swap,
        .origin = (flip_x ? (width - 1) * step_x : 0) + (flip_y ? (height - 1) * step_y : 0),
        .step_x = flip_x ? -step_x : step_x,
        .step_y = flip_y ? -step_y : step_y,
    };
}

/* plane [height][width]; scratch is as large. */
static void turn_plane(const turn *self, float *plane, int width, int height, float *scratch) {
    memcpy(scratch, plane, (size_t)width * (size_t)height * sizeof *plane);
    for (int y = 0; y < height; y++) {
        float *to = plane + self->origin + y * self->step_y;
        for (int x = 0; x < width; x++)
            to[x * self->step_x] = *scratch++;
    }
}

/* Turns a stored picture upright. */
static bool orient(image *self, int orientation, error *err) {
    if (orientation == 1)
        return true;
    const int width = self->width, height = self->height;
    const size_t pixels = (size_t)width * (size_t)height;
    const turn upright = make_turn(orientation, width, height);
    float *scratch = memory_alloc(pixels, sizeof *scratch, err);
    if (!scratch)
        return false;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++)
        turn_plane(&upright, self->planes + c * pixels, width, height, scratch);
    if (self->alpha)
        turn_plane(&upright, self->alpha, width, height, scratch);
    memory_free(scratch);
    if (upright.swap) {
        double *density = self->properties.density;
        const double across = density[0];
        density[0] = density[1];
        density[1] = across;
        self->width = height;
        self->height = width;
    }
    return true;
}

static void drop_full_alpha(image *self) {
    const size_t pixels = (size_t)self->width * (size_t)self->height;
    for (size_t i = 0; self->alpha && i < pixels; i++) {
        if (self->alpha[i] < 1)
            return;
    }
    memory_free(self->alpha);
    self->alpha = NULL;
}

/* Recognises the format by the first bytes of the file and decodes the rest. */
static image *decode(codec_input *input, int *orientation, error *err) {
    static const uint8_t png[CODEC_MAGIC_SIZE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff};
    const size_t size = fread(input->magic, 1, CODEC_MAGIC_SIZE, input->file);
    if (size == CODEC_MAGIC_SIZE && !memcmp(input->magic, png, sizeof png))
        return codec_read_png(input, orientation, err);
    if (size == CODEC_MAGIC_SIZE && !memcmp(input->magic, jpeg, sizeof jpeg))
        return codec_read_jpeg(input, orientation, err);
    if (size == 0)
        error_set(err, ERROR_FAILURE, "cannot read %s: the file is empty", input->path);
    else
        error_set(err, ERROR_FAILURE, "%s is neither PNG nor JPEG; convert it to one of them",
                  input->path);
    return NULL;
}

image *image_read_stream(FILE *file, const char *name, size_t max_pixels, error *err) {
    codec_input input = {.path = name, .max_pixels = max_pixels, .file = file};
    int orientation = 1;
    errno = 0;
    image *self = decode(&input, &orientation, err);
    if (!self && ferror(file) && errno)
        error_set_errno(err, errno, "cannot read %s", name); /* the codec saw only a short file */
    if (self)
        drop_full_alpha(self);
    if (self && !orient(self, orientation, err)) {
        image_free(self);
        return NULL;
    }
    return self;
}

image *image_read(const char *path, size_t max_pixels, error *err) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set_errno(err, errno, "cannot open %s", path);
        return NULL;
    }
    image *self = image_read_stream(file, path, max_pixels, err);
    fclose(file);
    return self;
}

/* ---- writing ---- */

static bool check_options(const image_write_options *options, image_format format, const char *name,
                          error *err) {
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

bool image_encode(const image *self, image_format format, const image_write_options *options,
                  const char *name, char **data, size_t *size, error *err) {
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

bool image_write(const image *self, const char *path, const image_write_options *options,
                 error *err) {
    char *data;
    size_t size;
    const image_format format = image_format_of_path(path);
    if (format == IMAGE_UNKNOWN)
        return error_set(err, ERROR_USAGE,
                         "cannot write %s: the name must end in .png, .jpg or .jpeg", path);
    if (!image_encode(self, format, options, path, &data, &size, err))
        return false;
    const bool ok = output_file_write(path, data, size, NULL, err);
    free(data);
    return ok;
}
