/* SPDX-License-Identifier: MIT
 *
 * Pictures of the public API: a caller's pixels of every kind come in and out, exactly where they
 * can; files and encoding behave as stylize.h says; what a caller may get wrong is an error.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>

#include "transfer/stylize.h"

static const stylize_sample samples[] = {STYLIZE_U8, STYLIZE_U16, STYLIZE_FLOAT};
static const double most[] = {255, 65535, 1};
static const size_t bytes_of[] = {1, 2, sizeof(float)};

/* A caller's pixels, with room before the first, so that they are aligned to nothing, and after
 * every row. */
typedef struct caller {
    int width, height, channels;
    stylize_sample sample;
    size_t row, stride, size;
    unsigned char *memory, *pixels;
} caller;

#define ROOM 0xa5 /* what is not the library's to touch */

static caller caller_new(int width, int height, int channels, stylize_sample sample, size_t pad) {
    caller self = {.width = width, .height = height, .channels = channels, .sample = sample};
    self.row = (size_t)(width * channels) * bytes_of[sample];
    self.stride = self.row + pad;
    self.size = 1 + (size_t)height * self.stride;
    self.memory = malloc(self.size);
    assert_non_null(self.memory);
    memset(self.memory, ROOM, self.size);
    self.pixels = self.memory + 1;
    return self;
}

static unsigned char *sample_at(const caller *self, int x, int y, int c) {
    return self->pixels + (size_t)y * self->stride +
           (size_t)(x * self->channels + c) * bytes_of[self->sample];
}

/* Values as shares of the largest. */
static void set(const caller *self, int x, int y, int c, double value) {
    const uint16_t wide = (uint16_t)lrint(value * 65535);
    const float real = (float)value;
    if (self->sample == STYLIZE_U8)
        *sample_at(self, x, y, c) = (unsigned char)lrint(value * 255);
    else if (self->sample == STYLIZE_U16)
        memcpy(sample_at(self, x, y, c), &wide, sizeof wide);
    else
        memcpy(sample_at(self, x, y, c), &real, sizeof real);
}

static double get(const caller *self, int x, int y, int c) {
    uint16_t wide;
    float real;
    if (self->sample == STYLIZE_U8)
        return *sample_at(self, x, y, c) / 255.0;
    if (self->sample == STYLIZE_U16) {
        memcpy(&wide, sample_at(self, x, y, c), sizeof wide);
        return wide / 65535.0;
    }
    memcpy(&real, sample_at(self, x, y, c), sizeof real);
    return (double)real;
}

static bool has_alpha(int channels) {
    return channels % 2 == 0;
}

/* Random colours under alpha from two percent on. */
static void fill(const caller *self, unsigned seed) {
    for (int y = 0; y < self->height; y++) {
        for (int x = 0; x < self->width; x++) {
            for (int c = 0; c < self->channels; c++) {
                seed = seed * 1664525u + 1013904223u;
                const double value = (seed >> 8) / 16777215.0;
                const bool alpha = has_alpha(self->channels) && c == self->channels - 1;
                set(self, x, y, c, alpha ? 0.02 + 0.98 * value : value);
            }
        }
    }
}

static stylize_image *import(const caller *self) {
    stylize_error err;
    stylize_image *picture = stylize_image_from_pixels(
        self->pixels, self->width, self->height, self->stride, self->channels, self->sample, &err);
    if (!picture)
        fail_msg("%s", err.text);
    int width, height;
    stylize_image_size(picture, &width, &height);
    assert_int_equal(width, self->width);
    assert_int_equal(height, self->height);
    return picture;
}

static void export(const stylize_image *picture, const caller *self) {
    stylize_error err;
    if (!stylize_image_to_pixels(picture, self->pixels, self->stride, self->channels, self->sample,
                                 &err))
        fail_msg("%s", err.text);
    assert_int_equal(self->memory[0], ROOM);
    for (int y = 0; y < self->height; y++) {
        for (size_t i = self->row; i < self->stride; i++)
            assert_int_equal(self->pixels[(size_t)y * self->stride + i], ROOM);
    }
}

static const int sizes[][2] = {{1, 1}, {17, 3}, {3, 17}, {64, 5}, {1, 33}};

