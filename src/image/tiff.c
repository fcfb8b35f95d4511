/* SPDX-License-Identifier: MIT
 *
 * Reading TIFF through libtiff, which only the files tiff*.c know.
 *
 * Read is what print and scanning make: grey, palettes, RGB, CMYK, and YCbCr packed as JPEG, with 1
 * to 16 bits a sample, in strips or tiles, the samples of a pixel together or apart. A block (a row
 * of tiles, or a strip) is decoded into memory and its rows become those of the picture, in 8 bits
 * where that is exact, else in 16: palettes as RGB, CMYK by the plain formula, associated alpha
 * divided out. Channels besides, unless they say that they are alpha, are passed over.
 *
 * A file may claim anything. Its pixels are counted before any are decoded, a block of its may be a
 * few times as large as the picture, and only codecs that ordinary files have are used. A stream
 * that cannot seek is taken into memory.
 *
 * Not done: pages past the first, floats, CIELAB, raw files of cameras.
 */
#define _XOPEN_SOURCE 700 /* fmemopen, ftello */
#include "image/tiff.h"

#include <string.h>

#include "core/memory.h"
#include "image/record_text.h"
#include "image/tiff_stream.h"

enum { CMYK = 4, BLACK = 3, MOST_SAMPLES = 16, MOST_COLORS = 256 };

#define WHITE ((uint32_t)UINT16_MAX)
#define OVERHEAD ((size_t)64 << 20) /* bytes that a file or a block may take beside its pixels */

bool codec_has_tiff(const char *path, error *err) {
    (void)path;
    (void)err;
    return true;
}

/* ---- what is in a file ---- */

typedef struct reader {
    tiff_stream stream;
    TIFF *tiff;
    codec_claim claim;
    image *picture;
    /* The kind of pixels. */
    uint16_t compression, photometric, bits;
    int samples; /* of a pixel */
    int colors;  /* of these the first ones */
    int alpha;   /* index among the samples, or -1 */
    bool associated, separate;
    const uint16_t *palette[IMAGE_CHANNELS]; /* [1 << bits], libtiff's */
    /* Blocks: */
    uint32_t block_width, block_height;
    size_t row_size; /* bytes of a row of a block, of one plane where samples are separate */
    size_t stride;   /* bytes of a row of all blocks side by side, likewise */
    uint8_t *blocks; /* [planes][block_height][stride] */
    uint8_t *tile;   /* one tile */
} reader;

static bool refuse(reader *self, const char *why) {
    return tiff_stream_refuse(&self->stream, why);
}

static bool check_compression(reader *self) {
    static const uint16_t known[] = {
        COMPRESSION_NONE,      COMPRESSION_CCITTRLE,      COMPRESSION_CCITTFAX3,
        COMPRESSION_CCITTFAX4, COMPRESSION_LZW,           COMPRESSION_JPEG,
        COMPRESSION_DEFLATE,   COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS,
        COMPRESSION_LZMA,      COMPRESSION_ZSTD,          COMPRESSION_WEBP,
    };
    self->compression = COMPRESSION_NONE;
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_COMPRESSION, &self->compression);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (self->compression == known[i] && TIFFIsCODECConfigured(self->compression))
            return true;
    }
    return refuse(self, "its compression is not known here; save it with LZW or deflate");
}

static bool check_samples(reader *self) {
    uint16_t format = SAMPLEFORMAT_UINT, samples = 1, planar = PLANARCONFIG_CONTIG;
    uint32_t subfile = 0;
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_BITSPERSAMPLE, &self->bits);
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_SUBFILETYPE, &subfile);
    const uint16_t bits = self->bits;
    self->samples = samples;
    self->separate = planar == PLANARCONFIG_SEPARATE && samples > 1;
    if (subfile & FILETYPE_REDUCEDIMAGE)
        return refuse(self,
                      "its first page is a thumbnail, as in raw files of cameras; develop it");
    if (format == SAMPLEFORMAT_IEEEFP)
        return refuse(self, "its samples are floats; save it with 8 or 16 bits");
    if ((format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) ||
        (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16))
        return refuse(self,
                      "its samples are of a kind that is not read; save it with 8 or 16 bits");
    if (samples < 1 || samples > MOST_SAMPLES)
        return refuse(self, "it has too many channels; save it as RGB");
    return true;
}

