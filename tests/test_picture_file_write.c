/* SPDX-License-Identifier: MIT
 *
 * Tests of writing in picture_file.c, png.c and jpeg.c: the pixels that come back. The promises
 * about the file itself are in test_output_file.c.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include "allocations.h"

#include <math.h>

/* A picture of noise: it does not compress, so its file has about three bytes a pixel. */
static image *noise(int width, int height) {
    error err = {0};
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    uint32_t state = 12345;
    for (size_t i = 0; i < IMAGE_CHANNELS * (size_t)(width * height); i++) {
        state = state * 1664525u + 1013904223u;
        self->planes[i] = (float)(state >> 24) / 255.0f;
    }
    return self;
}

static void names_formats_by_extension(void **state) {
    (void)state;
    assert_int_equal(image_format_of_path("a.png"), IMAGE_PNG);
    assert_int_equal(image_format_of_path("a.b/c.PnG"), IMAGE_PNG);
    assert_int_equal(image_format_of_path("a.jpg"), IMAGE_JPEG);
    assert_int_equal(image_format_of_path("a.JPEG"), IMAGE_JPEG);
    assert_int_equal(image_format_of_path("a.webp"), IMAGE_WEBP);
    assert_int_equal(image_format_of_path("a.tif"), IMAGE_TIFF);
    assert_int_equal(image_format_of_path("a.TIFF"), IMAGE_TIFF);
    assert_int_equal(image_format_of_path("a.png/b"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path("a.png.gif"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path("png"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path(""), IMAGE_UNKNOWN);
    image *self = noise(2, 2);
    error err = {0};
    const name path = temporary("out.gif");
    assert_false(picture_file_write(self, path.text, &write_plain, &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_non_null(strstr(err.text, path.text));
    assert_non_null(strstr(err.text, ".png"));
    assert_int_equal(entries_in_folder(), 0);
    image_free(self);
}

static void png_round_trip_is_exact(void **state) {
    (void)state;
    error err = {0};
    image *self = image_new(256, 3, &err), *blurred = image_new(256, 3, &err);
    assert_true(self && blurred);
    for (int i = 0; i < 256 * 9; i++) {
        self->planes[i] = (float)(i % 256) / 255.0f;
        blurred->planes[i] = self->planes[i] + (i % 2 ? 0.0019f : -0.0019f); /* under half a step */
    }
    blurred->planes[5] = 5.0f / 255.0f;
    const name path = temporary("round.png");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    check_same(self, again);
    image_free(again);
    write_image(blurred, path.text, &write_plain); /* rounding is to the nearest */
    again = read_ok(path.text);
    check_same(self, again);
    image_free(again);
    again = read_ok(data_file("rgb8.png").text);
    write_image(again, path.text, &write_plain);
    image *third = read_ok(path.text);
    check_same(again, third);
    image_free(third);
    image_free(again);
    image_free(blurred);
    image_free(self);
    unlink(path.text);
}

static void clips_values_and_nan(void **state) {
    (void)state;
    error err = {0};
    image *self = image_new(2, 1, &err);
    assert_non_null(self);
    const float values[6] = {-0.5f, 1.5f, NAN, INFINITY, -INFINITY, 1e30f};
    memcpy(self->planes, values, sizeof values);
    const name path = temporary("clip.png");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    const float expected[6] = {0, 1, 0, 1, 0, 1};
    assert_memory_equal(again->planes, expected, sizeof expected);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void jpeg_is_close_and_not_subsampled(void **state) {
    (void)state;
    image *self = read_ok(data_file("ycc444.jpg").text);
    const name path = temporary("out.jpeg");
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    for (int i = 0; i < IMAGE_CHANNELS * self->width * self->height; i++)
        assert_true(fabsf(again->planes[i] - self->planes[i]) < 4.0f / 255.0f);
    image_free(again);
    const bytes all = load(path.text);
    assert_memory_equal(all.data, "\xff\xd8\xff", 3);
    bool found = false;
    for (size_t i = 2; i + 17 < all.size && !found; i++) { /* the frame header's sampling factors */
        found = all.data[i] == 0xff && all.data[i + 1] == 0xc0;
        if (found)
            assert_true(all.data[i + 11] == 0x11 && all.data[i + 14] == 0x11 &&
                        all.data[i + 17] == 0x11);
    }
    assert_true(found);
    free(all.data);
    image_free(self);
    unlink(path.text);

    error err = {0};
    image *wide = image_new(65501, 1, &err);
    assert_non_null(wide);
    assert_false(picture_file_write(wide, path.text, &write_plain, &err));
    check_error(&err, path.text, ".png");
    image_free(wide);
    assert_int_equal(entries_in_folder(), 0);
}

/* Memory for the file may be short as well as the disk full. */
static void encodes_before_it_writes(void **state) {
    (void)state;
    error err = {0};
    image *wide = image_new(65501, 1, &err);
    const name path = temporary("old.jpg");
    char *data;
    size_t size;
    assert_non_null(wide);
    store(path.text, "precious", 8);
    assert_false(picture_file_write(wide, path.text, &write_plain, &err));
    assert_false(picture_file_encode(wide, IMAGE_JPEG, &write_plain, "it", &data, &size, &err));
    check_error(&err, "it", ".png");
    assert_null(data);
    const bytes all = load(path.text);
    assert_int_equal(all.size, 8);
    free(all.data);
    unlink(path.text);

    assert_true(picture_file_encode(wide, IMAGE_PNG, &write_plain, "it", &data, &size, &err));
    const name again = temporary("again.png");
    write_image(wide, again.text, &write_plain);
    const bytes written = load(again.text);
    assert_int_equal(written.size, size);
    assert_memory_equal(written.data, data, size);
    free(written.data);
    free(data);
    unlink(again.text);
    image_free(wide);
}

/* Whichever allocation fails, the last of the growing file included, there is no picture. */
static void encodes_whole_or_not_at_all(void **state) {
    (void)state;
    static const image_format formats[] = {IMAGE_PNG, IMAGE_JPEG, IMAGE_TIFF, IMAGE_WEBP};
    image *self = noise(64, 64);
    for (int i = 0; i < 4; i++) {
        bool ok = false;
        for (size_t after = 0; !ok; after++) {
            char *data = NULL;
            size_t size = 0;
            error err = {0};
            if (!picture_file_check(formats[i], 64, 64, &write_plain, "it", &err))
                break; /* built without it */
            const size_t before = allocations_count();
            allocations_fail(after);
            ok = picture_file_encode(self, formats[i], &write_plain, "it", &data, &size, &err);
            allocations_fail(SIZE_MAX);
            assert_int_equal(ok, allocations_count() - before <= after);
            assert_int_equal(ok, data != NULL);
            assert_true(ok ? size > 1000 : err.code == ERROR_MEMORY);
            assert_true(!ok || after > 1);
            free(data);
        }
    }
    image_free(self);
}

/* libpng leaves a profile out for which it has no memory, and goes on. */
static void keeps_the_profile_or_fails(void **state) {
    (void)state;
    enum { LEAST = 5 };
    error err = {0};
    bool ok = false;
    char *data = NULL;
    size_t size = 0;
    image *self = picture_file_read(data_file("profile.png").text, SIZE_MAX, &err);
    assert_non_null(self);
    assert_true(self->properties.profile_size > 0);
    size_t after = 0;
    for (; !ok; after++) {
        allocations_fail(after);
        ok = picture_file_encode(self, IMAGE_PNG, &write_plain, "it", &data, &size, &err);
        allocations_fail(SIZE_MAX);
        assert_true(ok || err.code == ERROR_MEMORY);
    }
    assert_true(after > LEAST);
    assert_true(size > 41);
    assert_memory_equal(data + 37, "iCCP", 4); /* behind the header */
    free(data);
    for (after = 0, ok = false; !ok; after++) {
        allocations_fail(after);
        image *again = picture_file_read(data_file("profile.png").text, SIZE_MAX, &err);
        allocations_fail(SIZE_MAX);
        ok = again != NULL;
        assert_true(ok ? again->properties.profile_size == self->properties.profile_size
                       : err.code == ERROR_MEMORY);
        image_free(again);
    }
    assert_true(after > LEAST);
    image_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_formats_by_extension),
        cmocka_unit_test(png_round_trip_is_exact),
        cmocka_unit_test(clips_values_and_nan),
        cmocka_unit_test(jpeg_is_close_and_not_subsampled),
        cmocka_unit_test(encodes_before_it_writes),
        cmocka_unit_test(encodes_whole_or_not_at_all),
        cmocka_unit_test(keeps_the_profile_or_fails),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
