/* SPDX-License-Identifier: MIT
 *
 * WebP through libwebp; only this file and webp_frames.c know it.
 *
 * A file is taken into memory as far as its container says, once its first bytes have told how many
 * pixels it claims. Its pixels are decoded as RGB or RGBA into those of the picture. A frame of an
 * animation that is smaller than its canvas is laid on a transparent one.
 *
 * Pixels are written in full where the quality is 100, else by the lossy coder with its sharp
 * conversion of colours, whose resolution is halved by the format. Colour profile and EXIF
 * (density) go into chunks of their own.
 *
 * Not done: frames of an animation past the first.
 */
#include "image/webp.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "core/memory.h"
#include "image/exif.h"
#include "image/format.h"
#include "image/record_text.h"
#include "image/webp_pixels.h"

_Static_assert(IMAGE_WEBP_MOST_SIDE <= WEBP_MAX_DIMENSION, "the library takes that much");

enum { EXACT = 100 }; /* the quality that loses nothing */

bool codec_has_webp(const char *path, error *err) {
    (void)path;
    (void)err;
    return true;
}

/* ---- reading ---- */

/* Bytes at which the sizes of any WebP file are known. */
enum { HEADER_SIZE = 32, RIFF_HEADER = 8, FORM_SIZE = 4 };

static bool refuse(const codec_input *input, const char *why, error *err) {
    return error_set(err, ERROR_FAILURE, "cannot read %s as WebP: %s", input->path, why);
}

static bool refuse_status(const codec_input *input, VP8StatusCode status, error *err) {
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return error_set(err, ERROR_MEMORY, "cannot read %s: out of memory", input->path);
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return refuse(input, "the file ends too early", err);
    default:
        return refuse(input, "the file is damaged", err);
    }
}

/* What a picture of that many pixels may take, whatever is in its file besides. */
static size_t most_bytes(const codec_claim *claim) {
    const size_t others = (size_t)64 << 20, pixel = 16;
    return others + pixel * claim->width * claim->height;
}

static pixels_format format_of(bool alpha) {
    return (pixels_format){IMAGE_CHANNELS + alpha, PIXELS_U8};
}

/* Checks what the file claims, then takes the rest of it. */
static bool read_file(const codec_input *input, codec_bytes *file, codec_claim *claim, error *err) {
    WebPBitstreamFeatures features;
    if (!codec_bytes_read(file, input, HEADER_SIZE, err))
        return false;
    if (file->size < RIFF_HEADER + FORM_SIZE ||
        memcmp(file->data + RIFF_HEADER, "WEBP", FORM_SIZE) != 0) {
        codec_refuse(input, err);
        return false;
    }
    const VP8StatusCode status = WebPGetFeatures(file->data, file->size, &features);
    if (status != VP8_STATUS_OK)
        return refuse_status(input, status, err);
    *claim = (codec_claim){(uint32_t)features.width, (uint32_t)features.height,
                           format_of(features.has_alpha != 0), 0};
    if (!codec_check(input, claim, err))
        return false;
    const uint8_t *size = file->data + 4;
    const size_t stated =
        ((size_t)size[3] << 24 | (size_t)size[2] << 16 | (size_t)size[1] << 8 | size[0]) +
        RIFF_HEADER;
    if (stated > most_bytes(claim))
        return refuse(input, "the file is larger than any picture of its size", err);
    return codec_bytes_read(file, input, stated, err) &&
           (file->size >= stated || refuse(input, "the file ends too early", err));
}

/* Into a picture, transparent at first, that has alpha where this frame needs it. */
static bool read_pixels(const codec_input *input, codec_claim *claim, image **picture,
                        const WebPIterator *frame, error *err) {
    const bool whole =
        frame->width == (int)claim->width && frame->height == (int)claim->height;
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return refuse(input, "libwebp has another version", err);
    claim->format = format_of(frame->has_alpha || !whole);
    image *self = *picture = codec_new_image(input, claim, err);
    if (!self)
        return false;
    const size_t stride = pixels_format_row_size(self->format, self->width);
    uint8_t *first = image_packed_at(self, frame->x_offset, frame->y_offset);
    config.output.colorspace = pixels_format_has_alpha(self->format) ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = first;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size =
        (size_t)self->height * stride - (size_t)(first - (uint8_t *)self->packed);
    const VP8StatusCode status = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK || refuse_status(input, status, err);
}

static bool read_exif(const WebPData *chunk, image *self, int *orientation, error *err) {
    size_t size = chunk->size;
    const uint8_t *data = exif_in_chunk(chunk->bytes, &size);
    *orientation = exif_orientation(data, size);
    exif_density(data, size, &self->properties);
    size_t length;
    const char *text = exif_description(data, size, &length);
    return !text || record_text_take(&self->record, text, length, err);
}

