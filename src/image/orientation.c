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

/* plane [height][width]; scratch is as large. */
static void turn_plane(const turn *self, float *plane, int width, int height, float *scratch) {
    memcpy(scratch, plane, (size_t)width * (size_t)height * sizeof *plane);
    for (int y = 0; y < height; y++) {
        float *to = plane + self->origin + y * self->step_y;
        for (int x = 0; x < width; x++)
            to[x * self->step_x] = *scratch++;
    }
}

bool orientation_undo(image *self, int orientation, error *err) {
    if (orientation == 1)
        return true;
    const int width = self->width, height = self->height;
    const size_t pixels = (size_t)width * (size_t)height;
    const turn upright = make_turn(orientation, width, height);
    float *scratch = memory_alloc(pixels, sizeof *scratch, err);
    if (!scratch)
        return false;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++)
        turn_plane(&upright, self->planes + c * pixels, width, height, scratch);
    if (self->alpha)
        turn_plane(&upright, self->alpha, width, height, scratch);
    memory_free(scratch);
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