static void whole_numbers_come_back_exactly(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int kind = 0; kind < 2 * 4 * 2; kind++) {
            const stylize_sample sample = samples[kind % 2];
            const int channels = 1 + kind / 2 % 4;
            const size_t pad = kind / 8 ? 13 : 0;
            caller in = caller_new(sizes[s][0], sizes[s][1], channels, sample, pad);
            caller out = caller_new(sizes[s][0], sizes[s][1], channels, sample, pad);
            fill(&in, (unsigned)kind);
            stylize_image *picture = import(&in);
            assert_int_equal(stylize_image_has_alpha(picture), has_alpha(channels));
            export(picture, &out);
            assert_memory_equal(in.memory, out.memory, in.size);
            stylize_image_free(picture);
            free(in.memory);
            free(out.memory);
        }
    }
}

/* Every colour under every alpha of 8 bits but 0. */
static void every_colour_under_every_alpha(void **state) {
    (void)state;
    caller in = caller_new(256, 255, 2, STYLIZE_U8, 0),
           out = caller_new(256, 255, 2, STYLIZE_U8, 0);
    for (int y = 0; y < 255; y++) {
        for (int x = 0; x < 256; x++) {
            set(&in, x, y, 0, x / 255.0);
            set(&in, x, y, 1, (y + 1) / 255.0);
        }
    }
    stylize_image *picture = import(&in);
    export(picture, &out);
    assert_memory_equal(in.memory, out.memory, in.size);
    stylize_image_free(picture);
    free(in.memory);
    free(out.memory);
}

static void opaque_floats_come_back_exactly(void **state) {
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        caller in = caller_new(19, 7, channels, STYLIZE_FLOAT, 8);
        caller out = caller_new(19, 7, channels, STYLIZE_FLOAT, 8);
        fill(&in, 5);
        for (int i = 0; i < 19 * 7 && has_alpha(channels); i++)
            set(&in, i % 19, i / 19, channels - 1, 1);
        stylize_image *picture = import(&in);
        assert_false(stylize_image_has_alpha(picture)); /* full everywhere is none */
        export(picture, &out);
        assert_memory_equal(in.memory, out.memory, in.size);
        stylize_image_free(picture);
        free(in.memory);
        free(out.memory);
    }
}

/* ---- between kinds ---- */

/* What sample c of a pixel should become, in double precision. */
static double expected_sample(const caller *in, const caller *out, int x, int y, int c) {
    const bool grey = in->channels <= 2;
    const double alpha = has_alpha(in->channels) ? get(in, x, y, in->channels - 1) : 1;
    double rgb[3];
    if (has_alpha(out->channels) && c == out->channels - 1)
        return alpha;
    for (int i = 0; i < 3; i++) {
        rgb[i] = get(in, x, y, grey ? 0 : i);
        if (!has_alpha(out->channels))
            rgb[i] = alpha * rgb[i] + 1 - alpha;
    }
    return out->channels > 2 ? rgb[c] : 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

static void check_conversion(const caller *in, const caller *out) {
    stylize_image *picture = import(in);
    export(picture, out);
    /* Rounding, and what the planes' own precision comes to under an alpha of two percent. */
    const double bound = (out->sample == STYLIZE_FLOAT ? 0 : 0.5 / most[out->sample]) + 4e-6;
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            for (int c = 0; c < out->channels; c++) {
                const double off = get(out, x, y, c) - expected_sample(in, out, x, y, c);
                if (!(fabs(off) <= bound))
                    fail_msg("%d channels of kind %d to %d of kind %d: channel %d is off by %g",
                             in->channels, (int)in->sample, out->channels, (int)out->sample, c,
                             off);
            }
        }
    }
    stylize_image_free(picture);
}

static void every_kind_becomes_every_other(void **state) {
    (void)state;
    for (int kind = 0; kind < 12 * 12; kind++) {
        caller in = caller_new(23, 9, 1 + kind % 4, samples[kind / 4 % 3], 3);
        caller out = caller_new(23, 9, 1 + kind / 12 % 4, samples[kind / 48], 6);
        fill(&in, (unsigned)kind);
        check_conversion(&in, &out);
        free(in.memory);
        free(out.memory);
    }
}

static void what_is_not_seen_is_white(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        caller in = caller_new(2, 1, 4, samples[i], 0), out = caller_new(2, 1, 4, samples[i], 0);
        const double pixels[2][4] = {{0.2, 0.4, 0.6, 0}, {0, 0.2, 1, 1}};
        for (int k = 0; k < 8; k++)
            set(&in, k / 4, 0, k % 4, pixels[k / 4][k % 4]);
        stylize_image *picture = import(&in);
        export(picture, &out);
        for (int c = 0; c < 4; c++)
            assert_true(get(&out, 0, 0, c) == (c < 3 ? 1 : 0));
        assert_memory_equal(sample_at(&in, 1, 0, 0), sample_at(&out, 1, 0, 0), in.row / 2);
        stylize_image_free(picture);
        free(in.memory);
        free(out.memory);
    }
}

