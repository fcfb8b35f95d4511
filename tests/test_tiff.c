/* SPDX-License-Identifier: MIT
 *
 * Tests of tiff.c, tiff_write.c and tiff_stream.c: every kind of file against the PNG file of the
 * same pixels, every refusal, and files that come back as they were written.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>
#include <unistd.h>

#include "core/memory.h"
#include "image/record_text.h"
#include "image/tiff.h"

static void needs_libtiff(void) {
    error err;
    if (!codec_has_tiff("it", &err))
        skip();
}

/* ---- reading ---- */

static void reads_every_kind(void **state) {
    (void)state;
    static const char *const twins[][2] = {
        {"grey1.tif", "grey1.png"},        {"grey1-group4.tif", "grey1.png"},
        {"grey2.tif", "grey2.png"},        {"grey4.tif", "grey4.png"},
        {"grey8.tif", "grey8.png"},        {"grey16.tif", "grey16.png"},
        {"white8.tif", "grey8.png"},       {"palette1.tif", "palette1.png"},
        {"palette4.tif", "palette4.png"},  {"palette8.tif", "palette8.png"},
        {"rgb8.tif", "rgb8.png"},          {"rgb8-apart.tif", "rgb8.png"},
        {"rgb8-tiled.tif", "rgb8.png"},    {"rgb8-tiled-apart.tif", "rgb8.png"},
        {"rgb8-lzw.tif", "rgb8.png"},      {"rgb8-adobe_deflate.tif", "rgb8.png"},
        {"rgb8-packbits.tif", "rgb8.png"}, {"rgb8-lzma.tif", "rgb8.png"},
        {"rgb16.tif", "rgb16.png"}, /* Motorola's order, strips */
        {"rgb16-big.tif", "rgb16.png"},    {"rgba8.tif", "rgba8.png"},
        {"rgba16.tif", "rgba16.png"},      {"grey-alpha8.tif", "grey-alpha8.png"},
        {"unspecified8.tif", "rgb8.png"}, /* a channel that says nothing */
        {"pages.tif", "rgb8.png"},         {"profile.tif", "profile.png"},
    };
    needs_libtiff();
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        image *self = read_ok(data_file(twins[i][0]).text);
        image *twin = read_ok(data_file(twins[i][1]).text);
        check_same(self, twin);
        image_free(twin);
        image_free(self);
    }
}

/* The colours of associated alpha are rounded, by 1/65535 of what is seen at most. */
static void divides_associated_alpha_out(void **state) {
    (void)state;
    needs_libtiff();
    image *self = read_ok(data_file("associated16.tif").text);
    image *twin = read_ok(data_file("rgba16.png").text);
    for (int i = 0; i < IMAGE_CHANNELS * self->width * self->height; i++)
        assert_true(fabsf(self->planes[i] - twin->planes[i]) < 2.0f / 65535);
    assert_memory_equal(self->alpha, twin->alpha,
                        sizeof(float) * (size_t)(self->width * self->height));
    image_free(twin);
    image_free(self);
}

/* make.py's samples as inks: 0 is none. */
static void check_cmyk(const char *base, int depth) {
    image *self = read_ok(data_file(base).text);
    for (int i = 0; i < self->width * self->height; i++) {
        const int x = i % self->width, y = i / self->width;
        double ink[4];
        for (int c = 0; c < 4; c++) {
            const int value = (x * 37 + y * 59 + c * 83 + 11) % 256;
            ink[c] = depth == 8 ? value / 255.0 : (value * 256 + (x * 101 + y * 7) % 256) / 65535.0;
        }
        for (int c = 0; c < 3; c++)
            assert_true(fabs((double)at(self, x, y, c) - (1 - ink[c]) * (1 - ink[3])) < 1e-5);
    }
    assert_null(self->alpha);
    image_free(self);
}

static void multiplies_inks(void **state) {
    (void)state;
    needs_libtiff();
    check_cmyk("cmyk8.tif", 8);
    check_cmyk("cmyk16.tif", 16);
}

static void reads_ycc_as_rgb(void **state) {
    (void)state;
    needs_libtiff();
    image *self = read_ok(data_file("ycc.tif").text), *twin = read_ok(data_file("ycc420.jpg").text);
    for (int c = 0; c < 3; c++) /* the middle of the first block */
        assert_true(fabsf(at(self, 5, 5, c) - at(twin, 5, 5, c)) < 4.0f / 255);
    image_free(twin);
    image_free(self);
}

static void turns_pictures_upright(void **state) {
    (void)state;
    needs_libtiff();
    image *self = read_ok(data_file("orientation-6.tif").text);
    image *twin = read_ok(data_file("orientation-6.png").text);
    check_same(self, twin);
    image_free(twin);
    image_free(self);
}

static void keeps_profiles_of_rgb_alone(void **state) {
    (void)state;
    needs_libtiff();
    const bytes expected = load(data_file("profile.icc").text);
    image *self = read_ok(data_file("profile.tif").text);
    assert_int_equal(self->properties.profile_size, expected.size);
    assert_memory_equal(self->properties.profile, expected.data, expected.size);
    image_free(self);
    self = read_ok(data_file("profile-cmyk.tif").text);
    assert_null(self->properties.profile);
    image_free(self);
    free(expected.data);
}

