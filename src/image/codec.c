/* SPDX-License-Identifier: MIT */
#include "image/codec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/retry.h"

/* Below this nothing is refused: it is soon tried. */
#define SMALL ((size_t)16 << 20)

static bool fits(const codec_input *input, const codec_claim *claim, memory_limit limit,
                 size_t bytes, error *err) {
    return bytes < SMALL || !limit.name || limit.bytes >= bytes ||
           error_set(err, ERROR_MEMORY,
                     "cannot read %s: %lu x %lu pixels take about %zu MB of memory, but only %llu "
                     "MB are left of %s: shrink the picture, or free some memory",
                     input->path, (unsigned long)claim->width, (unsigned long)claim->height,
                     (bytes >> 20) + 1, (unsigned long long)limit.bytes >> 20, limit.name);
}

bool codec_check(const codec_input *input, const codec_claim *claim, error *err) {
    const uint32_t width = claim->width, height = claim->height;
    const size_t most = input->limits.max_pixels;
    if (width > INT_MAX || height > INT_MAX || (uint64_t)width * height > most)
        return error_set(err, ERROR_FAILURE,
                         "cannot read %s: %lu x %lu pixels are over the limit of %zu: shrink it, "
                         "or raise --max-pixels",
                         input->path, (unsigned long)width, (unsigned long)height, most);
    const size_t one = image_packed_memory((int)width, (int)height, claim->format);
    const size_t all = memory_add(one, claim->besides);
    return fits(input, claim, input->limits.own, all, err) &&
           fits(input, claim, input->limits.shared, all, err);
}

image *codec_new_unset(const codec_input *input, const codec_claim *claim, error *err) {
    if (!codec_check(input, claim, err))
        return NULL;
    image *self = image_new_packed((int)claim->width, (int)claim->height, claim->format, err);
    if (!self && err->code == ERROR_MEMORY)
        error_set(err, ERROR_MEMORY,
                  "cannot read %s: not enough memory for %d x %d pixels: shrink the picture, or "
                  "free some memory",
                  input->path, (int)claim->width, (int)claim->height);
    return self;
}

image *codec_new_image(const codec_input *input, const codec_claim *claim, error *err) {
    image *self = codec_new_unset(input, claim, err);
    if (self)
        memset(self->packed, 0,
               pixels_format_row_size(self->format, self->width) * (size_t)self->height);
    return self;
}

image *codec_refuse(const codec_input *input, error *err) {
    error_set(err, ERROR_FAILURE,
              "%s is neither PNG, JPEG, WebP nor TIFF; convert it to one of them", input->path);
    return NULL;
}

/* ---- streams in memory ---- */

static bool grow(codec_bytes *self, size_t wanted, const char *path, error *err) {
    enum { LEAST = 1 << 16 };
    size_t room = self->room ? 2 * self->room : LEAST;
    if (self->size < self->room)
        return true;
    room = room < wanted ? room : wanted;
    uint8_t *data = realloc(self->data, room);
    if (!data)
        return error_set(err, ERROR_MEMORY, "cannot read %s: out of memory for its %zu MB", path,
                         room >> 20);
    self->data = data;
    self->room = room;
    return true;
}

bool codec_bytes_read(codec_bytes *self, const codec_input *input, size_t wanted, error *err) {
    size_t got = 1;
    while (self->size < wanted && got > 0) {
        if (!grow(self, wanted, input->path, err))
            return false;
        if (!self->size && self->room >= CODEC_MAGIC_SIZE) {
            memcpy(self->data, input->magic, CODEC_MAGIC_SIZE);
            self->size = CODEC_MAGIC_SIZE;
            continue;
        }
        got = retry_fread(self->data + self->size, 1, self->room - self->size, input->file);
        self->size += got;
    }
    return true;
}

void codec_bytes_clear(codec_bytes *self) {
    free(self->data);
    *self = (codec_bytes){0};
}
