/* SPDX-License-Identifier: MIT
 *
 * PNG through libpng; the only file that knows it.
 *
 * Every colour type is expanded by libpng to whole samples, of 16 bits where the file has them and
 * of 8 bits otherwise, grey or RGB, with alpha where there is any, and read into the rows of the
 * picture. The file is read to its last chunk, so that a truncation after the pixels is seen and a
 * late eXIf is found.
 *
 * Of the ancillary chunks libpng sees only those that are wanted, and none over a bound: what would
 * fill the memory, or be refused for its size, is lost, but never the picture for it. Of texts that
 * is the first one with the record's keyword, which is looked at before libpng gets the chunk: it
 * would keep, and inflate, any number of them.
 *
 * Not done: gamma and profile conversion, animation (the first picture is taken).
 */
#include "image/png.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "core/memory.h"
#include "core/retry.h"
#include "image/exif.h"
#include "image/pixels.h"

enum { CHUNK_HEADER = 8, CHUNK_CRC = 4, KEYWORD = sizeof RECORD_KEYWORD /* with a zero byte */ };

/* libpng's byte order is the file's unless it is asked to swap. */
#define MUST_SWAP (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Ancillary chunks that are read. */
enum { CHROMATICITIES, EXIF, GAMMA, PROFILE, DENSITY, SRGB, TRANSPARENCY, WANTED };
static const char wanted[WANTED][4] = {
    [CHROMATICITIES] = {'c', 'H', 'R', 'M'}, [EXIF] = {'e', 'X', 'I', 'f'},
    [GAMMA] = {'g', 'A', 'M', 'A'},          [PROFILE] = {'i', 'C', 'C', 'P'},
    [DENSITY] = {'p', 'H', 'Y', 's'},        [SRGB] = {'s', 'R', 'G', 'B'},
    [TRANSPARENCY] = {'t', 'R', 'N', 'S'},
};

/* Chunks of text, which may hold the record; beside it there are a few words about it. */
static const char texts[][4] = {{'i', 'T', 'X', 't'}, {'z', 'T', 'X', 't'}, {'t', 'E', 'X', 't'}};
enum { TEXTS = sizeof texts / sizeof *texts, TEXT_MOST = (int)RECORD_MOST + 1024 };

/* Lives in the caller of the function that calls setjmp: its members survive the longjmp. */
typedef struct session {
    jmp_buf jump;
    const char *path;
    const char *verb; /* "read" or "write", for the error */
    error *err;
    bool lacks_memory; /* though libpng may go on without what it was for */
    FILE *file;        /* to be read */
    buffer *to;        /* to be written */
    png_structp png;
    png_infop info;
    uint8_t *row;
    /* Reading: */
    image *picture;    /* made here */
    char *record;      /* likewise */
    size_t chunk_left; /* bytes that libpng has still to take of the chunk at hand */
    bool seen[WANTED]; /* libpng makes up some of what the file does not say */
    bool text_seen;
    /* Taken from the file for a look at them, and not yet by libpng. */
    uint8_t ahead[KEYWORD];
    size_t ahead_count;
} session;

static png_voidp on_alloc(png_structp png, png_alloc_size_t size) {
    session *s = png_get_mem_ptr(png);
    error ignored;
    void *block = memory_alloc_unset(size, 1, &ignored);
    s->lacks_memory |= !block;
    return block;
}

static void on_free(png_structp png, png_voidp block) {
    (void)png;
    memory_free(block);
}

/* Of a chunk that no pixel depends on libpng only warns where there is no memory for it: whether
 * nothing was left out for that. */
static bool had_memory(const session *s) {
    return !s->lacks_memory ||
           error_set(s->err, ERROR_MEMORY, "cannot %s %s: not enough memory", s->verb, s->path);
}

static void on_error(png_structp png, png_const_charp message) {
    session *s = png_get_error_ptr(png);
    if (had_memory(s))
        error_set(s->err, ERROR_FAILURE, "cannot %s %s as PNG: %s", s->verb, s->path, message);
    longjmp(s->jump, 1);
}