static bool read_properties(const WebPDemuxer *demuxer, image *self, int *orientation, error *err) {
    WebPChunkIterator chunk;
    bool ok = true;
    if (WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk)) {
        ok = image_properties_set_profile(&self->properties, chunk.chunk.bytes, chunk.chunk.size,
                                          err);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    if (ok && WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        ok = read_exif(&chunk.chunk, self, orientation, err);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return ok;
}

/* *picture may be there after a failure, too. */
static bool decode(const codec_input *input, const codec_bytes *file, codec_claim *claim,
                   image **picture, int *orientation, error *err) {
    const WebPData data = {file->data, file->size};
    WebPDemuxer *demuxer = WebPDemux(&data);
    WebPIterator frame;
    if (!demuxer || !WebPDemuxGetFrame(demuxer, 1, &frame)) {
        WebPDemuxDelete(demuxer);
        return refuse(input, "the file is damaged", err);
    }
    const int width = (int)claim->width, height = (int)claim->height;
    const bool inside = frame.x_offset >= 0 && frame.y_offset >= 0 &&
                        frame.width <= width - frame.x_offset &&
                        frame.height <= height - frame.y_offset;
    const bool ok = (inside || refuse(input, "a frame is larger than the picture", err)) &&
                    read_pixels(input, claim, picture, &frame, err) &&
                    read_properties(demuxer, *picture, orientation, err);
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return ok;
}

image *codec_read_webp(const codec_input *input, int *orientation, error *err) {
    codec_bytes file = {0};
    codec_claim claim = {0};
    image *self = NULL;
    const bool ok = read_file(input, &file, &claim, err) &&
                    decode(input, &file, &claim, &self, orientation, err);
    codec_bytes_clear(&file);
    if (ok)
        return self;
    image_free(self);
    return NULL;
}

/* ---- writing ---- */

/* The pixels alone, as a file of their own. */
static bool encode(const image *self, int quality, WebPMemoryWriter *to, const char *path,
                   error *err) {
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture))
        return error_set(err, ERROR_FAILURE, "cannot write %s: libwebp has another version", path);
    config.lossless = quality == EXACT;
    config.quality = quality == EXACT ? 75 : (float)quality; /* of lossless ones: the effort */
    config.use_sharp_yuv = 1;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = to;
    const bool ok = webp_pixels_import(&picture, self, path, err) &&
                    (WebPEncode(&config, &picture) || webp_pixels_refuse(&picture, path, err));
    WebPPictureFree(&picture);
    return ok;
}

static bool add_chunk(WebPMux *mux, const char *name, const uint8_t *data, size_t size) {
    const WebPData chunk = {data, size};
    return !size || WebPMuxSetChunk(mux, name, &chunk, 1) == WEBP_MUX_OK;
}

/* The file with what goes along with the pixels. */
static bool assemble(const image *self, const WebPMemoryWriter *pixels, WebPData *whole,
                     const char *path, error *err) {
    const image_properties *from = &self->properties;
    const WebPData coded = {pixels->mem, pixels->size};
    char *text = self->record ? record_text_describe(self->record, err) : NULL;
    const size_t exif_size = exif_write(from, text, NULL);
    uint8_t *exif = memory_alloc(exif_size, 1, err);
    WebPMux *mux = WebPMuxCreate(&coded, 0);
    if (exif)
        exif_write(from, text, exif);
    const bool ok = exif && mux && !text == !self->record &&
                    add_chunk(mux, "ICCP", from->profile, from->profile_size) &&
                    add_chunk(mux, "EXIF", exif, exif_size) &&
                    WebPMuxAssemble(mux, whole) == WEBP_MUX_OK;
    WebPMuxDelete(mux);
    memory_free(exif);
    memory_free(text);
    return ok || error_set(err, ERROR_MEMORY, "cannot write %s: out of memory", path);
}

bool codec_write_webp(const image *self, int quality, buffer *to, const char *path, error *err) {
    WebPMemoryWriter pixels;
    WebPData whole;
    WebPMemoryWriterInit(&pixels);
    WebPDataInit(&whole);
    const bool ok =
        encode(self, quality, &pixels, path, err) && assemble(self, &pixels, &whole, path, err) &&
        (buffer_put(to, whole.bytes, whole.size) ||
         error_set(err, ERROR_MEMORY, "cannot write %s: out of memory", path));
    WebPMemoryWriterClear(&pixels);
    WebPDataClear(&whole);
    return ok;
}
