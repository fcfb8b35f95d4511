/* SPDX-License-Identifier: MIT
 *
 * The values of a packed picture as planes, for tests that look at single ones.
 */
#ifndef STYLIZE_TESTS_PLANES_H
#define STYLIZE_TESTS_PLANES_H

#include "core/memory.h"
#include "image/image.h"

/* The picture, which keeps all else. */
static inline image *with_planes(image *self) {
    error err = {0};
    image *planes = self->planes ? NULL : image_new(self->width, self->height, &err);
    if (self->planes)
        return self;
    assert_true(planes && (!image_has_alpha(self) || image_add_alpha(planes, &err)));
    for (int c = 0; c < IMAGE_CHANNELS + (planes->alpha != NULL); c++) {
        float *to = c == PIXELS_ALPHA ? planes->alpha
                                      : planes->planes + (size_t)c * (size_t)self->width *
                                                             (size_t)self->height;
        for (int y = 0; y < self->height; y++, to += self->width)
            image_unpack(self, c, 0, y, self->width, to);
    }
    memory_free(self->packed);
    self->packed = NULL;
    self->planes = planes->planes;
    self->alpha = planes->alpha;
    planes->planes = planes->alpha = NULL;
    image_free(planes);
    return self;
}

#endif
