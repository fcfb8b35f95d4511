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

void map_paint_pixel(image *self, int x, int y, const int rgb[3]) {
    for (int c = 0; c < 3; c++)
        self->planes[(c * self->height + y) * self->width + x] = (float)rgb[c] / 255;
}

void map_paint(image *self, int x, int y, int width, int height, const int rgb[3]) {
    for (int i = 0; i < width * height; i++)
        map_paint_pixel(self, x + i % width, y + i / width, rgb);
}
