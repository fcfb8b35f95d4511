/* SPDX-License-Identifier: MIT */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>

#include "core/memory.h"

image *image_new(int width, int height, error *err) {
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
    self->planes = memory_alloc(pixels, IMAGE_CHANNELS * sizeof(float), err);
    if (!self->planes) {
        free(self);
        return NULL;
    }
    return self;
}

bool image_add_alpha(image *self, error *err) {
    self->alpha = memory_alloc((size_t)self->width * (size_t)self->height, sizeof(float), err);
    return self->alpha != NULL;
}

void image_drop_full_alpha(image *self) {
    const size_t pixels = (size_t)self->width * (size_t)self->height;
    for (size_t i = 0; self->alpha && i < pixels; i++) {
        if (self->alpha[i] < 1)
            return;
    }
    memory_free(self->alpha);
    self->alpha = NULL;
}

size_t image_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, IMAGE_CHANNELS * sizeof(float));
}

size_t image_alpha_memory(int width, int height) {
    return memory_block((size_t)width * (size_t)height, sizeof(float));
}

void image_free(image *self) {
    if (!self)
        return;
    image_properties_clear(&self->properties);
    memory_free(self->record);
    memory_free(self->alpha);
    memory_free(self->planes);
    free(self);
}