static void floats_are_clipped(void **state) {
    (void)state;
    const float in[] = {-0.5f, 1.5f, INFINITY, -INFINITY, NAN, 0.25f};
    const float expected[] = {0, 1, 1, 0, 0, 0.25f};
    float out[6];
    stylize_error err;
    stylize_image *picture = stylize_image_from_pixels(in, 2, 1, sizeof in, 3, STYLIZE_FLOAT, &err);
    assert_non_null(picture);
    assert_true(stylize_image_to_pixels(picture, out, sizeof out, 3, STYLIZE_FLOAT, &err));
    assert_memory_equal(out, expected, sizeof out);
    stylize_image_free(picture);
}

/* ---- files ---- */

/* Encoded and read again it is the same picture. */
static void passes_through_files(void **state) {
    (void)state;
    const name path = temporary("pixels.png");
    for (int i = 0; i < 4; i++) {
        caller in = caller_new(31, 21, 3 + i % 2, samples[i / 2], 0);
        caller out = caller_new(31, 21, 3 + i % 2, samples[i / 2], 0);
        char *data = NULL;
        size_t size = 0;
        stylize_error err;
        fill(&in, (unsigned)i);
        stylize_image *picture = import(&in);
        assert_true(
            stylize_image_encode(picture, STYLIZE_PNG, i / 2 ? 16 : 0, 0, "x", &data, &size, &err));
        assert_true(stylize_file_write(path.text, data, size, NULL, &err));
        FILE *file = fopen(path.text, "rb");
        assert_non_null(file);
        stylize_image *again = stylize_image_read_stream(file, "x", 31 * 21, &err);
        assert_non_null(again);
        assert_int_equal(fclose(file), 0);
        export(again, &out);
        assert_memory_equal(in.memory, out.memory, in.size);
        stylize_image_free(again);
        again = stylize_image_read(path.text, 31 * 21, &err);
        assert_non_null(again);
        export(again, &out);
        assert_memory_equal(in.memory, out.memory, in.size);
        stylize_image_free(again);
        stylize_image_free(picture);
        free(data);
        free(in.memory);
        free(out.memory);
    }
    unlink(path.text);
}

static void expect(bool failed, const stylize_error *err, stylize_status status, const char *text) {
    assert_true(failed);
    assert_int_equal(err->status, status);
    if (!strstr(err->text, text))
        fail_msg("'%s' lacks '%s'", err->text, text);
}

static void encodes_as_asked(void **state) {
    (void)state;
    stylize_error err;
    stylize_image *picture = stylize_image_read(data_file("rgb16.png").text, 1 << 20, &err);
    assert_non_null(picture);
    const struct {
        stylize_format format;
        int depth, quality, same_depth, same_quality;
    } pairs[] = {{STYLIZE_PNG, 0, 0, 8, 1}, {STYLIZE_JPEG, 0, 0, 8, 95}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *a, *b;
        size_t sizes_of[2];
        assert_true(stylize_image_encode(picture, pairs[i].format, pairs[i].depth, pairs[i].quality,
                                         "x", &a, &sizes_of[0], &err));
        assert_true(stylize_image_encode(picture, pairs[i].format, pairs[i].same_depth,
                                         pairs[i].same_quality, "x", &b, &sizes_of[1], &err));
        assert_int_equal(sizes_of[0], sizes_of[1]);
        assert_memory_equal(a, b, sizes_of[0]);
        free(a);
        free(b);
    }
    char *data = (char *)picture;
    size_t size = 5;
    const name path = temporary("of.gif");
    expect(!stylize_image_encode(picture, STYLIZE_FORMAT_UNKNOWN, 0, 0, "x", &data, &size, &err),
           &err, STYLIZE_USAGE, "x: its format is none of PNG, JPEG, WebP and TIFF");
    assert_null(data);
    assert_int_equal(size, 0);
    expect(!stylize_image_encode(picture, (stylize_format)7, 0, 0, "x", &data, &size, &err), &err,
           STYLIZE_USAGE, "none of PNG, JPEG, WebP and TIFF");
    expect(!stylize_image_encode(picture, STYLIZE_JPEG, 16, 0, "x", &data, &size, &err), &err,
           STYLIZE_USAGE, "a JPEG sample has 8 bits");
    expect(!stylize_image_write(picture, path.text, 0, 0, &err), &err, STYLIZE_USAGE,
           "must end in " STYLIZE_EXTENSIONS);
    stylize_image_free(picture);
}