static bool check_palette(reader *self) {
    uint16_t *red, *green, *blue;
    if (self->bits > 8 || !TIFFGetField(self->tiff, TIFFTAG_COLORMAP, &red, &green, &blue))
        return refuse(self, "its palette is missing or too large");
    self->palette[0] = red;
    self->palette[1] = green;
    self->palette[2] = blue;
    return true;
}

static bool check_inks(reader *self) {
    uint16_t inks = INKSET_CMYK;
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_INKSET, &inks);
    return inks == INKSET_CMYK || refuse(self, "its inks are not CMYK; save it as RGB");
}

/* libtiff turns YCbCr into RGB where JPEG is the compression, which is where it is found. */
static bool ask_for_rgb(reader *self) {
    if (self->compression != COMPRESSION_JPEG || self->separate || self->bits != 8)
        return refuse(self, "it is YCbCr without JPEG compression; save it as RGB");
    return TIFFSetField(self->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) != 0;
}

static bool check_colors(reader *self) {
    if (!TIFFGetField(self->tiff, TIFFTAG_PHOTOMETRIC, &self->photometric))
        return refuse(self, "it does not say what its colours are");
    switch (self->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        self->colors = 1;
        break;
    case PHOTOMETRIC_PALETTE:
        self->colors = 1;
        if (!check_palette(self))
            return false;
        break;
    case PHOTOMETRIC_RGB:
        self->colors = IMAGE_CHANNELS;
        break;
    case PHOTOMETRIC_SEPARATED:
        self->colors = CMYK;
        if (!check_inks(self))
            return false;
        break;
    case PHOTOMETRIC_YCBCR:
        self->colors = IMAGE_CHANNELS;
        if (!ask_for_rgb(self))
            return refuse(self, "its colours cannot be turned into RGB");
        break;
    default:
        return refuse(self, "its colours are of a kind that is not read; save it as RGB");
    }
    return self->samples >= self->colors || refuse(self, "it has too few channels");
}

static void find_alpha(reader *self) {
    uint16_t count = 0, *kinds = NULL;
    self->alpha = -1;
    if (!TIFFGetField(self->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds))
        return;
    for (int i = 0; i < count && self->alpha < 0; i++) {
        const bool is_alpha =
            kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA;
        if (is_alpha && self->colors + i < self->samples) {
            self->alpha = self->colors + i;
            self->associated = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
        }
    }
}

/* What the picture will be: of 16 bits where the samples do not say its values themselves. */
static pixels_format find_format(const reader *self) {
    const uint16_t kind = self->photometric;
    const bool grey = kind == PHOTOMETRIC_MINISWHITE || kind == PHOTOMETRIC_MINISBLACK;
    const bool itself = grey || kind == PHOTOMETRIC_RGB || kind == PHOTOMETRIC_YCBCR;
    return (pixels_format){
        .channels = (grey ? 1 : IMAGE_CHANNELS) + (self->alpha >= 0),
        .sample = itself && self->bits <= 8 && !self->associated ? PIXELS_U8 : PIXELS_U16,
    };
}

