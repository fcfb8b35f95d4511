/* SPDX-License-Identifier: MIT
 *
 * Tests of transparency and of writing with options: alpha and colours come back exactly from PNG
 * files of 8 and 16 bits, a JPEG shows them over white, a change of size lets nothing bleed that
 * cannot be seen; depth and quality.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>
#include <sys/stat.h>

#include "image/resample.h"

static const picture_file_options deep = {.depth = 16, .quality = 95};

static image *transparent(int width, int height) {
    error err = {0};
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    assert_true(image_add_alpha(self, &err));
    return self;
}

/* Sets pixel i to a colour, grey of this value, under an alpha, as a reader would. */
static void set_pixel(image *self, int i, double value, double alpha) {
    const int plane = self->width * self->height;
    self->alpha[i] = (float)alpha;
    for (int c = 0; c < IMAGE_CHANNELS; c++)
        self->planes[c * plane + i] = (float)(value * alpha + 1 - alpha);
}

static void check_returns(const image *self, const picture_file_options *options) {
    const name path = temporary("alpha.png");
    write_image(self, path.text, options);
    image *again = read_ok(path.text);
    check_same(self, again);
    image_free(again);
    unlink(path.text);
}

/* Equal values over white under equal alpha are equal colours, unless nothing is seen. */
static void returns_every_colour_of_8_bits(void **state) {
    (void)state;
    image *self = transparent(256, 256);
    for (int i = 0; i < 256 * 256; i++)
        set_pixel(self, i, i % 256 / 255.0, i / 256 / 255.0);
    check_returns(self, &write_plain);
    image_free(self);
}

static void returns_colours_of_16_bits(void **state) {
    (void)state;
    image *self = transparent(256, 256);
    for (int i = 0; i < 256 * 256; i++) /* alpha from 1 % */
        set_pixel(self, i, i / 65535.0, (656 + i % 256 * 254) / 65535.0);
    check_returns(self, &deep);
    image_free(self);
    static const char *const bases[] = {"rgba16.png", "grey-alpha16.png", "rgb16-trns.png"};
    for (int i = 0; i < 3; i++) {
        self = read_ok(data_file(bases[i]).text);
        check_returns(self, &deep);
        image_free(self);
    }
}

static void returns_all_65536_values(void **state) {
    (void)state;
    error err = {0};
    image *self = image_new(256, 256, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * 256 * 256; i++)
        self->planes[i] = (float)(i % 65536) / 65535.0f;
    check_returns(self, &deep);
    const name path = temporary("eight.png");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    for (int i = 0; i < 3 * 256 * 256; i++)
        assert_true(fabsf(self->planes[i] - again->planes[i]) < 0.50001f / 255.0f);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

/* The bit depth and the colour type in a PNG header. */
static void check_header(const char *path, int depth, int color) {
    const bytes all = load(path);
    assert_int_equal(all.data[24], depth);
    assert_int_equal(all.data[25], color);
    free(all.data);
}

static void writes_what_is_asked_for(void **state) {
    (void)state;
    const name path = temporary("header.png");
    for (int i = 0; i < 4; i++) {
        image *self = read_ok(data_file(i / 2 ? "rgba8.png" : "rgb16.png").text);
        write_image(self, path.text, i % 2 ? &deep : &write_plain);
        check_header(path.text, i % 2 ? 16 : 8, i / 2 ? 6 : 2);
        image_free(self);
    }
    unlink(path.text);
}

static void refuses_impossible_options(void **state) {
    (void)state;
    static const picture_file_options bad[] = {{12, 95}, {0, 95}, {8, 0}, {8, 101}, {16, 95}};
    image *self = read_ok(data_file("rgb8.png").text);
    const name path = temporary("bad.jpg");
    for (int i = 0; i < 5; i++) {
        error err = {0};
        assert_false(picture_file_write(self, path.text, &bad[i], &err));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.text, path.text));
        assert_int_equal(entries_in_folder(), 0);
    }
    image_free(self);
}

static void quality_is_heard(void **state) {
    (void)state;
    static const int qualities[] = {100, 95, 50, 1};
    image *self = read_ok(data_file("ycc444.jpg").text);
    off_t last = INT32_MAX;
    for (int i = 0; i < 4; i++) {
        const picture_file_options options = {.depth = 8, .quality = qualities[i]};
        const name path = temporary("quality.jpg");
        struct stat status;
        write_image(self, path.text, &options);
        assert_int_equal(stat(path.text, &status), 0);
        assert_true(status.st_size < last);
        last = status.st_size;
        unlink(path.text);
    }
    image_free(self);
}

/* Whatever was painted where the picture is not, paper stays white, and under a half of it
 * nothing is darker than half. */
