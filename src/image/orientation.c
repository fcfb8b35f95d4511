/* SPDX-License-Identifier: MIT */
#include "image/orientation.h"

#include <stddef.h>
#include <string.h>

#include "core/memory.h"

/* Where the pixels of a stored picture go to be upright; orientation is EXIF's 1..8. */
typedef struct turn {
    bool swap; /* of the sides */
    ptrdiff_t origin, step_x, step_y;
} turn;

static turn make_turn(int orientation, int width, int height) {
    const bool swap = orientation >= 5;
    const bool flip_x = orientation == 2 || orientation == 3 || orientation >= 7;
    const bool flip_y =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const ptrdiff_t step_x = swap ? height : 1, step_y = swap ? 1 : width;
    return (turn){
        .swap = swap,
        .origin = (flip_x ? (width - 1) * step_x : 0) + (flip_y ? (height - 1) * step_y : 0),
        .step_x = flip_x ? -step_x : step_x,
        .step_y = flip_y ? -step_y : step_y,
    };
}

/* From pixels [height][width] of some bytes each. Rows go in bands, so that columns that become
 * rows are written in pieces. */
static inline void move(const turn *self, const char *from, int width, int height, size_t pixel,
                        char *to) {
    enum { BAND = 32 };
    for (int top = 0; top < height; top += BAND) {
        const int end = height - top < BAND ? height : top + BAND;
        for (int x = 0; x < width; x++) {
            for (int y = top; y < end; y++) {
                const ptrdiff_t at = self->origin + x * self->step_x + y * self->step_y;
                memcpy(to + (size_t)at * pixel,
                       from + ((size_t)y * (size_t)width + (size_t)x) * pixel, pixel);
            }
        }
    }
}

/* The usual pixels, each by itself, are faster. */
static void turn_pixels(const turn *self, const image *picture, char *to) {
    const int width = picture->width, height = picture->height;
    const size_t pixel = pixels_format_pixel_size(picture->format);
    switch (pixel) {
    case 1:
        move(self, picture->packed, width, height, 1, to);
        break;
    case 3:
        move(self, picture->packed, width, height, 3, to);
        break;
    case 4:
        move(self, picture->packed, width, height, 4, to);
        break;
    default:
        move(self, picture->packed, width, height, pixel, to);
    }
}

bool orientation_undo(image *self, int orientation, error *err) {
    if (orientation == 1)
        return true;
    const int width = self->width, height = self->height;
    const turn upright = make_turn(orientation, width, height);
    void *turned = memory_alloc((size_t)width * (size_t)height,
                                pixels_format_pixel_size(self->format), err);
    if (!turned)
        return false;
    turn_pixels(&upright, self, turned);
    memory_free(self->packed);
    self->packed = turned;
    if (upright.swap) {
        double *density = self->properties.density;
        const double across = density[0];
        density[0] = density[1];
        density[1] = across;
        self->width = height;
        self->height = width;
    }
    return true;
}