static bool read_header(reader *self, const codec_input *input) {
    uint32_t width = 0, height = 0;
    TIFFGetField(self->tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(self->tiff, TIFFTAG_IMAGELENGTH, &height);
    if (!width || !height)
        return refuse(self, "it has no pixels");
    if (!check_samples(self) || !check_compression(self) || !check_colors(self))
        return false;
    find_alpha(self);
    self->claim = (codec_claim){width, height, find_format(self), 0};
    self->stream.failed = (uint64_t)width * height > input->limits.max_pixels &&
                          !codec_check(input, &self->claim, self->stream.err);
    return !self->stream.failed;
}

/* ---- blocks ---- */

static int planes(const reader *self) {
    return self->separate ? self->samples : 1;
}

static int samples_together(const reader *self) {
    return self->separate ? 1 : self->samples;
}

/* Bytes of a row of so many pixels. */
static size_t bytes_for(const reader *self, size_t pixels) {
    return (pixels * (size_t)samples_together(self) * self->bits + 7) / 8;
}

/* How the pixels are cut into blocks; a tile's rows must end with bytes to stand side by side. */
static bool measure_blocks(reader *self) {
    const uint32_t width = self->claim.width, height = self->claim.height;
    const bool tiled = TIFFIsTiled(self->tiff);
    self->block_width = width;
    self->block_height = height;
    if (tiled) {
        TIFFGetField(self->tiff, TIFFTAG_TILEWIDTH, &self->block_width);
        TIFFGetField(self->tiff, TIFFTAG_TILELENGTH, &self->block_height);
    } else {
        uint32_t rows = height;
        TIFFGetFieldDefaulted(self->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
        self->block_height = rows < height ? rows : height;
    }
    if (!self->block_width || !self->block_height || (tiled && self->block_width % 8))
        return refuse(self, "its strips or tiles are malformed");
    self->row_size = bytes_for(self, self->block_width);
    const uint64_t across = ((uint64_t)width + self->block_width - 1) / self->block_width;
    const uint64_t allowed = (uint64_t)width * height * 2 + ((uint64_t)1 << 22);
    if (self->block_height > allowed / (across * self->block_width))
        return refuse(self, "its strips or tiles are larger than the picture");
    self->stride = self->row_size * (size_t)across;
    const uint64_t rows =
        tiled ? (uint64_t)TIFFTileRowSize64(self->tiff) : (uint64_t)TIFFScanlineSize64(self->tiff);
    return rows == self->row_size || refuse(self, "its strips or tiles are malformed");
}

/* Bytes that libtiff takes of its own: a block as it is in the file, at most ten times of what
 * comes out; and its codec for WebP a block as it comes out. */
static size_t coded_bytes(const reader *self, size_t block) {
    const bool tiled = TIFFIsTiled(self->tiff);
    const uint32_t count = tiled ? TIFFNumberOfTiles(self->tiff) : TIFFNumberOfStrips(self->tiff);
    const uint64_t most = 10 * (uint64_t)block + 4096;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count && self->compression != COMPRESSION_NONE; i++) {
        const uint64_t own = TIFFGetStrileByteCount(self->tiff, i);
        bytes = own > bytes ? own : bytes;
    }
    return (size_t)(bytes < most ? bytes : most) +
           (self->compression == COMPRESSION_WEBP ? block : 0);
}

/* Bytes that decoding takes besides the picture: the blocks; and when they are gone another picture
 * to turn it. */
static size_t besides(const reader *self, int orientation) {
    const size_t tile = TIFFIsTiled(self->tiff) ? self->block_height * self->row_size : 0;
    const size_t plane = self->block_height * self->stride;
    const size_t blocks = memory_block((size_t)planes(self), plane) + tile;
    const size_t bytes = memory_add(blocks, coded_bytes(self, tile ? tile : plane));
    const int width = (int)self->claim.width, height = (int)self->claim.height;
    const size_t turned = image_packed_memory(width, height, self->claim.format);
    return orientation == 1 || turned < bytes ? bytes : turned;
}

/* The picture, when there is memory for all. */
static bool make_picture(reader *self, const codec_input *input, int orientation) {
    self->claim.besides = besides(self, orientation);
    self->picture = codec_new_image(input, &self->claim, self->stream.err);
    self->stream.failed = !self->picture;
    return self->picture != NULL;
}

static bool take_memory(reader *self) {
    error *err = self->stream.err;
    const size_t rows = (size_t)self->block_height * (size_t)planes(self);
    self->blocks = memory_alloc(rows, self->stride, err);
    self->tile =
        TIFFIsTiled(self->tiff) ? memory_alloc(self->block_height, self->row_size, err) : NULL;
    self->stream.failed = !self->blocks || (TIFFIsTiled(self->tiff) && !self->tile);
    return !self->stream.failed;
}

/* Whether libtiff decoded all of what was asked for, and had nothing to complain of. */
static bool took(reader *self, tmsize_t got, size_t wanted) {
    return !self->stream.failed &&
           (got == (tmsize_t)wanted || refuse(self, "the file ends too early"));
}

/* The tiles that begin in row `first`, of one plane, side by side. */
static bool read_tiles(reader *self, uint32_t first, int plane, uint8_t *to) {
    const size_t size = self->block_height * self->row_size;
    for (uint32_t x = 0; x < (uint32_t)self->picture->width; x += self->block_width) {
        const uint32_t tile = TIFFComputeTile(self->tiff, x, first, 0, (uint16_t)plane);
        const size_t at = x / self->block_width * self->row_size;
        if (!took(self, TIFFReadEncodedTile(self->tiff, tile, self->tile, (tmsize_t)size), size))
            return false;
        for (size_t y = 0; y < self->block_height; y++)
            /* analysed: a picture of tiles has room for one */
            memcpy(to + y * self->stride + at, self->tile + y * self->row_size, self->row_size);
    }
    return true;
}

static bool read_strip(reader *self, uint32_t first, int plane, size_t rows, uint8_t *to) {
    const uint32_t strip = TIFFComputeStrip(self->tiff, first, (uint16_t)plane);
    const size_t size = rows * self->stride;
    return took(self, TIFFReadEncodedStrip(self->tiff, strip, to, (tmsize_t)size), size);
}

/* ---- rows ---- */

/* Sample s of pixel x in a row of the blocks: as it is stored. */
static uint32_t stored_sample(const reader *self, size_t row, size_t x, int s) {
    const size_t plane = self->separate ? (size_t)s : 0;
    const size_t index = self->separate ? x : x * (size_t)self->samples + (size_t)s;
    const uint8_t *from = self->blocks + (plane * self->block_height + row) * self->stride;
    const size_t bit = index * self->bits;
    uint16_t wide;
    switch (self->bits) {
    case 16:
        memcpy(&wide, from + 2 * index, sizeof wide);
        return wide;
    case 8:
        return from[index];
    default:
        return (uint32_t)from[bit / 8] >> (8 - self->bits - bit % 8) & ((1u << self->bits) - 1);
    }
}

/* Likewise in 16 bits, exactly: 65535 divides by the largest value of each depth. */
static uint32_t sample_at(const reader *self, size_t row, size_t x, int s) {
    return stored_sample(self, row, x, s) * (WHITE / ((1u << self->bits) - 1));
}

static void make_color(const reader *self, size_t row, size_t x, uint32_t rgb[IMAGE_CHANNELS]) {
    const uint32_t black =
        self->photometric == PHOTOMETRIC_SEPARATED ? WHITE - sample_at(self, row, x, BLACK) : 0;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        switch (self->photometric) {
        case PHOTOMETRIC_PALETTE:
            rgb[c] = self->palette[c][stored_sample(self, row, x, 0)];
            break;
        case PHOTOMETRIC_MINISWHITE:
            rgb[c] = WHITE - sample_at(self, row, x, 0);
            break;
        case PHOTOMETRIC_MINISBLACK:
            rgb[c] = sample_at(self, row, x, 0);
            break;
        case PHOTOMETRIC_SEPARATED:
            rgb[c] = ((WHITE - sample_at(self, row, x, c)) * black + WHITE / 2) / WHITE;
            break;
        default:
            rgb[c] = sample_at(self, row, x, c);
        }
    }
}

