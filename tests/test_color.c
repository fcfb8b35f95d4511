/* SPDX-License-Identifier: MIT
 *
 * Tests of color.c: luma against its formula in double precision, greys that stay exact, tones that
 * come nearer, and pictures whose luma is the new one and whose colours are the old ones, or paler
 * where they do not fit.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/color.h"
#include "image/image.h"

enum { SIDE = 64, PIXELS = SIDE * SIDE };

/* Every combination of 16 values of each channel, 0 and 1 among them. */
static image *cube(void) {
    error err;
    image *self = image_new(SIDE, SIDE, &err);
    assert_non_null(self);
    for (int i = 0; i < PIXELS; i++) {
        self->planes[i] = (float)(i % 16) / 15;
        self->planes[PIXELS + i] = (float)(i / 16 % 16) / 15;
        self->planes[2 * PIXELS + i] = (float)(i / 256) / 15;
    }
    return self;
}

static double luma_at(const float *planes, int i) {
    return 0.2126 * (double)planes[i] + 0.7152 * (double)planes[PIXELS + i] +
           0.0722 * (double)planes[2 * PIXELS + i];
}

static void expect_near(double a, double b, double off) {
    if (!(fabs(a - b) <= off))
        fail_msg("%.9g is not %.9g", a, b);
}

static void luma_is_that_of_rec_709(void **state) {
    (void)state;
    image *picture = cube();
    float luma[PIXELS];
    color_luma(picture, luma);
    for (int i = 0; i < PIXELS; i++) {
        expect_near((double)luma[i], luma_at(picture->planes, i), 1e-6);
        assert_true(luma[i] >= 0 && luma[i] <= 1);
    }
    color_luma(picture, picture->planes); /* over what it reads */
    assert_memory_equal(picture->planes, luma, sizeof luma);
    image_free(picture);
}

static void greys_are_exact(void **state) {
    (void)state;
    image *picture = cube();
    float luma[PIXELS], planes[3 * PIXELS];
    for (int i = 0; i < 3 * PIXELS; i++)
        picture->planes[i] = (float)(i % PIXELS) / (PIXELS - 1);
    color_luma(picture, luma);
    assert_memory_equal(luma, picture->planes, sizeof luma);
    color_paint(picture, luma, planes);
    assert_memory_equal(planes, picture->planes, sizeof planes);
    image_free(picture);
}

/* Any colour with any luma. */
static void paints_luma_in_old_colors(void **state) {
    (void)state;
    image *colors = cube();
    float luma[PIXELS], planes[3 * PIXELS];
    int paler = 0;
    for (int step = 0; step <= 10; step++) {
        for (int i = 0; i < PIXELS; i++)
            luma[i] = (float)((i * 7 + step) % 11) / 10;
        color_paint(colors, luma, planes);
        for (int i = 0; i < PIXELS; i++) {
            const double old = luma_at(colors->planes, i);
            double factor = 1;
            expect_near(luma_at(planes, i), (double)luma[i], 1e-6);
            /* One factor for all three differences, the greatest that fits. */
            for (int c = 0; c < 3; c++) {
                const double d = (double)colors->planes[c * PIXELS + i] - old;
                const double room = d > 0 ? 1 - (double)luma[i] : (double)luma[i];
                factor = fmin(factor, fabs(d) > room ? room / fabs(d) : 1);
            }
            paler += factor < 1;
            for (int c = 0; c < 3; c++) {
                const double d = (double)colors->planes[c * PIXELS + i] - old;
                const float got = planes[c * PIXELS + i];
                expect_near((double)got, (double)luma[i] + factor * d, 2e-6);
                assert_true(got >= 0 && got <= 1);
            }
        }
        memcpy(planes, luma, sizeof luma); /* in place */
        float apart[3 * PIXELS];
        color_paint(colors, luma, apart);
        color_paint(colors, planes, planes);
        assert_memory_equal(planes, apart, sizeof apart);
    }
    assert_in_range(paler, PIXELS, 10 * PIXELS);
    image_free(colors);
}

static void own_luma_gives_the_same_picture(void **state) {
    (void)state;
    image *picture = cube();
    float luma[PIXELS], planes[3 * PIXELS];
    color_luma(picture, luma);
    color_paint(picture, luma, planes);
    for (int i = 0; i < 3 * PIXELS; i++)
        expect_near((double)planes[i], (double)picture->planes[i], 1e-6);
    image_free(picture);
}

static color_tone tone_of_luma(const float *luma) {
    error err;
    image *grey = image_new(SIDE, SIDE, &err);
    assert_non_null(grey);
    for (int i = 0; i < 3 * PIXELS; i++)
        grey->planes[i] = luma[i % PIXELS];
    const color_tone tone = color_tone_of(grey);
    image_free(grey);
    return tone;
}

static void tones_come_nearer(void **state) {
    (void)state;
    static const struct {
        color_tone to;
        double deviation; /* expected */
    } cases[] = {
        {{0.5, 0.1}, 0.1}, {{0.4, 0.2}, 0.1414214}, {{0.55, 0.05}, 0.0707107},
        {{0.5, 0}, 0.05},  {{0.5, 1}, 0.2}, /* not beyond a factor of two */
    };
    float luma[PIXELS];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int i = 0; i < PIXELS; i++)
            luma[i] = i % 2 ? 0.4f : 0.6f;
        const color_tone from = tone_of_luma(luma);
        expect_near(from.mean, 0.5, 1e-6);
        expect_near(from.deviation, 0.1, 1e-6);
        color_adapt(luma, PIXELS, from, cases[k].to);
        const color_tone now = tone_of_luma(luma);
        expect_near(now.mean, cases[k].to.mean, 1e-6);
        expect_near(now.deviation, cases[k].deviation, 1e-6);
    }
    /* What leaves [0,1] is clipped, and what is flat stays so. */
    color_adapt(luma, PIXELS, (color_tone){0.5, 0.2}, (color_tone){0.95, 0.2});
    assert_true(luma[0] == 1);
    color_adapt(luma, PIXELS, (color_tone){0.5, 0}, (color_tone){0.5, 0.2});
    assert_true(luma[0] == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luma_is_that_of_rec_709),
        cmocka_unit_test(greys_are_exact),
        cmocka_unit_test(paints_luma_in_old_colors),
        cmocka_unit_test(own_luma_gives_the_same_picture),
        cmocka_unit_test(tones_come_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
