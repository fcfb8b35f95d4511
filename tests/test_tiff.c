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

/* ---- memory ---- */

/* A file of a kind, whose pixels are not there: 12 fields in Intel's order. */
typedef struct claimed {
    uint32_t side, samples, bits, strip_rows, compression, strip_bytes, orientation;
} claimed;

static size_t write_claim(const claimed *of, uint8_t file[400]) {
    enum { SHORT = 3, LONG = 4, FIELDS = 12, DATA = 8 + 2 + 12 * FIELDS + 4, MOST = 16 };
    const uint32_t strips = (of->side + of->strip_rows - 1) / of->strip_rows;
    const uint32_t fields[FIELDS][4] = {
        {256, LONG, 1, of->side},
        {257, LONG, 1, of->side},
        {258, SHORT, of->samples, of->samples > 2 ? DATA : of->bits},
        {259, SHORT, 1, of->compression},
        {262, SHORT, 1, of->samples == 3 ? 2 : 1},
        {273, LONG, strips, strips > 1 ? DATA + 2 * MOST : DATA},
        {274, SHORT, 1, of->orientation},
        {277, SHORT, 1, of->samples},
        {278, LONG, 1, of->strip_rows},
        {279, LONG, strips, strips > 1 ? DATA + 2 * MOST + 4 * strips : of->strip_bytes},
        {284, SHORT, 1, 1},
        {338, SHORT, of->samples == 3 ? 0 : 1, 0},
    };
    static const uint8_t head[] = {'I', 'I', '*', 0, 8, 0, 0, 0};
    const uint32_t count = of->samples == 3 ? FIELDS - 1 : FIELDS;
    memset(file, 0, 400);
    memcpy(file, head, sizeof head);
    file[8] = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = file + 10 + (size_t)12 * i;
        for (int k = 0; k < 2; k++) {
            at[k] = (uint8_t)(fields[i][0] >> 8 * k);
            at[2 + k] = (uint8_t)(fields[i][1] >> 8 * k);
        }
        for (int k = 0; k < 4; k++) {
            at[4 + k] = (uint8_t)(fields[i][2] >> 8 * k);
            at[8 + k] = (uint8_t)(fields[i][3] >> 8 * k);
        }
    }
    for (uint32_t i = 0; i < of->samples; i++)
        file[DATA + 2 * i] = (uint8_t)of->bits;
    for (uint32_t i = 0; i < strips && strips > 1; i++) {
        file[DATA + 2 * MOST + 4 * i] = DATA;
        for (int k = 0; k < 4; k++)
            file[DATA + 2 * MOST + 4 * (strips + i) + (size_t)k] =
                (uint8_t)(of->strip_bytes >> 8 * k);
    }
    return 400;
}

/* The error of a file where so many bytes are left. */
static error claim_error(const claimed *of, uint64_t left) {
    uint8_t all[400];
    error err = {0};
    int orientation = 1;
    FILE *file = fmemopen(all, write_claim(of, all), "rb");
    assert_non_null(file);
    codec_input input = {.file = file,
                         .path = "it",
                         .limits = {MANY_PIXELS, {0, NULL}, {left, "free memory"}}};
    assert_int_equal(fread(input.magic, 1, CODEC_MAGIC_SIZE, file), CODEC_MAGIC_SIZE);
    assert_null(codec_read_tiff(&input, &orientation, &err));
    fclose(file);
    return err;
}

/* Strips, what libtiff reads them from, and the copy to turn the picture count, too. */
static void asks_for_what_it_takes(void **state) {
    static const struct {
        claimed file;
        unsigned megabytes;
    } cases[] = {
        {{3000, 16, 16, 3000, 8, 100, 1}, 17 + 275}, /* one strip of deflate, of 16 channels */
        {{3000, 3, 8, 3000, 8, 100, 1}, 26 + 26},
        {{3000, 3, 8, 3000, 8, 20 << 20, 1}, 26 + 26 + 20},
        {{3000, 3, 8, 3000, 1, 100, 1}, 26}, /* libtiff cuts plain pixels into strips itself */
        {{3000, 3, 8, 300, 1, 100, 1}, 26 + 3},
        {{3000, 3, 8, 300, 1, 100, 6}, 26 + 26},
    };
    (void)state;
    needs_libtiff();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned said = 0;
        const uint64_t needed = cases[i].megabytes;
        const error err = claim_error(&cases[i].file, 1 << 20);
        assert_int_equal(err.code, ERROR_MEMORY);
        const char *at = strstr(err.text, "about ");
        if (!at || sscanf(at, "about %u MB", &said) != 1 || said < needed || said > needed + 6)
            fail_msg("case %zu needs %u MB: %s", i, cases[i].megabytes, err.text);
        assert_int_equal(claim_error(&cases[i].file, (needed - 1) << 20).code, ERROR_MEMORY);
        assert_int_equal(claim_error(&cases[i].file, (needed + 7) << 20).code, ERROR_FAILURE);
    }
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
        cmocka_unit_test(keeps_the_record),       cmocka_unit_test(asks_for_what_it_takes),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