/* A value of the picture, from 16 bits: of 8 where that is exact. */
static void put_sample(pixels_format format, void *row, size_t i, uint32_t value) {
    if (format.sample == PIXELS_U8)
        ((uint8_t *)row)[i] = (uint8_t)(value >> 8);
    else
        ((uint16_t *)row)[i] = (uint16_t)value;
}

/* Row y of the picture from a row of the blocks. */
static void store_row(const reader *self, int y, size_t row) {
    const pixels_format format = self->picture->format;
    const size_t step = (size_t)format.channels;
    const size_t colors = pixels_format_is_grey(format) ? 1 : IMAGE_CHANNELS;
    void *to = image_packed_at(self->picture, 0, y);
    for (size_t x = 0; x < (size_t)self->picture->width; x++) {
        uint32_t rgb[IMAGE_CHANNELS];
        const uint32_t alpha = self->alpha < 0 ? WHITE : sample_at(self, row, x, self->alpha);
        make_color(self, row, x, rgb);
        for (size_t c = 0; c < colors; c++) {
            if (self->associated)
                rgb[c] = rgb[c] < alpha ? (rgb[c] * WHITE + alpha / 2) / alpha : WHITE;
            put_sample(format, to, step * x + c, rgb[c]);
        }
        if (self->alpha >= 0)
            put_sample(format, to, step * x + colors, alpha);
    }
}

static bool read_rows(reader *self) {
    const uint32_t height = (uint32_t)self->picture->height;
    const bool tiled = TIFFIsTiled(self->tiff);
    for (uint32_t y = 0; y < height; y += self->block_height) {
        const size_t rows = height - y < self->block_height ? height - y : self->block_height;
        for (int plane = 0; plane < planes(self); plane++) {
            uint8_t *to = self->blocks + (size_t)plane * self->block_height * self->stride;
            if (!(tiled ? read_tiles(self, y, plane, to) : read_strip(self, y, plane, rows, to)))
                return refuse(self, "the file is damaged");
        }
        for (size_t row = 0; row < rows; row++)
            store_row(self, (int)(y + row), row);
    }
    return true;
}

