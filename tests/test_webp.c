/* SPDX-License-Identifier: MIT
 *
 * Tests of webp.c, webp_frames.c and exif.c: files against the PNG files of the same pixels, every
 * refusal, files that come back as they were written, animations.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>
#include <unistd.h>

#include "core/memory.h"
#include "image/record_text.h"
#include "image/webp.h"
#include "image/webp_frames.h"

static const picture_file_options exact = {.depth = 8, .quality = 100};

static void needs_libwebp(void) {
    error err;
    if (!codec_has_webp("it", &err))
        skip();
}

/* ---- reading ---- */

static void check_twin(const char *base, const char *twin_base) {
    image *self = read_ok(data_file(base).text), *twin = read_ok(data_file(twin_base).text);
    check_same(self, twin);
    image_free(twin);
    image_free(self);
}

static void reads_exact_files(void **state) {
    (void)state;
    needs_libwebp();
    check_twin("rgb8.webp", "rgb8.png");
    check_twin("rgba8.webp", "rgba8.png");
    check_twin("profile.webp", "profile.png");
    check_twin("profile-cut.webp", "rgb8.png");
    check_twin("exif-cut.webp", "rgb8.png");
    check_twin("orientation-6.webp", "orientation-6.png");
}

static void reads_lossy_files(void **state) {
    (void)state;
    needs_libwebp();
    image *self = read_ok(data_file("lossy.webp").text);
    image *twin = read_ok(data_file("ycc444.jpg").text);
    for (int block = 0; block < 6; block++) {
        const int x = block % 3 * 16 + 8, y = block / 3 * 16 + 8;
        for (int c = 0; c < 3; c++)
            assert_true(fabsf(at(self, x, y, c) - at(twin, x, y, c)) < 5.0f / 255);
    }
    assert_null(self->alpha);
    image_free(twin);
    image_free(self);
    self = read_ok(data_file("lossy-alpha.webp").text);
    assert_non_null(self->alpha);
    image_free(self);
}

/* The first frame, where it stands; the rest of its canvas is transparent. */
static void reads_the_first_frame(void **state) {
    (void)state;
    needs_libwebp();
    image *self = read_ok(data_file("animated.webp").text);
    assert_true(self->width == 12 && self->height == 10 && !self->alpha);
    assert_true(at(self, 6, 5, 0) == 200.0f / 255);
    image_free(self);
    self = read_ok(data_file("animated-part.webp").text);
    image *part = read_ok(data_file("rgb8.png").text);
    assert_true(self->width == 12 && self->height == 10);
    for (int y = 0; y < self->height; y++) {
        for (int x = 0; x < self->width; x++) {
            const int dx = x - 4, dy = y - 2; /* twice what the file says */
            const bool inside = dx >= 0 && dy >= 0 && dx < part->width && dy < part->height;
            assert_true(self->alpha[y * self->width + x] == (inside ? 1.0f : 0.0f));
            for (int c = 0; c < 3; c++)
                assert_true(at(self, x, y, c) == (inside ? at(part, dx, dy, c) : 1.0f));
        }
    }
    image_free(part);
    image_free(self);
}

static void refuses_with_one_line(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"bomb.webp", "--max-pixels"},    {"truncated.webp", "ends too early"},
        {"header-cut.webp", "too early"}, {"claims-more.webp", "larger than any picture"},
        {"canvas-wrong.webp", "damaged"}, {"corrupt.webp", "damaged"},
        {"outside.webp", "damaged"},      {"wave.webp", "neither PNG"},
    };
    needs_libwebp();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i][0], cases[i][1]);
}

