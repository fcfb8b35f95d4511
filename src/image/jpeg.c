/* SPDX-License-Identifier: MIT
 *
 * JPEG through libjpeg-turbo; the only file that knows it.
 *
 * Decoding uses the library's accurate settings, which are its defaults: integer DCT (ISLOW) and
 * smooth chroma upsampling. YCbCr comes out as RGB from the library, grey as grey; CMYK and YCCK
 * come out as CMYK and are multiplied with their black here. The library only warns of lost data
 * and goes on with grey; here such a warning is an error.
 *
 * A colour profile is collected from its APP2 markers, and spread over them, by the library; the
 * record from its comments here.
 *
 * Not done: 12-bit and lossless files, which the library refuses.
 */
#include "image/jpeg.h"

#include <jpeglib.h>
#include <jerror.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/retry.h"
#include "image/exif.h"
#include "image/format.h"
#include "image/pixels.h"

_Static_assert(IMAGE_JPEG_MOST_SIDE <= JPEG_MAX_DIMENSION, "the library takes that much");

enum { CMYK = 4, EXIF_MARKER = JPEG_APP0 + 1, ICC_MARKER = JPEG_APP0 + 2, MARKER_LIMIT = 0xffff };
enum { MARKER_MOST = MARKER_LIMIT - 2 }; /* bytes of one: its length counts itself */

#define RECORD_BEGIN RECORD_KEYWORD " "
#define RECORD_GO_ON RECORD_KEYWORD "+ "

static const pixels_format rgb = {IMAGE_CHANNELS, PIXELS_U8};

#define MOST_MARKERS ((size_t)32 << 20) /* bytes of markers; of what follows none is kept */

/* The units of a density in a JFIF header, and what pixels per unit are in ours. */
enum { JFIF_ASPECT, JFIF_INCH, JFIF_CENTIMETRE };
static const double jfif_units[] = {
    [JFIF_ASPECT] = 1,
    [JFIF_INCH] = 1 / 0.0254,
    [JFIF_CENTIMETRE] = 100,
};

/* Lives in the caller of the function that calls setjmp: its members survive the longjmp. */
typedef struct session {
    jmp_buf jump;
    struct jpeg_error_mgr manager;
    const char *path;
    const char *verb; /* "read" or "write", for the error */
    error *err;
    uint8_t *row;
    /* Reading: */
    image *picture; /* made here */
    JOCTET *profile;
    char *record;        /* likewise */
    size_t marker_bytes; /* of those that have passed */
} session;

/* The library's words for what it does not read leave users alone. */
static const char *explain(int code) {
    switch (code) {
    case JERR_BAD_PRECISION:
        return "only samples of 8 bits are supported; convert it to 8 bits, or to PNG";
    case JERR_SOF_UNSUPPORTED:
        return "a lossless or hierarchical file, or damaged; save it as an ordinary JPEG, or as "
               "PNG";
    default:
        return NULL;
    }
}

static void on_error(j_common_ptr jpeg) {
    session *s = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];
    const char *explanation = explain(jpeg->err->msg_code);
    jpeg->err->format_message(jpeg, message);
    error_set(s->err, ERROR_FAILURE, "cannot %s %s as JPEG: %s", s->verb, s->path,
              explanation ? explanation : message);
    longjmp(s->jump, 1);
}

/* Told of every marker that is kept or passed over: a file must not fill the memory with them. */
static void count_marker(j_common_ptr jpeg) {
    session *s = jpeg->client_data;
    s->marker_bytes += (size_t)jpeg->err->msg_parm.i[1];
    if (s->marker_bytes > MOST_MARKERS) {
        jpeg_save_markers((j_decompress_ptr)jpeg, EXIF_MARKER, 0);
        jpeg_save_markers((j_decompress_ptr)jpeg, ICC_MARKER, 0);
        jpeg_save_markers((j_decompress_ptr)jpeg, JPEG_COM, 0);
    }
}

/* level < 0 is a warning, anything else a trace. Padding before a marker and odd headers are
 * everyday camera output and cost no pixel; every other warning means lost data. */
