/* SPDX-License-Identifier: MIT
 *
 * Tests of surface.c: grain, edges and likeness of pictures small enough to be reckoned by hand,
 * and of a pattern by the plain formulas.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "judge/surface.h"
#include "reference.h"

static image *grey(int width, int height, float value) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < IMAGE_CHANNELS * width * height; i++)
        self->planes[i] = value;
    return self;
}

static float *at(image *self, int c, int x, int y) {
    return self->planes + ((size_t)c * (size_t)self->height + (size_t)y) * (size_t)self->width + x;
}

static double value(int x, int y, int c) {
    return reference_pattern(1, x, y, c) / 255.0;
}

static image *pattern(int width, int height) {
    image *self = grey(width, height, 0);
    for (int i = 0; i < IMAGE_CHANNELS * width * height; i++) {
        const int x = i % width, y = i / width % height, c = i / width / height;
        *at(self, c, x, y) = (float)value(x, y, c);
    }
    return self;
}

/* ---- grain ---- */

/* A red dot on black: Laplacians of 1, 1, 1, 1 and -4 in nine places that have neighbours. */
static void speckle_of_a_dot(void **state) {
    (void)state;
    image *self = grey(5, 5, 0);
    *at(self, 0, 2, 2) = 1;
    const speckle found = speckle_of(self);
    const double mean = 8.0 / 9;
    assert_float_equal(found.luma, .299 * mean, 1e-12);
    assert_float_equal(found.chroma, (.299 + .701) / 2 * mean, 1e-12);
    image_free(self);
}

/* Plane 0 is luma, 1 and 2 are B - Y and R - Y. */
static double component(int plane, int x, int y) {
    const double luma = .299 * value(x, y, 0) + .587 * value(x, y, 1) + .114 * value(x, y, 2);
    return plane == 0 ? luma : value(x, y, plane == 1 ? 2 : 0) - luma;
}

static void speckle_is_that_of_the_formula(void **state) {
    (void)state;
    enum { WIDTH = 23, HEIGHT = 17 };
    image *self = pattern(WIDTH, HEIGHT);
    const speckle found = speckle_of(self);
    double sums[3] = {0};
    for (int plane = 0; plane < 3; plane++) {
        for (int y = 1; y < HEIGHT - 1; y++) {
            for (int x = 1; x < WIDTH - 1; x++)
                sums[plane] += fabs(component(plane, x - 1, y) + component(plane, x + 1, y) +
                                    component(plane, x, y - 1) + component(plane, x, y + 1) -
                                    4 * component(plane, x, y)) /
                               ((WIDTH - 2) * (HEIGHT - 2));
        }
    }
    assert_float_equal(found.luma, sums[0], 1e-6);
    assert_float_equal(found.chroma, (sums[1] + sums[2]) / 2, 1e-6);
    image_free(self);
}

/* A grey has no chroma, a slope no grain, a picture without inner pixels neither. */
static void speckle_of_plain_pictures(void **state) {
    (void)state;
    image *self = grey(9, 9, .5F), *line = grey(9, 2, .5F);
    for (int i = 0; i < IMAGE_CHANNELS * 81; i++)
        self->planes[i] = (float)(i % 9) / 16;
    assert_true(speckle_of(self).luma == 0 && speckle_of(self).chroma == 0);
    *at(self, 0, 4, 4) = *at(self, 1, 4, 4) = *at(self, 2, 4, 4) = 1;
    assert_true(speckle_of(self).luma > .1 && speckle_of(self).chroma < 1e-12);
    assert_true(isnan(speckle_of(line).luma) && isnan(speckle_of(line).chroma));
    image_free(self);
    image_free(line);
}

/* ---- edges ---- */

/* Four rows and columns of one value round another: the inner ring has none of the outer value but
 * where its rows run to the edge. */
