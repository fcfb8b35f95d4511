/* SPDX-License-Identifier: MIT
 *
 * Tests of api_formats.c and format.c: what formats have room for, density, animations as a program
 * makes them.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include "refusals.h"
#include "transfer/stylize.h"

static bool has_webp(void) {
    stylize_error err;
    return stylize_format_check(STYLIZE_WEBP, 1, 1, 0, "it", &err);
}

static void says_what_formats_take(void **state) {
    (void)state;
    stylize_error err;
    assert_true(stylize_format_check(STYLIZE_PNG, 100000, 100000, 16, "a", &err));
    assert_true(stylize_format_check(STYLIZE_JPEG, 65500, 1, 8, "a", &err));
    expect(!stylize_format_check(STYLIZE_JPEG, 1, 65501, 8, "a", &err), &err, STYLIZE_FAILURE,
           "cannot write a: the picture has 1x65501 pixels, but a JPEG side has at most 65500");
    expect(!stylize_format_check(STYLIZE_JPEG, 1, 1, 16, "a", &err), &err, STYLIZE_USAGE,
           "a JPEG sample has 8 bits");
    expect(!stylize_format_check(STYLIZE_WEBP, 16384, 1, 8, "a", &err), &err, STYLIZE_FAILURE,
           "16383");
    expect(!stylize_format_check(STYLIZE_WEBP, 1, 1, 16, "a", &err), &err, STYLIZE_USAGE,
           "a WebP sample has 8 bits");
    expect(!stylize_format_check(STYLIZE_PNG, 1, 1, 9, "a", &err), &err, STYLIZE_USAGE,
           "8 or 16 bits, not 9");
    expect(!stylize_format_check((stylize_format)-1, 1, 1, 8, "a", &err), &err, STYLIZE_USAGE,
           "none of");
    expect(!stylize_format_check(STYLIZE_FORMAT_UNKNOWN, 1, 1, 8, "a", &err), &err, STYLIZE_USAGE,
           "none of");
    expect(!stylize_format_check(STYLIZE_PNG, 1, 1, 8, NULL, &err), &err, STYLIZE_USAGE, "name");
    assert_true(stylize_format_memory(STYLIZE_PNG, 16) ==
                2 * stylize_format_memory(STYLIZE_PNG, 0));
    assert_true(stylize_format_memory(STYLIZE_WEBP, 0) > stylize_format_memory(STYLIZE_PNG, 0));
}

/* As planes of floats, and as samples in the file's own size. */
static void tells_the_memory_of_pictures(void **state) {
    (void)state;
    stylize_error err;
    image *self = read_ok(data_file("ycc444.jpg").text); /* 48x32 */
    assert_true(stylize_image_memory(self) == 3 * sizeof(float) * 48 * 32);
    image_free(self);
    stylize_image *packed = stylize_image_read(data_file("ycc444.jpg").text, 1 << 20, &err);
    assert_non_null(packed);
    assert_true(stylize_image_memory(packed) >= 3 * 48 * 32);
    assert_true(stylize_image_memory(packed) <= 3 * sizeof(float) * 48 * 32);
    stylize_image_free(packed);
    assert_true(stylize_image_memory(NULL) == 0);
}

static void sets_the_density(void **state) {
    (void)state;
    image *self = read_ok(data_file("density-cm.jpg").text);
    stylize_image_set_density(self, 300);
    assert_int_equal(self->properties.density_unit, DENSITY_METRE);
    assert_true(self->properties.density[0] == 300 / 0.0254);
    assert_true(self->properties.density[1] == 300 / 0.0254);
    stylize_image_set_density(self, 0);
    assert_int_equal(self->properties.density_unit, DENSITY_UNKNOWN);
    image_free(self);
    stylize_image_set_density(NULL, 300);
}

/* Frames of other sizes are brought to that of the first. */
static void makes_animations(void **state) {
    (void)state;
    stylize_error err;
    char *data;
    size_t size;
    if (!has_webp())
        skip();
    image *picture = read_ok(data_file("ycc444.jpg").text); /* 48x32 */
    stylize_animation *film = stylize_animation_new(96, 64, 80, "film", &err);
    assert_non_null(film);
    assert_true(stylize_animation_add(film, picture, 80, &err));
    assert_true(stylize_animation_add(film, picture, 500, &err));
    assert_true(stylize_animation_encode(film, &data, &size, &err));
    const name path = temporary("film.webp");
    store(path.text, data, size);
    image *first = read_ok(path.text);
    assert_true(first->width == 96 && first->height == 64);
    assert_true(at(first, 16, 16, 0) > 0.7f);
    image_free(first);
    unlink(path.text);
    free(data);
    expect(!stylize_animation_add(film, picture, 0, &err), &err, STYLIZE_USAGE, "0 ms");
    expect(!stylize_animation_add(film, NULL, 80, &err), &err, STYLIZE_USAGE, "picture");
    stylize_animation_free(film);
    stylize_animation_free(NULL);
    expect(!stylize_animation_new(0, 1, 80, "film", &err), &err, STYLIZE_USAGE, "no size");
    expect(!stylize_animation_new(1, 0, 80, "film", &err), &err, STYLIZE_USAGE, "1x0 is no size");
    expect(!stylize_animation_new(1, 1, 101, "film", &err), &err, STYLIZE_USAGE, "quality");
    expect(!stylize_animation_new(20000, 1, 80, "film", &err), &err, STYLIZE_FAILURE, "16383");
    expect(!stylize_animation_new(1, 1, 80, NULL, &err), &err, STYLIZE_USAGE, "name");
    image_free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_formats_take),
        cmocka_unit_test(tells_the_memory_of_pictures),
        cmocka_unit_test(sets_the_density),
        cmocka_unit_test(makes_animations),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
