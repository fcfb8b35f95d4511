/* SPDX-License-Identifier: MIT */
#include "pictures.h"

#include "report.h"

static int triangle(int t, int half) {
    t %= 2 * half;
    return t < half ? t : 2 * half - 1 - t;
}

image *picture_new(int k, int size) {
    error err;
    image *self = image_new(size, size, &err);
    if (!self)
        fail("%s", err.text);
    float *to = self->planes;
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                const int value = 48 +
                                  triangle((7 + k) * x + (3 + 2 * c) * y + 11 * c + 29 * k, 64) +
                                  triangle(5 * (c + 1) * x + (13 + k) * y + 17 * k, 48) +
                                  (37 * x + 61 * y + 89 * c + 7 * x * y + 13 * k) % 31;
                *to++ = (float)value / 255;
            }
        }
    }
    return self;
}
