/* SPDX-License-Identifier: MIT
 *
 * Writing TIFF: RGB, or RGB with unassociated alpha, deflated, which any reader of the last decades
 * takes; as BigTIFF where 4 GB would not do.
 */
#include "core/memory.h"
#include "image/pixels.h"
#include "image/record_text.h"
#include "image/tiff.h"
#include "image/tiff_stream.h"

static bool set_fields(TIFF *tiff, const image *self, int depth) {
    static const uint16_t unassociated = EXTRASAMPLE_UNASSALPHA;
    const image_properties *from = &self->properties;
    double resolution[2];
    const int unit = image_properties_resolution(from, resolution);
    bool ok = TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)self->width) &&
              TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)self->height) &&
              TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, depth) &&
              TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, IMAGE_CHANNELS + image_has_alpha(self)) &&
              TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) &&
              TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
              TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) &&
              TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL) &&
              TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (image_has_alpha(self))
        ok = ok && TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &unassociated);
    if (unit)
        ok = ok && TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, unit) &&
             TIFFSetField(tiff, TIFFTAG_XRESOLUTION, resolution[0]) &&
             TIFFSetField(tiff, TIFFTAG_YRESOLUTION, resolution[1]);
    if (from->profile)
        ok = ok &&
             TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)from->profile_size, from->profile);
    return ok && TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
}

static bool set_record(tiff_stream *stream, TIFF *tiff, const image *self) {
    char *text = self->record ? record_text_describe(self->record, stream->err) : NULL;
    const bool ok = !text || TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, text);
    stream->failed = self->record && !text;
    memory_free(text);
    return ok && !stream->failed;
}

static bool write_rows(tiff_stream *stream, TIFF *tiff, const image *self, pixels_format format) {
    uint8_t *row = memory_alloc(1, pixels_format_row_size(format, self->width), stream->err);
    bool ok = row != NULL;
    stream->failed = !ok;
    for (int y = 0; y < self->height && ok; y++) {
        pixels_pack_row(self, y, format, row);
        ok = TIFFWriteScanline(tiff, row, (uint32_t)y, 0) == 1;
    }
    memory_free(row);
    return ok;
}

bool codec_write_tiff(const image *self, int depth, buffer *to, const char *path, error *err) {
    const uint64_t most = (uint64_t)7 << 29; /* bytes of pixels in an ordinary file, nearly 4 GB */
    const pixels_format format = {IMAGE_CHANNELS + image_has_alpha(self),
                                  depth == 16 ? PIXELS_U16 : PIXELS_U8};
    const uint64_t row = pixels_format_row_size(format, self->width);
    const uint64_t size = row * (uint64_t)self->height;
    tiff_stream stream = {.path = path, .verb = "write", .err = err};
    TIFF *tiff = tiff_stream_open(&stream, size > most ? "wl8" : "wl", 0);
    bool ok = tiff && set_fields(tiff, self, depth) && set_record(&stream, tiff, self) &&
              write_rows(&stream, tiff, self, format) && TIFFFlush(tiff);
    if (tiff)
        TIFFClose(tiff);
    ok = (ok || tiff_stream_refuse(&stream, "libtiff does not take it")) && !stream.failed &&
         (buffer_put(to, stream.data, stream.size) || tiff_stream_refuse(&stream, "out of memory"));
    tiff_stream_clear(&stream);
    return ok;
}
