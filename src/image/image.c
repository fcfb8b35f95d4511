/* SPDX-License-Identifier: MIT */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* One without pixels. */
static image *new_frame(int width, int height, error *err) {
    size_t pixels = 0;
    if (width < 1 || height < 1 || !memory_multiply((size_t)width, (size_t)height, &pixels) ||
        pixels > IMAGE_MOST_PIXELS) {
        error_set(err, ERROR_FAILURE, "a picture cannot have %d x %d pixels (at most %zu in all)",
                  width, height, IMAGE_MOST_PIXELS);
        return NULL;
    }
    image *self = malloc(sizeof *self);
    if (!self) {
        error_set_errno(err, errno, "cannot allocate a picture");
        return NULL;
    }
    *self = (image){.width = width, .height = height};
    return self;
}

static size_t pixels_of(const image *self) {
    return (size_t)self->width * (size_t)self->height;
}

image *image_new(int width, int height, error *err) {
    image *self = new_frame(width, height, err);
    if (!self)
        return NULL;
    self->planes = memory_alloc(pixels_of(self), IMAGE_CHANNELS * sizeof(float), err);
    if (self->planes)
        return self;
    free(self);
    return NULL;
}

bool image_add_alpha(image *self, error *err) {
    self->alpha = memory_alloc(pixels_of(self), sizeof(float), err);
    return self->alpha != NULL;
}

/* ---- packed ---- */

image *image_new_packed(int width, int height, pixels_format format, error *err) {
    image *self = new_frame(width, height, err);
    if (!self)
        return NULL;
    self->format = format;
    self->packed = memory_alloc_unset(pixels_of(self), pixels_format_pixel_size(format), err);
    if (self->packed)
        return self;
    free(self);
    return NULL;
}

void *image_packed_at(const image *self, int x, int y) {
    const size_t at = (size_t)y * (size_t)self->width + (size_t)x;
    return (char *)self->packed + at * pixels_format_pixel_size(self->format);
}

/* The pixels move together where they are. */
void image_drop_full_alpha(image *self) {
    const size_t pixels = pixels_of(self), pixel = pixels_format_pixel_size(self->format);
    const size_t colors = pixel - pixels_format_sample_size(self->format);
    char *at = self->packed;
    if (!pixels_format_has_alpha(self->format) ||
        !pixels_format_is_opaque(self->format, self->packed, pixels))
        return;
    for (size_t i = 1; i < pixels; i++)
        memmove(at + i * colors, at + i * pixel, colors);
    self->format.channels--;
}

/* ---- values ---- */

bool image_has_alpha(const image *self) {
    return self->planes ? self->alpha != NULL : pixels_format_has_alpha(self->format);
}

void image_unpack(const image *self, int channel, int x, int y, int count, float *to) {
    const size_t at = (size_t)y * (size_t)self->width + (size_t)x, many = (size_t)count;
    if (!self->planes) {
        pixels_format_unpack(self->format, image_packed_at(self, x, y), channel, many, to);
        return;
    }
    const float *from =
        channel == PIXELS_ALPHA ? self->alpha : self->planes + (size_t)channel * pixels_of(self);
    for (size_t i = 0; !from && i < many; i++)
        to[i] = 1;
    if (from)
        memcpy(to, from + at, many * sizeof *to);
}

size_t image_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, IMAGE_CHANNELS * sizeof(float));
}

size_t image_alpha_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, sizeof(float));
}

size_t image_packed_memory(int width, int height, pixels_format format) {
    return memory_block((size_t)width * (size_t)height, pixels_format_pixel_size(format));
}

void image_free(image *self) {
    if (!self)
        return;
    image_properties_clear(&self->properties);
    memory_free(self->record);
    memory_free(self->alpha);
    memory_free(self->planes);
    memory_free(self->packed);
    free(self);
}
