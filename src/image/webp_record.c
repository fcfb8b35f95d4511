/* SPDX-License-Identifier: MIT
 *
 * The record of a WebP file, found by going from chunk to chunk of its container.
 */
#include <string.h>

#include "core/memory.h"
#include "core/retry.h"
#include "image/exif.h"
#include "image/record_text.h"
#include "image/webp.h"

enum { CHUNK_HEADER = 8, FORM_SIZE = 4 };

/* Of the flags with which the extended form begins. */
enum { HAS_EXIF = 8 };

#define MOST_EXIF (RECORD_MOST + ((size_t)1 << 16))

static uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static bool take(const codec_input *input, uint8_t *data, size_t size, error *err) {
    return retry_fread(data, 1, size, input->file) == size ||
           error_set(err, ERROR_FAILURE, "cannot read %s as WebP: the file ends too early",
                     input->path);
}

static bool skip(const codec_input *input, uint64_t size, error *err) {
    uint8_t block[4096];
    bool ok = true;
    while (ok && size > 0) {
        const size_t part = size < sizeof block ? (size_t)size : sizeof block;
        ok = take(input, block, part, err);
        size -= part;
    }
    return ok;
}

static bool take_record(const codec_input *input, size_t size, char **record, error *err) {
    uint8_t *data = memory_alloc(size, 1, err);
    size_t length = 0;
    bool ok = data && take(input, data, size, err);
    const uint8_t *block = ok ? exif_in_chunk(data, &size) : NULL;
    const char *text = ok ? exif_description(block, size, &length) : NULL;
    if (text)
        ok = record_text_take(record, text, length, err);
    memory_free(data);
    return ok;
}

/* Takes the first byte of the extended form: whether its flags tell of EXIF, without which libwebp
 * does not look at any. */
static bool take_flags(const codec_input *input, bool *has_exif, error *err) {
    uint8_t flags;
    if (!take(input, &flags, 1, err))
        return false;
    *has_exif = flags & HAS_EXIF;
    return true;
}

bool codec_read_webp_record(const codec_input *input, char **record, error *err) {
    uint8_t header[CHUNK_HEADER];
    uint64_t left = get_u32(input->magic + 4);
    bool first = true, has_exif = false;
    *record = NULL;
    if (!take(input, header, FORM_SIZE, err))
        return false;
    if (memcmp(header, "WEBP", FORM_SIZE) != 0) {
        codec_refuse(input, err);
        return false;
    }
    left -= left < FORM_SIZE ? left : FORM_SIZE;
    while (left >= CHUNK_HEADER) {
        if (!take(input, header, CHUNK_HEADER, err))
            return false;
        const size_t size = get_u32(header + 4);
        const uint64_t padded = (uint64_t)size + (size & 1);
        const bool extended = first && size > 0 && !memcmp(header, "VP8X", 4);
        if (has_exif && !memcmp(header, "EXIF", 4) && size <= MOST_EXIF)
            return take_record(input, size, record, err);
        /* The simple form has one chunk; libwebp does not look at what is behind it either. */
        if (first && !extended)
            left = CHUNK_HEADER + padded;
        if (extended && !take_flags(input, &has_exif, err))
            return false;
        first = false;
        left -= CHUNK_HEADER;
        if (!skip(input, padded - extended, err))
            return false;
        left -= padded < left ? padded : left;
    }
    return true;
}
