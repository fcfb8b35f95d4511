/* SPDX-License-Identifier: MIT
 *
 * Tests of packed pixels: their values are the nearest floats to those of their definition, and a
 * packed picture is in all that is done with it the same as one of planes.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "image/pixels.h"
#include "image/recolor.h"
#include "image/resample.h"
#include "planes.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { WIDTH = 700, HEIGHT = 61, PIXELS = WIDTH * HEIGHT };

static uint32_t next(uint32_t *state) {
    return (*state = *state * 1664525u + 1013904223u) >> 8;
}

/* ---- values ---- */

/* Every value of a sample, alone and beside others. */
static void opaque_values_are_exact(void **state) {
    (void)state;
    static const pixels_sample samples[] = {PIXELS_U8, PIXELS_U16, PIXELS_PRODUCT};
    static uint16_t words[3];
    for (size_t k = 0; k < COUNT_OF(samples); k++) {
        const pixels_format rgb = {3, samples[k]}, grey = {1, samples[k]};
        const unsigned most = pixels_format_most(rgb);
        for (unsigned v = 0; v <= most; v++) {
            const uint8_t bytes[3] = {0, 0, (uint8_t)v};
            float got[5];
            words[2] = (uint16_t)v;
            const bool byte = samples[k] == PIXELS_U8;
            const void *at = byte ? (const void *)bytes : words;
            const void *last = byte ? (const void *)(bytes + 2) : words + 2;
            pixels_format_unpack(rgb, at, 2, 1, &got[0]);
            for (int c = 0; c <= PIXELS_ALPHA; c++)
                pixels_format_unpack(grey, last, c, 1, &got[1 + c]);
            for (int i = 0; i < 4; i++)
                assert_true(got[i] == (float)((double)v / most));
            assert_true(got[4] == 1);
        }
    }
}

/* What is seen over white, of all bytes and of many words. */
static void transparent_values_are_exact(void **state) {
    (void)state;
    uint32_t random = 1;
    for (unsigned i = 0; i < 1u << 17; i++) {
        const bool wide = i >= 1u << 16;
        const unsigned most = wide ? 65535 : 255;
        const unsigned value = wide ? next(&random) % 65536 : i % 256;
        const unsigned alpha = wide ? next(&random) % 65536 : i / 256;
        const uint16_t words[] = {(uint16_t)value, (uint16_t)alpha};
        const uint8_t bytes[] = {(uint8_t)value, (uint8_t)alpha};
        const pixels_format format = {2, wide ? PIXELS_U16 : PIXELS_U8};
        const void *pixel = wide ? (const void *)words : bytes;
        const double v = (double)value / most, a = (double)alpha / most;
        float seen, opacity;
        pixels_format_unpack(format, pixel, 1, 1, &seen);
        pixels_format_unpack(format, pixel, PIXELS_ALPHA, 1, &opacity);
        assert_true(opacity == (float)a);
        assert_float_equal(seen, (float)(v * a + 1 - a), 1e-7F);
        assert_int_equal(pixels_format_is_opaque(format, pixel, 1), alpha == most);
        if (alpha == most)
            assert_true(seen == (float)v);
        if (!alpha)
            assert_true(seen == 1);
    }
}

/* ---- pictures ---- */

/* Half of a grey scale, noise, and where there is alpha some of each. */
static image *new_picture(pixels_format format) {
    static uint8_t bytes[PIXELS * 4 * sizeof(float)];
    const size_t step = (size_t)format.channels, row = pixels_format_row_size(format, WIDTH);
    uint32_t random = 3;
    for (size_t i = 0; i < PIXELS * step; i++) {
        const uint32_t value = i / step % WIDTH < WIDTH / 2 ? (uint32_t)(i * 37) : next(&random);
        const uint16_t word = (uint16_t)value;
        const float real = (float)(value % 4096) / 4095;
        if (format.sample == PIXELS_U8)
            bytes[i] = (uint8_t)value;
        else if (format.sample == PIXELS_U16)
            memcpy(bytes + 2 * i, &word, sizeof word);
        else
            memcpy(bytes + sizeof real * i, &real, sizeof real);
    }
    error err = {0};
    image *self = pixels_read(bytes, WIDTH, HEIGHT, row, format, &err);
    if (!self)
        fail_msg("%s", err.text);
    assert_true(!self->planes && self->packed);
    return self;
}

static void expect_same(const image *a, const image *b) {
    const size_t pixels = (size_t)a->width * (size_t)a->height;
    assert_true(a->width == b->width && a->height == b->height && !a->alpha == !b->alpha);
    assert_memory_equal(a->planes, b->planes, IMAGE_CHANNELS * pixels * sizeof(float));
    if (a->alpha)
        assert_memory_equal(a->alpha, b->alpha, pixels * sizeof(float));
}