static bool always(void) {
    return true;
}

static void writes_files_whole_or_not_at_all(void **state) {
    (void)state;
    stylize_error err;
    const name path = temporary("whole");
    assert_true(stylize_file_check(path.text, &err));
    assert_false(stylize_file_in_place(path.text));
    assert_true(stylize_file_in_place("/dev/null"));
    assert_true(stylize_file_write(path.text, "abc", 3, NULL, &err));
    expect(!stylize_file_write(path.text, "de", 2, always, &err), &err, STYLIZE_FAILURE, path.text);
    const bytes all = load(path.text);
    assert_int_equal(all.size, 3);
    assert_memory_equal(all.data, "abc", 3);
    free(all.data);
    assert_true(stylize_file_write(path.text, NULL, 0, NULL, &err));
    unlink(path.text);
    expect(!stylize_file_check("/nowhere/x.png", &err), &err, STYLIZE_FAILURE,
           "folder /nowhere does not exist");
}

static void knows_formats_by_name(void **state) {
    (void)state;
    assert_int_equal(stylize_format_of_path("a.PNG"), STYLIZE_PNG);
    assert_int_equal(stylize_format_of_path("a.png/b.Jpeg"), STYLIZE_JPEG);
    assert_int_equal(stylize_format_of_path("a.jpg"), STYLIZE_JPEG);
    assert_int_equal(stylize_format_of_path("a.png/b"), STYLIZE_FORMAT_UNKNOWN);
    assert_int_equal(stylize_format_of_path(NULL), STYLIZE_FORMAT_UNKNOWN);
}

/* ---- what a caller may get wrong ---- */