static void on_message(j_common_ptr jpeg, int level) {
    switch (jpeg->err->msg_code) {
    case JTRC_MISC_MARKER:
        count_marker(jpeg);
        return;
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
        return;
    default:
        if (level < 0)
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

/* ---- reading ---- */

/* The first APP1 segment that is EXIF (XMP is APP1 too). */
static int read_orientation(const struct jpeg_decompress_struct *jpeg) {
    static const char prefix[6] = "Exif\0"; /* two zero bytes */
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next) {
        if (m->marker == EXIF_MARKER && m->data_length > sizeof prefix &&
            !memcmp(m->data, prefix, sizeof prefix))
            return exif_orientation(m->data + sizeof prefix, m->data_length - sizeof prefix);
    }
    return 1;
}

/* pixels [width][4] of CMYK into row y: each colour is multiplied with black. `inverted` says that
 * 255 is no ink, as Adobe stores it. */
static void store_cmyk(const image *picture, int y, const uint8_t *pixels, bool inverted) {
    uint16_t *row = image_packed_at(picture, 0, y);
    const int flip = inverted ? 0 : 255;
    for (int x = 0; x < picture->width; x++, pixels += CMYK, row += IMAGE_CHANNELS) {
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            row[c] = (uint16_t)((pixels[c] ^ flip) * (pixels[3] ^ flip));
    }
}

static void read_density(const struct jpeg_decompress_struct *jpeg, image_properties *to) {
    const double across = jpeg->X_density, down = jpeg->Y_density;
    /* Equal numbers without a unit say nothing, and are everywhere. */
    if (!jpeg->saw_JFIF_marker || across < 1 || down < 1 || jpeg->density_unit > JFIF_CENTIMETRE ||
        (jpeg->density_unit == JFIF_ASPECT && across == down))
        return;
    to->density_unit = jpeg->density_unit == JFIF_ASPECT ? DENSITY_ASPECT : DENSITY_METRE;
    to->density[0] = across * jfif_units[jpeg->density_unit];
    to->density[1] = down * jfif_units[jpeg->density_unit];
}

/* A profile of CMYK is of no use to what is made of it, and one of RGB was wrong. */
static bool read_properties(session *s, struct jpeg_decompress_struct *jpeg) {
    image_properties *to = &s->picture->properties;
    unsigned size;
    read_density(jpeg, to);
    return jpeg->num_components == CMYK || !jpeg_read_icc_profile(jpeg, &s->profile, &size) ||
           image_properties_set_profile(to, s->profile, size, s->err);
}

/* Whether a marker is a comment that begins with `prefix`. */
static bool is_comment(const struct jpeg_marker_struct *marker, const char *prefix) {
    const size_t length = strlen(prefix);
    return marker->marker == JPEG_COM && marker->data_length >= length &&
           !memcmp(marker->data, prefix, length);
}

/* The first comment that is a record, with those that continue it. */
static bool read_record(session *s, const struct jpeg_decompress_struct *jpeg, char **record) {
    jpeg_saved_marker_ptr first = jpeg->marker_list;
    while (first && !is_comment(first, RECORD_BEGIN))
        first = first->next;
    size_t length = 0, skip = strlen(RECORD_BEGIN);
    for (jpeg_saved_marker_ptr m = first; m; m = m->next) {
        if (m == first || is_comment(m, RECORD_GO_ON))
            length += m->data_length;
    }
    char *text = first ? memory_alloc(length, 1, s->err) : NULL;
    if (!text)
        return !first;
    length = 0;
    for (jpeg_saved_marker_ptr m = first; m; m = m->next) {
        if (m != first && !is_comment(m, RECORD_GO_ON))
            continue;
        memcpy(text + length, m->data + skip, m->data_length - skip);
        length += m->data_length - skip;
        skip = strlen(RECORD_GO_ON);
    }
    const bool ok = record_text_set(record, text, length, s->err);
    memory_free(text);
    return ok;
}

/* Where the library takes bytes from: as its own over stdio, which takes a signal for the end. */
typedef struct source {
    struct jpeg_source_mgr base;
    FILE *file;
    JOCTET buffer[4096];
} source;

static void pass_source(j_decompress_ptr jpeg) {
    (void)jpeg; /* it is ready, and nothing is to be done at its end */
}

static boolean fill_source(j_decompress_ptr jpeg) {
    source *self = (source *)jpeg->src;
    self->base.next_input_byte = self->buffer;
    self->base.bytes_in_buffer = retry_fread(self->buffer, 1, sizeof self->buffer, self->file);
    if (!self->base.bytes_in_buffer)
        ERREXIT(jpeg, JWRN_JPEG_EOF);
    return TRUE;
}

static void skip_source(j_decompress_ptr jpeg, long count) {
    struct jpeg_source_mgr *self = jpeg->src;
    while (count > (long)self->bytes_in_buffer) {
        count -= (long)self->bytes_in_buffer;
        fill_source(jpeg);
    }
    if (count > 0) {
        self->next_input_byte += count;
        self->bytes_in_buffer -= (size_t)count;
    }
}

/* Reads what stands before the pixels. */
static void read_head(struct jpeg_decompress_struct *jpeg, const codec_input *input) {
    jpeg_create_decompress(jpeg);
    source *from = jpeg->mem->alloc_small((j_common_ptr)jpeg, JPOOL_PERMANENT, sizeof *from);
    from->file = input->file;
    from->base = (struct jpeg_source_mgr){
        .next_input_byte = input->magic, /* the bytes already taken from the stream stand first */
        .bytes_in_buffer = CODEC_MAGIC_SIZE,
        .init_source = pass_source,
        .fill_input_buffer = fill_source,
        .skip_input_data = skip_source,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = pass_source,
    };
    jpeg->src = &from->base;
    jpeg_save_markers(jpeg, EXIF_MARKER, MARKER_LIMIT);
    jpeg_save_markers(jpeg, ICC_MARKER, MARKER_LIMIT);
    jpeg_save_markers(jpeg, JPEG_COM, MARKER_LIMIT);
    jpeg_read_header(jpeg, TRUE);
}

static bool decode_record(session *s, struct jpeg_decompress_struct *jpeg,
                          const codec_input *input) {
    if (setjmp(s->jump))
        return false;
    read_head(jpeg, input);
    return read_record(s, jpeg, &s->record);
}

bool codec_read_jpeg_record(const codec_input *input, char **record, error *err) {
    session s = {.path = input->path, .verb = "read", .err = err};
    struct jpeg_decompress_struct jpeg = {.client_data = &s};
    jpeg.err = start_errors(&s);
    const bool ok = decode_record(&s, &jpeg, input);
    jpeg_destroy_decompress(&jpeg);
    *record = s.record;
    return ok;
}

/* What the picture will be. */
static pixels_format find_format(const struct jpeg_decompress_struct *jpeg) {
    return jpeg->num_components == CMYK ? (pixels_format){IMAGE_CHANNELS, PIXELS_PRODUCT}
           : jpeg->num_components == 1  ? (pixels_format){1, PIXELS_U8}
                                        : rgb;
}

/* Bytes that decoding takes besides the picture: the coefficients of a progressive file, or another
 * picture to turn it. */
static size_t besides(struct jpeg_decompress_struct *jpeg, int orientation) {
    size_t bytes = 0;
    for (int i = 0; i < jpeg->num_components && jpeg_has_multiple_scans(jpeg); i++)
        bytes += (size_t)jpeg->comp_info[i].width_in_blocks * jpeg->comp_info[i].height_in_blocks *
                 DCTSIZE2 * sizeof(JCOEF);
    const size_t turned = image_packed_memory((int)jpeg->image_width, (int)jpeg->image_height,
                                              find_format(jpeg));
    return orientation == 1 || turned < bytes ? bytes : turned;
}

static void read_rows(session *s, struct jpeg_decompress_struct *jpeg) {
    for (int y = 0; y < s->picture->height; y++) {
        JSAMPROW row = s->row ? s->row : image_packed_at(s->picture, 0, y);
        jpeg_read_scanlines(jpeg, &row, 1);
        if (s->row)
            store_cmyk(s->picture, y, row, jpeg->saw_Adobe_marker);
    }
}

static bool decode(session *s, struct jpeg_decompress_struct *jpeg, const codec_input *input,
                   int *orientation) {
    if (setjmp(s->jump))
        return false;
    read_head(jpeg, input);
    *orientation = read_orientation(jpeg);
    const codec_claim claim = {jpeg->image_width, jpeg->image_height, find_format(jpeg),
                               besides(jpeg, *orientation)};
    s->picture = codec_new_image(input, &claim, s->err);
    if (!s->picture || !read_properties(s, jpeg) || !read_record(s, jpeg, &s->picture->record))
        return false;
    jpeg->out_color_space = jpeg->num_components == CMYK ? JCS_CMYK
                            : jpeg->num_components == 1  ? JCS_GRAYSCALE
                                                         : JCS_RGB;
    if (jpeg->num_components == CMYK &&
        !(s->row = memory_alloc((size_t)s->picture->width, CMYK, s->err)))
        return false;
    jpeg_start_decompress(jpeg);
    read_rows(s, jpeg);
    jpeg_finish_decompress(jpeg); /* reads to the end marker */
    return true;
}

image *codec_read_jpeg(const codec_input *input, int *orientation, error *err) {
    session s = {.path = input->path, .verb = "read", .err = err};
    struct jpeg_decompress_struct jpeg = {.client_data = &s};
    jpeg.err = start_errors(&s);
    const bool ok = decode(&s, &jpeg, input, orientation);
    jpeg_destroy_decompress(&jpeg);
    free(s.profile);
    memory_free(s.row);
    if (!ok) {
        image_free(s.picture);
        return NULL;
    }
    return s.picture;
}

/* ---- writing ---- */

/* How far a density is from whole numbers of pixels per unit, in parts of it. */
static double misfit(const double density[2], int unit) {
    const double across = density[0] / jfif_units[unit], down = density[1] / jfif_units[unit];
    return fabs(across - round(across)) / across + fabs(down - round(down)) / down;
}

/* In inches, unless centimetres are clearly nearer; not at all where the header has no room. */
static void set_density(struct jpeg_compress_struct *jpeg, const image_properties *from) {
    int unit = JFIF_ASPECT;
    if (from->density_unit == DENSITY_METRE)
        unit = misfit(from->density, JFIF_CENTIMETRE) < misfit(from->density, JFIF_INCH) / 2
                   ? JFIF_CENTIMETRE
                   : JFIF_INCH;
    const double across = round(from->density[0] / jfif_units[unit]);
    const double down = round(from->density[1] / jfif_units[unit]);
    if (!from->density_unit || across < 1 || across > UINT16_MAX || down < 1 || down > UINT16_MAX)
        return;
    jpeg->density_unit = (UINT8)unit;
    jpeg->X_density = (UINT16)across;
    jpeg->Y_density = (UINT16)down;
}

static void write_record(struct jpeg_compress_struct *jpeg, const char *record) {
    char comment[MARKER_MOST];
    const char *prefix = RECORD_BEGIN;
    while (*record) {
        const size_t head = strlen(prefix), left = strlen(record);
        const size_t count = left < MARKER_MOST - head ? left : MARKER_MOST - head;
        memcpy(comment, prefix, head);
        memcpy(comment + head, record, count);
        jpeg_write_marker(jpeg, JPEG_COM, (const JOCTET *)comment, (unsigned)(head + count));
        record += count;
        prefix = RECORD_GO_ON;
    }
}

/* ---- the library's way into a buffer ---- */

enum { BLOCK = 1 << 14 }; /* bytes */

typedef struct sink {
    struct jpeg_destination_mgr manager; /* first: the library knows it alone */
    buffer *to;
    JOCTET block[BLOCK];
} sink;

static void begin_block(j_compress_ptr jpeg) {
    sink *self = (sink *)jpeg->dest;
    self->manager.next_output_byte = self->block;
    self->manager.free_in_buffer = BLOCK;
}

static void put_block(j_compress_ptr jpeg, size_t count) {
    sink *self = (sink *)jpeg->dest;
    if (!buffer_put(self->to, self->block, count))
        ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
}

/* Its numbers of what is left do not count here: the whole block is to go. */
static boolean on_full(j_compress_ptr jpeg) {
    put_block(jpeg, BLOCK);
    begin_block(jpeg);
    return TRUE;
}

static void on_end(j_compress_ptr jpeg) {
    put_block(jpeg, BLOCK - jpeg->dest->free_in_buffer);
}

static bool encode(session *s, struct jpeg_compress_struct *jpeg, const image *self, int quality,
                   sink *to) {
    if (setjmp(s->jump))
        return false;
    s->row = memory_alloc((size_t)self->width, IMAGE_CHANNELS, s->err);
    if (!s->row)
        return false;
    jpeg_create_compress(jpeg);
    jpeg->dest = &to->manager;
    jpeg->image_width = (JDIMENSION)self->width;
    jpeg->image_height = (JDIMENSION)self->height;
    jpeg->input_components = IMAGE_CHANNELS;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    set_density(jpeg, &self->properties);
    jpeg->comp_info[0].h_samp_factor = 1; /* 4:4:4, the other factors are 1 by default */
    jpeg->comp_info[0].v_samp_factor = 1;
    jpeg->optimize_coding = TRUE;
    jpeg_start_compress(jpeg, TRUE);
    if (self->properties.profile)
        jpeg_write_icc_profile(jpeg, self->properties.profile,
                               (unsigned)self->properties.profile_size);
    if (self->record)
        write_record(jpeg, self->record);
    for (int y = 0; y < self->height; y++) {
        pixels_pack_row(self, y, rgb, s->row);
        jpeg_write_scanlines(jpeg, &s->row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

bool codec_write_jpeg(const image *self, int quality, buffer *to, const char *path, error *err) {
    sink all = {{.init_destination = begin_block,
                 .empty_output_buffer = on_full,
                 .term_destination = on_end},
                to,
                {0}};
    session s = {.path = path, .verb = "write", .err = err};
    struct jpeg_compress_struct jpeg = {.client_data = &s};
    jpeg.err = start_errors(&s);
    const bool ok = encode(&s, &jpeg, self, quality, &all);
    jpeg_destroy_compress(&jpeg);
    memory_free(s.row);
    return ok;
}
