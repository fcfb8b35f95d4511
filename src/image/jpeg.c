/* SPDX-License-Identifier: MIT
 *
 * JPEG through libjpeg-turbo; the only file that knows it.
 *
 * Decoding uses the library's accurate settings, which are its defaults: integer DCT (ISLOW) and
 * smooth chroma upsampling. Grey and YCbCr come out as RGB from the library; CMYK and YCCK come out
 * as CMYK and are multiplied with their black here. The library only warns of lost data and goes on
 * with grey; here such a warning is an error.
 *
 * Not done: colour profiles, 12-bit and lossless files (the library refuses them).
 */
#include "image/codec.h"

#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>
#include <string.h>

#include "core/memory.h"

_Static_assert(IMAGE_JPEG_MOST_SIDE <= JPEG_MAX_DIMENSION, "the library takes that much");

enum { QUALITY = 95, CMYK = 4, EXIF_MARKER = JPEG_APP0 + 1, MARKER_LIMIT = 0xffff };

/* Lives in the caller of the function that calls setjmp: its members survive the longjmp. */
typedef struct session {
    jmp_buf jump;
    struct jpeg_error_mgr manager;
    const char *path;
    const char *verb; /* "read" or "write", for the error */
    error *err;
    uint8_t *row;
    image *picture; /* read: made here */
    int orientation;
} session;

static void on_error(j_common_ptr jpeg) {
    session *s = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    error_set(s->err, ERROR_FAILURE, "cannot %s %s as JPEG: %s", s->verb, s->path, message);
    longjmp(s->jump, 1);
}

/* level < 0 is a warning, anything else a trace. Padding before a marker and odd headers are
 * everyday camera output and cost no pixel; every other warning means lost data. */
static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0)
        return;
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
        return;
    default:
        on_error(jpeg);
    }
}

/* The session's error manager; on_error finds the session through the library's client data. */
static struct jpeg_error_mgr *start_errors(session *s) {
    jpeg_std_error(&s->manager);
    s->manager.error_exit = on_error;
    s->manager.emit_message = on_message;
    return &s->manager;
}

/* The first APP1 segment that is EXIF (XMP is APP1 too). */
static int read_orientation(const struct jpeg_decompress_struct *jpeg) {
    static const char prefix[6] = "Exif\0"; /* two zero bytes */
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next) {
        if (m->marker == EXIF_MARKER && m->data_length > sizeof prefix &&
            !memcmp(m->data, prefix, sizeof prefix))
            return codec_exif_orientation(m->data + sizeof prefix, m->data_length - sizeof prefix);
    }
    return 1;
}

/* pixels [width][components] into row y. Of four components each colour is multiplied with black;
 * `inverted` says that 255 is no ink, as Adobe stores it. */
static void store_row(image *picture, int y, const uint8_t *pixels, int components, bool inverted) {
    const size_t plane = (size_t)picture->width * (size_t)picture->height;
    const int flip = inverted ? 0 : 255;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        float *row = picture->planes + (size_t)c * plane + (size_t)y * (size_t)picture->width;
        for (int x = 0; x < picture->width; x++) {
            const uint8_t *pixel = pixels + (size_t)x * (size_t)components;
            if (components == CMYK)
                row[x] = (float)((pixel[c] ^ flip) * (pixel[3] ^ flip)) / (255.0f * 255.0f);
            else
                row[x] = (float)pixel[c] / 255.0f;
        }
    }
}

static bool decode(session *s, struct jpeg_decompress_struct *jpeg, FILE *file,
                   const uint8_t *magic) {
    if (setjmp(s->jump))
        return false;
    jpeg_create_decompress(jpeg);
    jpeg_stdio_src(jpeg, file);
    /* The bytes already taken from the stream stand first in the library's buffer. */
    jpeg->src->next_input_byte = magic;
    jpeg->src->bytes_in_buffer = CODEC_MAGIC_SIZE;
    jpeg_save_markers(jpeg, EXIF_MARKER, MARKER_LIMIT);
    jpeg_read_header(jpeg, TRUE);
    s->orientation = read_orientation(jpeg);
    s->picture = codec_new_image(jpeg->image_width, jpeg->image_height, s->path, s->err);
    if (!s->picture)
        return false;
    jpeg->out_color_space = jpeg->num_components == CMYK ? JCS_CMYK : JCS_RGB;
    const int components = jpeg->num_components == CMYK ? CMYK : IMAGE_CHANNELS;
    s->row = memory_alloc((size_t)s->picture->width, (size_t)components, s->err);
    if (!s->row)
        return false;
    jpeg_start_decompress(jpeg);
    for (int y = 0; y < s->picture->height; y++) {
        jpeg_read_scanlines(jpeg, &s->row, 1);
        store_row(s->picture, y, s->row, components, jpeg->saw_Adobe_marker);
    }
    jpeg_finish_decompress(jpeg); /* reads to the end marker */
    return true;
}

image *codec_read_jpeg(FILE *file, const uint8_t magic[CODEC_MAGIC_SIZE], const char *path,
                       int *orientation, error *err) {
    session s = {.path = path, .verb = "read", .err = err};
    struct jpeg_decompress_struct jpeg = {.client_data = &s};
    jpeg.err = start_errors(&s);
    const bool ok = decode(&s, &jpeg, file, magic);
    jpeg_destroy_decompress(&jpeg);
    memory_free(s.row);
    if (!ok) {
        image_free(s.picture);
        return NULL;
    }
    *orientation = s.orientation;
    return s.picture;
}

static bool encode(session *s, struct jpeg_compress_struct *jpeg, const image *self, FILE *file) {
    if (setjmp(s->jump))
        return false;
    s->row = memory_alloc((size_t)self->width, IMAGE_CHANNELS, s->err);
    if (!s->row)
        return false;
    jpeg_create_compress(jpeg);
    jpeg_stdio_dest(jpeg, file);
    jpeg->image_width = (JDIMENSION)self->width;
    jpeg->image_height = (JDIMENSION)self->height;
    jpeg->input_components = IMAGE_CHANNELS;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg->comp_info[0].h_samp_factor = 1; /* 4:4:4, the other factors are 1 by default */
    jpeg->comp_info[0].v_samp_factor = 1;
    jpeg->optimize_coding = TRUE;
    jpeg_start_compress(jpeg, TRUE);
    for (int y = 0; y < self->height; y++) {
        codec_pack_row(self, y, s->row);
        jpeg_write_scanlines(jpeg, &s->row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

bool codec_write_jpeg(const image *self, FILE *file, const char *path, error *err) {
    if (self->width > IMAGE_JPEG_MOST_SIDE || self->height > IMAGE_JPEG_MOST_SIDE)
        return error_set(err, ERROR_FAILURE,
                         "cannot write %s: a JPEG side has at most %d pixels; write a .png", path,
                         IMAGE_JPEG_MOST_SIDE);
    session s = {.path = path, .verb = "write", .err = err};
    struct jpeg_compress_struct jpeg = {.client_data = &s};
    jpeg.err = start_errors(&s);
    const bool ok = encode(&s, &jpeg, self, file);
    jpeg_destroy_compress(&jpeg);
    memory_free(s.row);
    return ok;
}