/* A warning concerns a chunk that no pixel depends on. */
static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

/* Takes what has been looked at first. */
static void take(session *s, uint8_t *data, size_t size) {
    const size_t known = size < s->ahead_count ? size : s->ahead_count;
    memcpy(data, s->ahead, known);
    s->ahead_count -= known;
    memmove(s->ahead, s->ahead + known, s->ahead_count);
    data += known;
    size -= known;
    if (retry_fread(data, 1, size, s->file) != size)
        png_error(s->png, "the file ends too early");
}

/* Whether the text chunk with this header is the record, or the first that claims to be. */
static bool is_record(session *s, const uint8_t header[CHUNK_HEADER]) {
    const size_t length = png_get_uint_32(header);
    if (s->text_seen || length <= KEYWORD || length > TEXT_MOST)
        return false;
    take(s, s->ahead, KEYWORD);
    s->ahead_count = KEYWORD;
    return s->text_seen = !memcmp(s->ahead, RECORD_KEYWORD, KEYWORD);
}

/* Whether libpng is to see the chunk with this header: a critical one (its name begins with a
 * capital), or a wanted one within bounds. */
static bool choose_chunk(session *s, const uint8_t header[CHUNK_HEADER]) {
    const uint8_t *name = header + 4;
    if (!(name[0] & 0x20))
        return true;
    for (int i = 0; i < WANTED; i++) {
        if (!memcmp(name, wanted[i], sizeof wanted[i]))
            return s->seen[i] = png_get_uint_32(header) <= PROPERTIES_MOST_PROFILE;
    }
    for (int i = 0; i < TEXTS; i++) {
        if (!memcmp(name, texts[i], sizeof texts[i]))
            return is_record(s, header);
    }
    return false;
}

static void skip_chunk(session *s, const uint8_t header[CHUNK_HEADER]) {
    uint8_t block[1024];
    size_t left = (size_t)png_get_uint_32(header) + CHUNK_CRC;
    while (left) {
        const size_t size = left < sizeof block ? left : sizeof block;
        take(s, block, size);
        left -= size;
    }
}

/* libpng takes the header of a chunk by one call, then what is in it by others. */
static void on_read(png_structp png, png_bytep data, size_t size) {
    session *s = png_get_io_ptr(png);
    take(s, data, size);
    if (s->chunk_left || size != CHUNK_HEADER) {
        s->chunk_left -= size < s->chunk_left ? size : s->chunk_left;
        return;
    }
    while (!choose_chunk(s, data)) {
        skip_chunk(s, data);
        take(s, data, size);
    }
    s->chunk_left = (size_t)png_get_uint_32(data) + CHUNK_CRC;
}

static void on_write(png_structp png, png_bytep data, size_t size) {
    const session *s = png_get_io_ptr(png);
    if (!buffer_put(s->to, data, size))
        png_error(png, "out of memory");
}

/* There is nothing behind a buffer. */
static void on_flush(png_structp png) {
    (void)png;
}

/* ---- reading ---- */

/* Reads what stands before the pixels. */
static void read_head(session *s) {
    png_set_sig_bytes(s->png, CODEC_MAGIC_SIZE);
    png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours counts pixels */
    png_set_chunk_malloc_max(s->png, PROPERTIES_MOST_PROFILE);
    png_read_info(s->png, s->info);
}

/* What the pixels will be when libpng has expanded them. */
static pixels_format find_format(const session *s) {
    const int type = png_get_color_type(s->png, s->info);
    const bool alpha =
        type & PNG_COLOR_MASK_ALPHA || png_get_valid(s->png, s->info, PNG_INFO_tRNS);
    return (pixels_format){
        .channels = (type & PNG_COLOR_MASK_COLOR ? IMAGE_CHANNELS : 1) + alpha,
        .sample = png_get_bit_depth(s->png, s->info) == 16 ? PIXELS_U16 : PIXELS_U8,
    };
}