static void jpeg_is_over_white(void **state) {
    (void)state;
    image *self = transparent(48, 16);
    for (int i = 0; i < 48 * 16; i++) {
        self->alpha[i] = (float)(i % 48 / 16) / 2; /* 0, 0.5, 1 */
        for (int c = 0; c < 3; c++)
            self->planes[c * 48 * 16 + i] = 0.2f;
    }
    const name path = temporary("white.jpg");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    assert_null(again->alpha);
    assert_true(fabsf(at(again, 8, 8, 1) - 1.0f) < 0.01f);
    assert_true(fabsf(at(again, 24, 8, 1) - 0.5f) < 0.01f);
    assert_true(fabsf(at(again, 40, 8, 1) - 0.2f) < 0.01f);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void unseen_colours_become_white(void **state) {
    (void)state;
    image *self = transparent(2, 1);
    self->alpha[0] = 0.4f / 255.0f; /* rounds to none */
    self->alpha[1] = 1;
    const name path = temporary("unseen.png");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    assert_true(at(again, 0, 0, 0) == 1.0f && again->alpha[0] == 0.0f);
    assert_true(at(again, 1, 0, 0) == 0.0f && again->alpha[1] == 1.0f);
    image_free(again);
    self->planes[0] = self->planes[2] = self->planes[4] = 1; /* of 16 bits it keeps some */
    write_image(self, path.text, &deep);
    again = read_ok(path.text);
    assert_true(again->alpha[0] > 0.0f);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void alpha_is_turned(void **state) {
    (void)state;
    image *self = read_ok(data_file("orientation-6-alpha.png").text);
    assert_int_equal(self->width, 48);
    assert_int_equal(self->height, 32);
    for (int i = 0; i < 6; i++) {
        const int x = i % 3 * 16 + 8, y = i / 3 * 16 + 8;
        assert_true(self->alpha[y * 48 + x] == (float)(40 * i) / 255.0f);
    }
    image_free(self);
}

/* ---- change of size ---- */

static image *resized(const image *source, int width, int height) {
    error err = {0};
    image *self = image_resample(source, width, height, &err);
    assert_non_null(self);
    assert_true(image_resample_alpha(self, source, &err));
    return self;
}

/* A red half beside a half that is green but cannot be seen: edges must be red of every strength,
 * and nothing else. */
static void nothing_unseen_bleeds(void **state) {
    (void)state;
    static const int sizes[][2] = {{20, 20}, {17, 13}, {128, 100}, {301, 64}};
    const name path = temporary("edge.png");
    image *green = transparent(64, 64);
    for (int i = 0; i < 64 * 64; i++) {
        const bool red = i % 64 < 31;
        green->alpha[i] = red ? 1.0f : 0.0f;
        green->planes[i] = 1;
        green->planes[64 * 64 + i] = green->planes[2 * 64 * 64 + i] = red ? 0.0f : 1.0f;
    }
    for (int k = 0; k < 4; k++) {
        image *small = resized(green, sizes[k][0], sizes[k][1]);
        write_image(small, path.text, &deep);
        image *again = read_ok(path.text);
        int soft = 0;
        for (int y = 0; y < small->height; y++) {
            for (int x = 0; x < small->width; x++) {
                const float alpha = again->alpha[y * small->width + x];
                soft += alpha > 0.05f && alpha < 0.95f;
                if (alpha < 0.02f)
                    continue;
                assert_true(fabsf(at(again, x, y, 0) - 1) < 1e-4f);
                assert_true(fabsf((at(again, x, y, 1) - 1 + alpha) / alpha) < 2e-3f);
            }
        }
        assert_true(soft > 0);
        image_free(again);
        image_free(small);
    }
    image_free(green);
    unlink(path.text);
}

static void alpha_keeps_its_place(void **state) {
    (void)state;
    image *self = read_ok(data_file("orientation-6-alpha.png").text);
    image *same = resized(self, 48, 32), *large = resized(self, 96, 64);
    check_same(self, same);
    for (int i = 0; i < 6; i++) {
        const int x = i % 3 * 32 + 16, y = i / 3 * 32 + 16;
        assert_true(fabsf(large->alpha[y * 96 + x] - (float)(40 * i) / 255.0f) < 1e-5f);
    }
    image_free(large);
    image_free(same);
    image_free(self);
    self = read_ok(data_file("rgb8.png").text);
    same = resized(self, 20, 20);
    assert_null(same->alpha);
    image_free(same);
    image_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_every_colour_of_8_bits),
        cmocka_unit_test(returns_colours_of_16_bits),
        cmocka_unit_test(returns_all_65536_values),
        cmocka_unit_test(writes_what_is_asked_for),
        cmocka_unit_test(refuses_impossible_options),
        cmocka_unit_test(quality_is_heard),
        cmocka_unit_test(jpeg_is_over_white),
        cmocka_unit_test(unseen_colours_become_white),
        cmocka_unit_test(alpha_is_turned),
        cmocka_unit_test(nothing_unseen_bleeds),
        cmocka_unit_test(alpha_keeps_its_place),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