static void refuses_with_one_line(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"floats.tif", "floats"},          {"signed.tif", "8 or 16 bits"},
        {"bits12.tif", "8 or 16 bits"},    {"lab.tif", "save it as RGB"},
        {"ycc-plain.tif", "YCbCr"},        {"inks.tif", "CMYK"},
        {"thumbnail.tif", "thumbnail"},    {"compression.tif", "compression"},
        {"bomb.tif", "--max-pixels"},      {"tile-bomb.tif", "larger than the picture"},
        {"zero-width.tif", "zero"},        {"channels.tif", "channels"},
        {"no-palette.tif", "olor"},        {"few-bytes.tif", "Decoding error"},
        {"truncated.tif", "directory"},    {"no-directory.tif", "directory"},
        {"corrupt.tif", "Decoding error"},
    };
    needs_libtiff();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i][0], cases[i][1]);
}

/* Of a pipe, and of a stream that has something before it. */
static void reads_streams(void **state) {
    (void)state;
    needs_libtiff();
    image *twin = read_ok(data_file("rgb8.png").text);
    const bytes all = load(data_file("rgb8-lzw.tif").text);
    error err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], all.data, all.size), all.size);
    close(ends[1]);
    FILE *file = fdopen(ends[0], "rb");
    image *self = picture_file_read_stream(file, "pipe", MANY_PIXELS, &err);
    assert_non_null(self);
    check_same(with_planes(self), twin);
    image_free(self);
    fclose(file);

    file = tmpfile();
    assert_int_equal(fwrite("before", 1, 6, file), 6);
    assert_int_equal(fwrite(all.data, 1, all.size, file), all.size);
    assert_int_equal(fseek(file, 6, SEEK_SET), 0);
    self = picture_file_read_stream(file, "stream", MANY_PIXELS, &err);
    assert_non_null(self);
    check_same(with_planes(self), twin);
    image_free(self);
    fclose(file);
    free(all.data);
    image_free(twin);
}

/* ---- writing ---- */

static void check_round_trip(const char *base, int depth) {
    const picture_file_options options = {.depth = depth, .quality = 95};
    const name path = temporary("out.tif");
    image *self = read_ok(data_file(base).text);
    self->properties.density_unit = DENSITY_METRE;
    self->properties.density[0] = 11811; /* as PNG says 300 per inch */
    self->properties.density[1] = 5000;
    write_image(self, path.text, &options);
    image *again = read_ok(path.text);
    check_same(self, again);
    assert_int_equal(self->properties.profile_size, again->properties.profile_size);
    if (self->properties.profile)
        assert_memory_equal(self->properties.profile, again->properties.profile,
                            self->properties.profile_size);
    assert_int_equal(again->properties.density_unit, DENSITY_METRE);
    assert_true(fabs(again->properties.density[0] - 300 / 0.0254) < 1e-2);
    assert_true(fabs(again->properties.density[1] - 5000) < 1e-2);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void round_trips_are_exact(void **state) {
    (void)state;
    needs_libtiff();
    check_round_trip("rgb8.png", 8);
    check_round_trip("grey4.png", 8);
    check_round_trip("rgb16.png", 16);
    check_round_trip("profile.png", 8);
    check_round_trip("1x17.png", 8);
    check_round_trip("1x1.png", 16);
}

/* Where nothing is seen of a colour it is white; what is seen comes back to a rounding. */
static void keeps_transparency(void **state) {
    (void)state;
    needs_libtiff();
    const name path = temporary("out.tiff");
    image *self = read_ok(data_file("rgba8.png").text);
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    assert_non_null(again->alpha);
    check_same(self, again);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

/* It stands in the description, by its keyword; another's description is none. */
static void keeps_the_record(void **state) {
    (void)state;
    needs_libtiff();
    const name path = temporary("out.tif");
    image *self = read_ok(data_file("rgb8.tif").text);
    error err = {0};
    char *record = NULL;
    assert_null(self->record);
    assert_true(record_text_set(&self->record, "{\"a\": 1}", 8, &err));
    write_image(self, path.text, &write_plain);
    image *again = read_ok(path.text);
    assert_string_equal(again->record, "{\"a\": 1}");
    assert_true(picture_file_read_record(path.text, &record, &err));
    assert_string_equal(record, "{\"a\": 1}");
    memory_free(record);
    bytes all = load(path.text);
    uint8_t *text = memchr(all.data, 's', all.size);
    while (memcmp(text, "stylize {", 9) != 0)
        text = memchr(text + 1, 's', all.size - (size_t)(text + 1 - all.data));
    *text = 'S';
    store(path.text, all.data, all.size);
    assert_true(picture_file_read_record(path.text, &record, &err));
    assert_null(record);
    free(all.data);
    image_free(again);
    image_free(self);
    unlink(path.text);
    assert_false(picture_file_read_record(data_file("truncated.tif").text, &record, &err));
    assert_null(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),       cmocka_unit_test(divides_associated_alpha_out),
        cmocka_unit_test(multiplies_inks),        cmocka_unit_test(reads_ycc_as_rgb),
        cmocka_unit_test(turns_pictures_upright), cmocka_unit_test(keeps_profiles_of_rgb_alone),
        cmocka_unit_test(refuses_with_one_line),  cmocka_unit_test(reads_streams),
        cmocka_unit_test(round_trips_are_exact),  cmocka_unit_test(keeps_transparency),
        cmocka_unit_test(keeps_the_record),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