/* Reads up to the pixels, makes the picture, and asks libpng for its format; which takes memory for
 * rows only when the header's claim has been checked. False with the error set. */
static bool read_header(session *s, const codec_input *input, int *passes) {
    read_head(s);
    const codec_claim claim = {
        .width = png_get_image_width(s->png, s->info),
        .height = png_get_image_height(s->png, s->info),
        .format = find_format(s),
    };
    s->picture = codec_new_image(input, &claim, s->err);
    if (!s->picture)
        return false;
    png_set_expand(s->png); /* palette, fewer than 8 bits, and tRNS to alpha */
    if (claim.format.sample == PIXELS_U16 && MUST_SWAP)
        png_set_swap(s->png);
    *passes = png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    if (png_get_rowbytes(s->png, s->info) !=
        pixels_format_row_size(claim.format, s->picture->width))
        png_error(s->png, "unexpected row size");
    return true;
}

/* Each pass of an interlaced file adds to the rows. */
static void read_rows(const session *s, int passes) {
    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < s->picture->height; y++)
            png_read_row(s->png, image_packed_at(s->picture, 0, y), NULL);
    }
}

static bool read_properties(session *s) {
    image_properties *to = &s->picture->properties;
    png_charp name;
    png_bytep profile;
    png_uint_32 size, across, down;
    int method, unit;
    if (png_get_iCCP(s->png, s->info, &name, &method, &profile, &size) &&
        !image_properties_set_profile(to, profile, size, s->err))
        return false;
    to->has_srgb = s->seen[SRGB] && png_get_sRGB(s->png, s->info, &to->srgb_intent);
    to->has_gamma = s->seen[GAMMA] && png_get_gAMA_fixed(s->png, s->info, &to->gamma);
    int32_t *c = to->chromaticities;
    to->has_chromaticities =
        s->seen[CHROMATICITIES] &&
        png_get_cHRM_fixed(s->png, s->info, &c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7]);
    if (png_get_pHYs(s->png, s->info, &across, &down, &unit) && across && down) {
        to->density_unit = unit == PNG_RESOLUTION_METER ? DENSITY_METRE : DENSITY_ASPECT;
        to->density[0] = across;
        to->density[1] = down;
    }
    return true;
}

/* libpng sees one text at most. */
static bool read_record(const session *s, char **record) {
    png_textp found;
    int count;
    if (!png_get_text(s->png, s->info, &found, &count) || count == 0)
        return true;
    /* The length of an iTXt has a place of its own. */
    const size_t length = found->compression > 0 ? found->itxt_length : found->text_length;
    return record_text_set(record, found->text, length, s->err);
}

static int read_orientation(const session *s) {
#ifdef PNG_READ_eXIf_SUPPORTED
    png_uint_32 size = 0;
    png_bytep tiff = NULL;
    if (png_get_eXIf_1(s->png, s->info, &size, &tiff))
        return exif_orientation(tiff, size);
#endif
    return 1;
}

static bool decode(session *s, const codec_input *input, int *orientation) {
    int passes;
    if (setjmp(s->jump) || !read_header(s, input, &passes))
        return false;
    read_rows(s, passes);
    png_read_end(s->png, s->info);
    *orientation = read_orientation(s);
    return had_memory(s) && read_properties(s) && read_record(s, &s->picture->record);
}

static bool decode_record(session *s) {
    if (setjmp(s->jump))
        return false;
    read_head(s);
    return had_memory(s) && read_record(s, &s->record);
}

/* False with the error set; the end of reading follows in any case. */
static bool begin_reading(session *s) {
    s->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, s, on_error, on_warning, s, on_alloc,
                                      on_free);
    s->info = s->png ? png_create_info_struct(s->png) : NULL;
    if (!s->info)
        return had_memory(s) && error_set(s->err, ERROR_FAILURE,
                                          "cannot read %s: libpng cannot be initialised", s->path);
    png_set_read_fn(s->png, s, on_read);
    return true;
}