/* ---- reading ---- */

/* The description of a picture may be the record of how it was made. */
static bool read_record(reader *self, char **record) {
    const char *text = NULL;
    return !TIFFGetField(self->tiff, TIFFTAG_IMAGEDESCRIPTION, &text) ||
           record_text_take(record, text, strlen(text), self->stream.err);
}

static int read_orientation(const reader *self) {
    uint16_t turn = 1;
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_ORIENTATION, &turn);
    return turn >= 1 && turn <= 8 ? turn : 1;
}

static bool read_properties(reader *self) {
    image_properties *to = &self->picture->properties;
    uint16_t unit = RESOLUTION_INCH;
    float across = 0, down = 0;
    uint32_t size = 0;
    void *profile = NULL;
    TIFFGetFieldDefaulted(self->tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    TIFFGetField(self->tiff, TIFFTAG_XRESOLUTION, &across);
    TIFFGetField(self->tiff, TIFFTAG_YRESOLUTION, &down);
    const double resolution[2] = {(double)across, (double)down};
    image_properties_set_resolution(to, resolution, unit);
    return self->photometric == PHOTOMETRIC_SEPARATED ||
           !TIFFGetField(self->tiff, TIFFTAG_ICCPROFILE, &size, &profile) ||
           image_properties_set_profile(to, profile, size, self->stream.err);
}

static bool decode(reader *self, const codec_input *input, int *orientation) {
    *orientation = read_orientation(self);
    if (!read_header(self, input) || !measure_blocks(self) ||
        !make_picture(self, input, *orientation) || !take_memory(self))
        return false;
    self->stream.strict = true;
    return read_rows(self) && read_properties(self) &&
           read_record(self, &self->picture->record);
}

/* The stream, or where it cannot seek what comes out of it; NULL with *err. */
static FILE *make_seekable(const codec_input *input, codec_bytes *bytes, error *err) {
    const size_t pixel = 16, most = OVERHEAD + pixel * input->limits.max_pixels;
    if (ftello(input->file) >= CODEC_MAGIC_SIZE)
        return input->file;
    if (!codec_bytes_read(bytes, input, most, err))
        return NULL;
    FILE *file = bytes->size < most ? fmemopen(bytes->data, bytes->size, "rb") : NULL;
    if (!file)
        error_set(err, ERROR_FAILURE, "cannot read %s: there is too much of it", input->path);
    return file;
}

/* Opens the file, and keeps what comes out of a stream in `bytes`. False with *err; close_file
 * follows in any case. */
static bool open_file(reader *self, const codec_input *input, codec_bytes *bytes, error *err) {
    const size_t pixel = 16, most = OVERHEAD + pixel * input->limits.max_pixels;
    FILE *file = make_seekable(input, bytes, err);
    self->stream = (tiff_stream){.file = file, .path = input->path, .verb = "read", .err = err};
    if (file == input->file)
        self->stream.base = ftello(file) - CODEC_MAGIC_SIZE;
    self->tiff = file ? tiff_stream_open(&self->stream, "r", most) : NULL;
    return self->tiff != NULL;
}

static void close_file(reader *self, const codec_input *input, codec_bytes *bytes) {
    if (self->tiff)
        TIFFClose(self->tiff);
    if (self->stream.file && self->stream.file != input->file)
        fclose(self->stream.file);
    codec_bytes_clear(bytes);
    memory_free(self->blocks);
    memory_free(self->tile);
}

image *codec_read_tiff(const codec_input *input, int *orientation, error *err) {
    codec_bytes bytes = {0};
    reader self = {0};
    const bool ok = open_file(&self, input, &bytes, err) && decode(&self, input, orientation);
    close_file(&self, input, &bytes);
    if (ok)
        return self.picture;
    image_free(self.picture);
    return NULL;
}

bool codec_read_tiff_record(const codec_input *input, char **record, error *err) {
    codec_bytes bytes = {0};
    reader self = {0};
    *record = NULL;
    const bool ok = open_file(&self, input, &bytes, err) && read_record(&self, record);
    close_file(&self, input, &bytes);
    return ok;
}
