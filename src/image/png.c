/* SPDX-License-Identifier: MIT
 *
 * PNG through libpng; the only file that knows it.
 *
 * Every colour type and depth is expanded by libpng to rows of 8-bit RGBA, which are composed over
 * white here: libpng's own background would bring in gamma. An interlaced file is completed in one
 * buffer of the whole picture, any other passes through a single row. The file is read to its last
 * chunk, so that a truncation after the pixels is seen and a late eXIf is found.
 *
 * Not done: gamma, colour profiles, animation (the first picture is taken).
 */
#include "image/codec.h"

#include <png.h>
#include <setjmp.h>

#include "core/memory.h"

enum { RGBA = 4, OPAQUE = 255 };

/* Lives in the caller of the function that calls setjmp: its members survive the longjmp. */
typedef struct session {
    jmp_buf jump;
    const char *path;
    const char *verb; /* "read" or "write", for the error */
    error *err;
    png_structp png;
    png_infop info;
    uint8_t *rows;
    image *picture; /* read: made here */
    int orientation;
} session;

static void on_error(png_structp png, png_const_charp message) {
    session *s = png_get_error_ptr(png);
    error_set(s->err, ERROR_FAILURE, "cannot %s %s as PNG: %s", s->verb, s->path, message);
    longjmp(s->jump, 1);
}

/* A warning concerns a chunk that no pixel depends on. */
static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep data, size_t size) {
    if (fread(data, 1, size, png_get_io_ptr(png)) != size)
        png_error(png, "the file ends too early");
}

static void on_write(png_structp png, png_bytep data, size_t size) {
    if (fwrite(data, 1, size, png_get_io_ptr(png)) != size)
        png_error(png, "the file cannot take it all");
}

/* stdio flushes when the file is closed. */
static void on_flush(png_structp png) {
    (void)png;
}

/* rgba [width][4] over white into row y. An opaque pixel gives exactly value / 255. */
static void store_row(image *picture, int y, const uint8_t *rgba) {
    const size_t plane = (size_t)picture->width * (size_t)picture->height;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        float *row = picture->planes + (size_t)c * plane + (size_t)y * (size_t)picture->width;
        for (int x = 0; x < picture->width; x++) {
            const int value = rgba[RGBA * x + c], alpha = rgba[RGBA * x + IMAGE_CHANNELS];
            row[x] = (float)(value * alpha + OPAQUE * (OPAQUE - alpha)) / (float)(OPAQUE * OPAQUE);
        }
    }
}

/* Reads the header and asks libpng for RGBA of 8 bits; returns the number of passes. */
static int read_header(session *s) {
    png_set_sig_bytes(s->png, CODEC_MAGIC_SIZE);
    png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours counts pixels */
    png_read_info(s->png, s->info);
    png_set_expand(s->png); /* palette, fewer than 8 bits, and tRNS to alpha */
    png_set_scale_16(s->png);
    png_set_gray_to_rgb(s->png);
    png_set_add_alpha(s->png, OPAQUE, PNG_FILLER_AFTER);
    const int passes = png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    const size_t width = png_get_image_width(s->png, s->info);
    if (png_get_rowbytes(s->png, s->info) != RGBA * width)
        png_error(s->png, "unexpected row size");
    return passes;
}

static int read_orientation(const session *s) {
#ifdef PNG_READ_eXIf_SUPPORTED
    png_uint_32 size = 0;
    png_bytep tiff = NULL;
    if (png_get_eXIf_1(s->png, s->info, &size, &tiff))
        return codec_exif_orientation(tiff, size);
#endif
    return 1;
}

static bool decode(session *s) {
    if (setjmp(s->jump))
        return false;
    const int passes = read_header(s);
    s->picture = codec_new_image(png_get_image_width(s->png, s->info),
                                 png_get_image_height(s->png, s->info), s->path, s->err);
    if (!s->picture)
        return false;
    const int height = s->picture->height;
    const size_t stride = (size_t)s->picture->width * RGBA;
    s->rows = memory_alloc(passes > 1 ? (size_t)height : 1, stride, s->err);
    if (!s->rows)
        return false;
    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < height; y++) {
            uint8_t *row = s->rows + (passes > 1 ? (size_t)y * stride : 0);
            png_read_row(s->png, row, NULL);
            if (pass == passes - 1)
                store_row(s->picture, y, row);
        }
    }
    png_read_end(s->png, s->info);
    s->orientation = read_orientation(s);
    return true;
}

image *codec_read_png(FILE *file, const char *path, int *orientation, error *err) {
    session s = {.path = path, .verb = "read", .err = err};
    bool ok = false;
    s.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    s.info = s.png ? png_create_info_struct(s.png) : NULL;
    if (s.info) {
        png_set_read_fn(s.png, file, on_read);
        ok = decode(&s);
    } else {
        error_set(err, ERROR_FAILURE, "cannot read %s: libpng does not start", path);
    }
    png_destroy_read_struct(&s.png, &s.info, NULL);
    memory_free(s.rows);
    if (!ok) {
        image_free(s.picture);
        return NULL;
    }
    *orientation = s.orientation;
    return s.picture;
}

static bool encode(session *s, const image *self) {
    if (setjmp(s->jump))
        return false;
    s->rows = memory_alloc((size_t)self->width, IMAGE_CHANNELS, s->err);
    if (!s->rows)
        return false;
    png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(s->png, s->info, (png_uint_32)self->width, (png_uint_32)self->height, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(s->png, s->info);
    for (int y = 0; y < self->height; y++) {
        codec_pack_row(self, y, s->rows);
        png_write_row(s->png, s->rows);
    }
    png_write_end(s->png, s->info);
    return true;
}

bool codec_write_png(const image *self, FILE *file, const char *path, error *err) {
    session s = {.path = path, .verb = "write", .err = err};
    bool ok = false;
    s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    s.info = s.png ? png_create_info_struct(s.png) : NULL;
    if (s.info) {
        png_set_write_fn(s.png, file, on_write, on_flush);
        ok = encode(&s, self);
    } else {
        error_set(err, ERROR_FAILURE, "cannot write %s: libpng does not start", path);
    }
    png_destroy_write_struct(&s.png, &s.info);
    memory_free(s.rows);
    return ok;
}