bool codec_read_png_record(const codec_input *input, char **record, error *err) {
    session s = {.path = input->path, .verb = "read", .err = err, .file = input->file};
    const bool ok = begin_reading(&s) && decode_record(&s);
    png_destroy_read_struct(&s.png, &s.info, NULL);
    *record = s.record;
    return ok;
}

image *codec_read_png(const codec_input *input, int *orientation, error *err) {
    session s = {.path = input->path, .verb = "read", .err = err, .file = input->file};
    const bool ok = begin_reading(&s) && decode(&s, input, orientation);
    png_destroy_read_struct(&s.png, &s.info, NULL);
    if (!ok) {
        image_free(s.picture);
        return NULL;
    }
    return s.picture;
}

/* ---- writing ---- */

/* What libpng does not accept it leaves out with a warning. */
static void set_properties(session *s, const image_properties *from) {
    const int32_t *c = from->chromaticities;
    png_set_benign_errors(s->png, 1);
    if (from->has_gamma)
        png_set_gAMA_fixed(s->png, s->info, from->gamma);
    if (from->has_chromaticities)
        png_set_cHRM_fixed(s->png, s->info, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
    if (from->profile)
        png_set_iCCP(s->png, s->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, from->profile,
                     (png_uint_32)from->profile_size);
    else if (from->has_srgb)
        png_set_sRGB(s->png, s->info, from->srgb_intent);
    const double across = from->density[0] + 0.5, down = from->density[1] + 0.5;
    if (from->density_unit && across >= 1 && down >= 1 && across < PNG_UINT_31_MAX &&
        down < PNG_UINT_31_MAX)
        png_set_pHYs(s->png, s->info, (png_uint_32)across, (png_uint_32)down,
                     from->density_unit == DENSITY_METRE ? PNG_RESOLUTION_METER
                                                         : PNG_RESOLUTION_UNKNOWN);
}

/* Before the pixels, where it is found without them. */
static void set_record(session *s, char *record) {
    char keyword[] = RECORD_KEYWORD, none[] = "";
    const png_text text = {
        .compression = PNG_ITXT_COMPRESSION_NONE,
        .key = keyword,
        .text = record,
        .itxt_length = strlen(record),
        .lang = none,
        .lang_key = none,
    };
    png_set_text(s->png, s->info, &text, 1);
}

static bool encode(session *s, const image *self, int depth) {
    if (setjmp(s->jump))
        return false;
    const pixels_format format = {IMAGE_CHANNELS + image_has_alpha(self),
                                  depth == 16 ? PIXELS_U16 : PIXELS_U8};
    s->row = memory_alloc(1, pixels_format_row_size(format, self->width), s->err);
    if (!s->row)
        return false;
    png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(s->png, s->info, (png_uint_32)self->width, (png_uint_32)self->height, depth,
                 image_has_alpha(self) ? PNG_COLOR_TYPE_RGBA : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    set_properties(s, &self->properties);
    if (self->record)
        set_record(s, self->record);
    png_write_info(s->png, s->info);
    if (depth == 16 && MUST_SWAP)
        png_set_swap(s->png);
    for (int y = 0; y < self->height; y++) {
        pixels_pack_row(self, y, format, s->row);
        png_write_row(s->png, s->row);
    }
    png_write_end(s->png, s->info);
    return had_memory(s);
}

bool codec_write_png(const image *self, int depth, buffer *to, const char *path, error *err) {
    session s = {.path = path, .verb = "write", .err = err, .to = to};
    bool ok = false;
    s.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning, &s, on_alloc,
                                      on_free);
    s.info = s.png ? png_create_info_struct(s.png) : NULL;
    if (s.info) {
        png_set_write_fn(s.png, &s, on_write, on_flush);
        ok = encode(&s, self, depth);
    } else if (had_memory(&s)) {
        error_set(err, ERROR_FAILURE, "cannot write %s: libpng cannot be initialised", path);
    }
    png_destroy_write_struct(&s.png, &s.info);
    memory_free(s.row);
    return ok;
}