static void border_of_a_frame(void **state) {
    (void)state;
    enum { WIDTH = 40, HEIGHT = 30 };
    image *self = grey(WIDTH, HEIGHT, .25F);
    for (int i = 0; i < IMAGE_CHANNELS * WIDTH * HEIGHT; i++) {
        const int x = i % WIDTH, y = i / WIDTH % HEIGHT;
        if (x < 4 || y < 4 || x >= WIDTH - 4 || y >= HEIGHT - 4)
            self->planes[i] = .75F;
    }
    const double outer = .75, inner = .25 + .5 * (4 * 4 * 8) / (2 * 4 * (WIDTH + HEIGHT));
    assert_float_equal(border_of(self), 255 * (outer - inner), 1e-9);
    image_free(self);
}

/* All edges and all colours count alike, in the outer ring and in the inner one. */
static void border_sees_every_side(void **state) {
    (void)state;
    enum { SIDE = 40, MIDDLE = SIDE / 2 };
    static const int places[][2] = {{0, MIDDLE}, {3, MIDDLE},  {4, MIDDLE}, {7, MIDDLE},
                                    {8, MIDDLE}, {11, MIDDLE}, {12, MIDDLE}};
    const double one = 255 / (3 * 2 * 4 * 2.0 * SIDE);
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        const int a = places[k][0], b = places[k][1], z = SIDE - 1 - a;
        const int sides[4][2] = {{a, b}, {z, b}, {b, a}, {b, z}};
        for (int side = 0; side < 4; side++) {
            image *self = grey(SIDE, SIDE, 0);
            *at(self, side % 3, sides[side][0], sides[side][1]) = 1;
            assert_float_equal(border_of(self), a < 4 ? one : a < 8 || a > 11 ? 0 : -one, 1e-12);
            image_free(self);
        }
    }
}

static void border_needs_both_rings(void **state) {
    (void)state;
    image *least = grey(12, 12, .5F), *narrow = grey(11, 40, .5F), *low = grey(40, 11, .5F);
    assert_float_equal(border_of(least), 0, 1e-12);
    assert_true(isnan(border_of(narrow)) && isnan(border_of(low)));
    image_free(least);
    image_free(narrow);
    image_free(low);
}

/* ---- likeness ---- */

static void correlation_is_that_of_the_formula(void **state) {
    (void)state;
    image *self = pattern(20, 10), *brighter = pattern(20, 10), *opposite = pattern(20, 10);
    image *flat = grey(20, 10, .3F), *half = grey(20, 10, 0);
    for (int i = 0; i < IMAGE_CHANNELS * 200; i++) {
        brighter->planes[i] = .1F + .5F * self->planes[i];
        opposite->planes[i] = 1 - self->planes[i];
    }
    assert_float_equal(correlation_of(self, brighter), 1, 1e-6);
    assert_float_equal(correlation_of(self, opposite), -1, 1e-6);
    assert_true(isnan(correlation_of(self, flat)) && isnan(correlation_of(flat, self)));

    /* Of 1 in the upper half with 1 in the left one nothing is left; colours count together. */
    image *left = grey(20, 10, 0);
    for (int i = 0; i < IMAGE_CHANNELS * 200; i++) {
        half->planes[i] = i / 20 % 10 < 5;
        left->planes[i] = i % 20 < 10;
    }
    assert_float_equal(correlation_of(half, left), 0, 1e-12);
    for (int i = 0; i < 200; i++)
        left->planes[i] = half->planes[i];
    assert_float_equal(correlation_of(half, left), 1.0 / 3, 1e-12);
    image_free(self);
    image_free(brighter);
    image_free(opposite);
    image_free(flat);
    image_free(half);
    image_free(left);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speckle_of_a_dot),
        cmocka_unit_test(speckle_is_that_of_the_formula),
        cmocka_unit_test(speckle_of_plain_pictures),
        cmocka_unit_test(border_of_a_frame),
        cmocka_unit_test(border_sees_every_side),
        cmocka_unit_test(border_needs_both_rings),
        cmocka_unit_test(correlation_is_that_of_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