static void refuses_pixels_that_can_be_no_picture(void **state) {
    (void)state;
    static const unsigned char pixel[4 * sizeof(float)];
    static const struct {
        int width, height;
        size_t stride;
        int channels, sample;
        const char *text;
    } bad[] = {
        {0, 1, 100, 3, STYLIZE_U8, "0 x 1 pixels"},
        {1, 0, 100, 3, STYLIZE_U8, "1 x 0 pixels"},
        {-1, 1, 100, 3, STYLIZE_U8, "-1 x 1 pixels"},
        {1, INT32_MIN, 100, 3, STYLIZE_U8, "1 x -2147483648 pixels"},
        {1, 1, 100, 0, STYLIZE_U8, "1 to 4 channels, not 0"},
        {1, 1, 100, 5, STYLIZE_U8, "1 to 4 channels, not 5"},
        {1, 1, 100, -3, STYLIZE_U8, "1 to 4 channels, not -3"},
        {1, 1, 100, 3, 3, "unknown kind of samples: 3"},
        {1, 1, 100, 3, -1, "unknown kind of samples: -1"},
        {1, 1, 2, 3, STYLIZE_U8, "stride of 2 bytes is too small: a row of 1 pixels takes 3"},
        {5, 1, 19, 2, STYLIZE_U16, "stride of 19 bytes is too small: a row of 5 pixels takes 20"},
        {1, 1, 0, 4, STYLIZE_FLOAT, "stride of 0 bytes"},
        {1, 3, SIZE_MAX / 2, 3, STYLIZE_U8, "exceed the address space"},
        {1, 1, SIZE_MAX, 3, STYLIZE_U8, "exceed the address space"},
        {INT32_MAX, INT32_MAX, (size_t)INT32_MAX * 4, 4, STYLIZE_U8, "exceed the address space"},
        {INT32_MAX, 2, (size_t)INT32_MAX, 1, STYLIZE_U8, "a picture cannot have 2147483647 x 2"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stylize_error err = {0};
        stylize_image *self =
            stylize_image_from_pixels(pixel, bad[i].width, bad[i].height, bad[i].stride,
                                      bad[i].channels, (stylize_sample)bad[i].sample, &err);
        expect(!self, &err, err.status, bad[i].text);
        assert_int_not_equal(err.status, STYLIZE_OK);
    }
    stylize_error err;
    expect(!stylize_image_from_pixels(NULL, 1, 1, 3, 3, STYLIZE_U8, &err), &err, STYLIZE_USAGE,
           "NULL");
}

static void refuses_places_that_take_no_picture(void **state) {
    (void)state;
    stylize_error err;
    caller in = caller_new(4, 4, 3, STYLIZE_U8, 0), out = caller_new(4, 4, 3, STYLIZE_U8, 0);
    fill(&in, 1);
    stylize_image *picture = import(&in);
    expect(!stylize_image_to_pixels(picture, out.pixels, 11, 3, STYLIZE_U8, &err), &err,
           STYLIZE_USAGE, "stride of 11 bytes is too small: a row of 4 pixels takes 12");
    expect(!stylize_image_to_pixels(picture, out.pixels, 12, 5, STYLIZE_U8, &err), &err,
           STYLIZE_USAGE, "1 to 4 channels, not 5");
    expect(!stylize_image_to_pixels(picture, out.pixels, 12, 3, (stylize_sample)9, &err), &err,
           STYLIZE_USAGE, "unknown kind of samples: 9");
    expect(!stylize_image_to_pixels(picture, NULL, 12, 3, STYLIZE_U8, &err), &err, STYLIZE_USAGE,
           "NULL");
    for (size_t i = 0; i < out.size; i++)
        assert_int_equal(out.memory[i], ROOM);
    stylize_image_free(picture);
    free(in.memory);
    free(out.memory);
}

static void refuses_what_is_not_there(void **state) {
    (void)state;
    stylize_error err;
    char *data;
    size_t size;
    int width = 7, height = 7;
    stylize_image *picture = stylize_image_read(data_file("rgb8.png").text, 1 << 20, &err);
    assert_non_null(picture);
    expect(!stylize_image_read(NULL, 1, &err), &err, STYLIZE_USAGE, "path may not be NULL");
    expect(!stylize_image_read_stream(NULL, "x", 1, &err), &err, STYLIZE_USAGE, "file may not");
    expect(!stylize_image_read_stream(stdin, NULL, 1, &err), &err, STYLIZE_USAGE, "name may not");
    expect(!stylize_image_read(data_file("rgb8.png").text, -1, &err), &err, STYLIZE_FAILURE,
           "over the limit of 0");
    expect(!stylize_image_to_pixels(NULL, &data, 4, 3, STYLIZE_U8, &err), &err, STYLIZE_USAGE,
           "self may not");
    expect(!stylize_image_write(NULL, "x.png", 0, 0, &err), &err, STYLIZE_USAGE, "self may not");
    expect(!stylize_image_write(picture, NULL, 0, 0, &err), &err, STYLIZE_USAGE, "path may not");
    expect(!stylize_image_encode(NULL, STYLIZE_PNG, 0, 0, "x", &data, &size, &err), &err,
           STYLIZE_USAGE, "self may not");
    expect(!stylize_image_encode(picture, STYLIZE_PNG, 0, 0, NULL, &data, &size, &err), &err,
           STYLIZE_USAGE, "name may not");
    expect(!stylize_image_encode(picture, STYLIZE_PNG, 0, 0, "x", NULL, &size, &err), &err,
           STYLIZE_USAGE, "data may not");
    expect(!stylize_image_encode(picture, STYLIZE_PNG, 0, 0, "x", &data, NULL, &err), &err,
           STYLIZE_USAGE, "size may not");
    expect(!stylize_file_check(NULL, &err), &err, STYLIZE_USAGE, "path may not");
    expect(!stylize_file_write(NULL, "", 0, NULL, &err), &err, STYLIZE_USAGE, "path may not");
    expect(!stylize_file_write("x", NULL, 1, NULL, &err), &err, STYLIZE_USAGE, "data may not");
    assert_false(stylize_file_in_place(NULL));
    stylize_image_size(NULL, &width, &height);
    assert_true(width == 0 && height == 0 && !stylize_image_has_alpha(NULL));
    stylize_image_free(NULL);
    stylize_image_free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_come_back_exactly),
        cmocka_unit_test(every_colour_under_every_alpha),
        cmocka_unit_test(opaque_floats_come_back_exactly),
        cmocka_unit_test(every_kind_becomes_every_other),
        cmocka_unit_test(what_is_not_seen_is_white),
        cmocka_unit_test(floats_are_clipped),
        cmocka_unit_test(passes_through_files),
        cmocka_unit_test(encodes_as_asked),
        cmocka_unit_test(writes_files_whole_or_not_at_all),
        cmocka_unit_test(knows_formats_by_name),
        cmocka_unit_test(refuses_pixels_that_can_be_no_picture),
        cmocka_unit_test(refuses_places_that_take_no_picture),
        cmocka_unit_test(refuses_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