/* Shrunk a little, in passes, one way each, enlarged, as it is. */
static const int sizes[][2] = {{512, 50},  {8, 3},     {9, 400},  {1000, 9},
                               {1400, 90}, {700, 61}, {700, 30}, {64, 61}};

static image *resampled(const image *from, int width, int height) {
    error err = {0};
    image *self = image_resample(from, width, height, &err);
    if (!self || !image_resample_alpha(self, from, &err))
        fail_msg("%s", err.text);
    return self;
}

/* A part of it, continued by itself. */
static void expect_same_part(const image *packed, const image *planes) {
    static float got[2][IMAGE_CHANNELS * 90 * 40];
    const image *pictures[] = {packed, planes};
    error err = {0};
    for (int k = 0; k < 2; k++) {
        const image_view part = image_view_part(image_view_of_picture(pictures[k]), 13, 7, 600, 33);
        const image_view to = image_view_of(got[k], 90, 40, IMAGE_CHANNELS);
        assert_true(image_view_resample(part, to, true, &err));
    }
    assert_memory_equal(got[0], got[1], sizeof got[0]);
}

static void expect_same_rows(const image *packed, const image *planes) {
    static uint8_t rows[2][WIDTH * 4 * sizeof(float)];
    for (int channels = 1; channels <= PIXELS_MOST_CHANNELS; channels++) {
        for (int kind = 0; kind <= PIXELS_FLOAT; kind++) {
            const pixels_format format = {channels, (pixels_sample)kind};
            pixels_pack_row(packed, 5, format, rows[0]);
            pixels_pack_row(planes, 5, format, rows[1]);
            assert_memory_equal(rows[0], rows[1], pixels_format_row_size(format, WIDTH));
        }
    }
}

static void packed_pictures_are_as_planes(void **state) {
    (void)state;
    for (int channels = 1; channels <= PIXELS_MOST_CHANNELS; channels++) {
        for (int kind = 0; kind <= PIXELS_FLOAT; kind++) {
            const pixels_format format = {channels, (pixels_sample)kind};
            image *packed = new_picture(format), *planes = with_planes(new_picture(format));
            assert_int_equal(image_has_alpha(packed), channels % 2 == 0);
            assert_int_equal(image_has_alpha(planes), channels % 2 == 0);
            for (size_t i = 0; i < COUNT_OF(sizes); i++) {
                image *a = resampled(packed, sizes[i][0], sizes[i][1]);
                image *b = resampled(planes, sizes[i][0], sizes[i][1]);
                expect_same(a, b);
                image_free(a);
                image_free(b);
            }
            expect_same_part(packed, planes);
            expect_same_rows(packed, planes);
            color_moments a = {.mean = {0}}, b = {.mean = {0}};
            color_moments_add(&a, packed, 1);
            color_moments_add(&b, planes, 1);
            assert_memory_equal(&a, &b, sizeof a);
            color_moments_add_seen(&a, packed, 1);
            color_moments_add_seen(&b, planes, 1);
            assert_memory_equal(&a, &b, sizeof a);
            image_free(packed);
            image_free(planes);
        }
    }
}

/* Where alpha is full everywhere it goes, and the colours stay. */
static void full_alpha_is_dropped(void **state) {
    (void)state;
    for (int channels = 2; channels <= PIXELS_MOST_CHANNELS; channels += 2) {
        for (int kind = 0; kind <= PIXELS_FLOAT; kind++) {
            static uint8_t bytes[PIXELS * 4 * sizeof(float)];
            const pixels_format format = {channels, (pixels_sample)kind};
            const pixels_format without = {channels - 1, (pixels_sample)kind};
            const size_t row = pixels_format_row_size(format, WIDTH);
            error err = {0};
            image *plain = new_picture(without);
            for (int y = 0; y < HEIGHT; y++)
                pixels_pack_row(plain, y, format, bytes + (size_t)y * row);
            image *self = pixels_read(bytes, WIDTH, HEIGHT, row, format, &err);
            assert_non_null(self);
            assert_false(image_has_alpha(self));
            assert_int_equal(self->format.channels, channels - 1);
            assert_memory_equal(self->packed, plain->packed,
                                pixels_format_row_size(without, WIDTH) * HEIGHT);
            image_free(self);
            bytes[(size_t)(HEIGHT - 1) * row + row - 1] = 0; /* the very last: 0, or small */
            bytes[(size_t)(HEIGHT - 1) * row + row - 2] = 0;
            self = pixels_read(bytes, WIDTH, HEIGHT, row, format, &err);
            assert_true(image_has_alpha(self));
            image_free(self);
            image_free(plain);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opaque_values_are_exact),
        cmocka_unit_test(transparent_values_are_exact),
        cmocka_unit_test(packed_pictures_are_as_planes),
        cmocka_unit_test(full_alpha_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
