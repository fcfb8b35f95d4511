/* SPDX-License-Identifier: MIT */
#include "maps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

image *map_new(int width, int height, const int rgb[3]) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] = (float)rgb[i / (width * height)] / 255;
    return self;
}

image *map_new_halves(int width, int height, int from) {
    static const int green[3] = {0, 255, 0}, red[3] = {255, 0, 0};
    image *self = map_new(width, height, green);
    map_paint(self, from, 0, width - from, height, red);
    return self;
}

image *map_new_ramp(int width, int height, int from, int columns) {
    static const int black[3] = {0, 0, 0};
    image *self = map_new(width, height, black);
    for (int i = 0; i < 3 * width * height; i++) {
        const float value = (float)(i % width - from) / (float)columns;
        self->planes[i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
    return self;
}

void map_paint_pixel(image *self, int x, int y, const int rgb[3]) {
    for (int c = 0; c < 3; c++)
        self->planes[(c * self->height + y) * self->width + x] = (float)rgb[c] / 255;
}

void map_paint(image *self, int x, int y, int width, int height, const int rgb[3]) {
    for (int i = 0; i < width * height; i++)
        map_paint_pixel(self, x + i % width, y + i / width, rgb);
}

void map_write_place(const region_place *place, float *plane) {
    const image_view from = regions_view(place);
    error err;
    assert_true(image_view_resample(from, image_view_of(plane, from.width, from.height, 1), false,
                                    &err));
}