static void reads_pipes(void **state) {
    (void)state;
    needs_libwebp();
    const bytes all = load(data_file("rgb8.webp").text);
    error err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], all.data, all.size), all.size);
    assert_int_equal(write(ends[1], "behind", 6), 6);
    close(ends[1]);
    FILE *file = fdopen(ends[0], "rb");
    char rest[7] = "";
    image *self = picture_file_read_stream(file, "pipe", MANY_PIXELS, &err);
    assert_non_null(self);
    assert_int_equal(fread(rest, 1, 6, file), 6); /* no more was taken than the file's own */
    assert_string_equal(rest, "behind");
    image_free(self);
    fclose(file);
    free(all.data);
}

/* ---- writing ---- */

static void check_round_trip(const char *base) {
    const name path = temporary("out.webp");
    image *self = read_ok(data_file(base).text);
    self->properties.density_unit = DENSITY_METRE;
    self->properties.density[0] = 11811;
    self->properties.density[1] = 5000;
    write_image(self, path.text, &exact);
    image *again = read_ok(path.text);
    check_same(self, again);
    assert_int_equal(self->properties.profile_size, again->properties.profile_size);
    if (self->properties.profile)
        assert_memory_equal(self->properties.profile, again->properties.profile,
                            self->properties.profile_size);
    assert_int_equal(again->properties.density_unit, DENSITY_METRE);
    assert_true(fabs(again->properties.density[0] - 300 / 0.0254) < 0.1);
    assert_true(fabs(again->properties.density[1] - 5000) < 0.1);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void quality_100_is_exact(void **state) {
    (void)state;
    needs_libwebp();
    check_round_trip("rgb8.png");
    check_round_trip("rgba8.png");
    check_round_trip("profile.png");
    check_round_trip("1x1.png");
    check_round_trip("1x17.png");
}

static void lower_qualities_are_close_and_small(void **state) {
    (void)state;
    needs_libwebp();
    const picture_file_options fine = {8, 95}, coarse = {8, 20};
    char *large, *small;
    size_t large_size, small_size;
    error err = {0};
    image *self = read_ok(data_file("ycc444.jpg").text);
    assert_true(picture_file_encode(self, IMAGE_WEBP, &fine, "it", &large, &large_size, &err));
    assert_true(picture_file_encode(self, IMAGE_WEBP, &coarse, "it", &small, &small_size, &err));
    assert_true(small_size < large_size);
    const name path = temporary("out.webp");
    store(path.text, large, large_size);
    image *again = read_ok(path.text);
    for (int c = 0; c < 3; c++)
        assert_true(fabsf(at(self, 8, 8, c) - at(again, 8, 8, c)) < 5.0f / 255);
    image_free(again);
    unlink(path.text);
    free(small);
    free(large);
    image_free(self);
}

static void refuses_what_it_has_no_room_for(void **state) {
    (void)state;
    needs_libwebp();
    const picture_file_options deep = {16, 95};
    error err = {0};
    char *data;
    size_t size;
    image *wide = image_new(IMAGE_WEBP_MOST_SIDE + 1, 1, &err);
    assert_non_null(wide);
    assert_false(picture_file_encode(wide, IMAGE_WEBP, &exact, "it", &data, &size, &err));
    check_error(&err, "it", "16383");
    assert_null(data);
    wide->width--;
    assert_false(picture_file_encode(wide, IMAGE_WEBP, &deep, "it", &data, &size, &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_true(picture_file_encode(wide, IMAGE_WEBP, &exact, "it", &data, &size, &err));
    free(data);
    image_free(wide);
}

/* One of another length each: short ones stand elsewhere in EXIF than long ones. */
static void keeps_the_record(void **state) {
    (void)state;
    needs_libwebp();
    const name path = temporary("out.webp");
    image *self = read_ok(data_file("rgb8.png").text);
    error err = {0};
    char *record = NULL;
    for (size_t length = 1; length < 9; length++) {
        assert_true(record_text_set(&self->record, "{\"a\": 1}", length, &err));
        self->properties.density_unit = length % 2 ? DENSITY_METRE : DENSITY_UNKNOWN;
        self->properties.density[0] = self->properties.density[1] = 5000;
        write_image(self, path.text, &exact);
        image *again = read_ok(path.text);
        assert_string_equal(again->record, self->record);
        assert_int_equal(again->properties.density_unit, self->properties.density_unit);
        assert_true(picture_file_read_record(path.text, &record, &err));
        assert_string_equal(record, self->record);
        memory_free(record);
        image_free(again);
    }
    unlink(path.text);
    assert_true(picture_file_read_record(data_file("orientation-6.webp").text, &record, &err));
    assert_null(record);
    assert_true(picture_file_read_record("tests/fuzz/corpus/simple-with-rest.webp", &record, &err));
    assert_null(record);
    assert_false(picture_file_read_record(data_file("truncated.webp").text, &record, &err));
    check_error(&err, "truncated.webp", "ends too early");
    assert_false(picture_file_read_record(data_file("wave.webp").text, &record, &err));
    image_free(self);
}

/* The record alone is that of the picture where the flags do not tell of it, and where it begins as
 * in a JPEG file. */
static void finds_the_same_record_without_pixels(void **state) {
    static const char without_flag[] = "tests/fuzz/corpus/exif-without-flag.webp";
    static const char like_jpeg[] = "tests/fuzz/corpus/exif-like-jpeg.webp";
    (void)state;
    needs_libwebp();
    error err = {0};
    char *record = NULL;
    image *self = read_ok(without_flag);
    assert_null(self->record);
    assert_true(picture_file_read_record(without_flag, &record, &err));
    assert_null(record);
    image_free(self);
    self = read_ok(like_jpeg);
    assert_true(picture_file_read_record(like_jpeg, &record, &err));
    assert_non_null(record);
    assert_string_equal(record, self->record);
    memory_free(record);
    image_free(self);
}

/* ---- animations ---- */

static void frames_come_back(void **state) {
    (void)state;
    needs_libwebp();
    error err = {0};
    char *data;
    size_t size;
    image *picture = read_ok(data_file("ycc444.jpg").text);
    webp_frames *frames = webp_frames_new(picture->width, picture->height, 90, "it", &err);
    assert_non_null(frames);
    assert_true(webp_frames_add(frames, picture, 80, &err));
    memset(picture->planes, 0, sizeof(float) * (size_t)(picture->width * picture->height));
    assert_true(webp_frames_add(frames, picture, 2000, &err));
    assert_true(webp_frames_encode(frames, &data, &size, &err));
    webp_frames_free(frames);
    int found = 0;
    for (size_t i = 0; i + 20 < size; i++) {
        if (memcmp(data + i, "ANMF", 4) != 0)
            continue;
        const uint8_t *time = (const uint8_t *)data + i + 20;
        assert_int_equal(time[0] | time[1] << 8, found ? 2000 : 80);
        found++;
    }
    assert_int_equal(found, 2);
    const name path = temporary("film.webp");
    store(path.text, data, size);
    image *first = read_ok(path.text);
    assert_true(at(first, 8, 8, 0) > 0.7f); /* red, before it was taken away */
    image_free(first);
    unlink(path.text);
    free(data);

    frames = webp_frames_new(16, 16, 90, "it", &err);
    assert_false(webp_frames_encode(frames, &data, &size, &err)); /* of no frames */
    check_error(&err, "it", "WebP");
    assert_false(webp_frames_add(frames, picture, 80, &err)); /* of another size */
    webp_frames_free(frames);
    image_free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_exact_files),
        cmocka_unit_test(reads_lossy_files),
        cmocka_unit_test(reads_the_first_frame),
        cmocka_unit_test(refuses_with_one_line),
        cmocka_unit_test(reads_pipes),
        cmocka_unit_test(quality_100_is_exact),
        cmocka_unit_test(lower_qualities_are_close_and_small),
        cmocka_unit_test(refuses_what_it_has_no_room_for),
        cmocka_unit_test(keeps_the_record),
        cmocka_unit_test(finds_the_same_record_without_pixels),
        cmocka_unit_test(frames_come_back),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
