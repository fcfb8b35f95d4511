/* SPDX-License-Identifier: MIT
 *
 * Tests of reading in picture_file.c, png.c, jpeg.c and orientation.c: every format feature against
 * known pixels, and every kind of damage. The pictures and their formulas come from
 * tests/images/make.py.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp, pwrite */
#include "image_files.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

#include "core/memory.h"

enum { WIDTH = 7, HEIGHT = 5, BLOCK = 16, COLUMNS = 3, ROWS = 2 };

static void check_path_refused(const char *path, const char *words) {
    error err = {0};
    assert_null(picture_file_read(path, MANY_PIXELS, &err));
    check_error(&err, path, words);
}

/* ---- PNG: make.py's formulas ---- */

typedef enum kind { GREY, RGB, PALETTE, GREY_ALPHA, RGBA } kind;

typedef struct png_case {
    const char *base;
    kind color;
    int depth;
    bool trns;
} png_case;

static unsigned sample(int x, int y, int c, int depth) {
    const unsigned value = (unsigned)(x * 37 + y * 59 + c * 83 + 11) % 256;
    return depth == 16 ? value * 256 + (unsigned)(x * 101 + y * 7) % 256 : value >> (8 - depth);
}

/* A sample of any depth in 8 bits, to the nearest, or 16 where it has them. */
static unsigned to_whole_bytes(unsigned value, int depth) {
    const unsigned largest = (1u << depth) - 1;
    return depth == 16 ? value : (value * 255 + largest / 2) / largest;
}

static unsigned largest_sample(int depth) {
    return depth == 16 ? 65535 : 255;
}

/* The pixel before composition: red, green, blue, alpha in 8 bits, or 16. */
static void stored_pixel(const png_case *test, int x, int y, unsigned rgba[4]) {
    static const unsigned factor[3] = {29, 71, 113}, offset[3] = {5, 40, 90};
    const int depth = test->depth;
    const unsigned index = (unsigned)(x + 3 * y) % (1u << (depth & 15));
    const bool is_grey = test->color == GREY || test->color == GREY_ALPHA;
    bool is_key = true;
    for (int c = 0; c < 3; c++) {
        const unsigned value = sample(x, y, is_grey ? 0 : c, depth);
        is_key = is_key && value == sample(2, 1, is_grey ? 0 : c, depth);
        rgba[c] = test->color == PALETTE ? (index * factor[c] + offset[c]) % 256
                                         : to_whole_bytes(value, depth);
    }
    rgba[3] = largest_sample(depth);
    if (test->color == GREY_ALPHA || test->color == RGBA)
        rgba[3] = to_whole_bytes(sample(x, y, is_grey ? 1 : 3, depth), depth);
    else if (test->trns && test->color == PALETTE)
        rgba[3] = index < 8 ? (index * 67 + 10) % 256 : 255;
    else if (test->trns && is_key)
        rgba[3] = 0;
}

static void check_png(const png_case *test, const char *suffix) {
    char base[64];
    snprintf(base, sizeof base, "%s%s.png", test->base, suffix);
    image *self = read_ok(data_file(base).text);
    const unsigned most = largest_sample(test->depth);
    assert_int_equal(self->width, WIDTH);
    assert_int_equal(self->height, HEIGHT);
    assert_int_equal(self->alpha != NULL,
                     test->trns || test->color == GREY_ALPHA || test->color == RGBA);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
        const int x = i / 3 % WIDTH, y = i / 3 / WIDTH, c = i % 3;
        unsigned rgba[4];
        stored_pixel(test, x, y, rgba);
        const double alpha = (double)rgba[3] / most;
        const double expected = (double)rgba[c] / most * alpha + 1 - alpha;
        if (fabs((double)at(self, x, y, c) - expected) > 1e-6)
            fail_msg("%s: pixel %d,%d channel %d is %f, not %f", base, x, y, c,
                     (double)at(self, x, y, c), expected);
        if (rgba[3] == most) /* opaque pixels pass through exactly */
            assert_true(at(self, x, y, c) == (float)rgba[c] / (float)most);
        if (self->alpha)
            assert_true(self->alpha[y * WIDTH + x] == (float)rgba[3] / (float)most);
    }
    image_free(self);
}

static void reads_every_kind_of_png(void **state) {
    (void)state;
    static const png_case cases[] = {
        {"grey1", GREY, 1, false},
        {"grey2", GREY, 2, false},
        {"grey4", GREY, 4, false},
        {"grey8", GREY, 8, false},
        {"grey16", GREY, 16, false},
        {"rgb8", RGB, 8, false},
        {"rgb16", RGB, 16, false},
        {"palette1", PALETTE, 1, false},
        {"palette2", PALETTE, 2, false},
        {"palette4", PALETTE, 4, false},
        {"palette8", PALETTE, 8, false},
        {"grey-alpha8", GREY_ALPHA, 8, false},
        {"grey-alpha16", GREY_ALPHA, 16, false},
        {"rgba8", RGBA, 8, false},
        {"rgba16", RGBA, 16, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_png(&cases[i], "");
        check_png(&cases[i], "-interlaced");
    }
}

static void composes_transparent_colours_over_white(void **state) {
    (void)state;
    static const png_case cases[] = {
        {"grey2", GREY, 2, true}, {"grey8", GREY, 8, true}, {"grey16", GREY, 16, true},
        {"rgb8", RGB, 8, true},   {"rgb16", RGB, 16, true}, {"palette4", PALETTE, 4, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_png(&cases[i], "-trns");
}

static void reads_tiny_pictures(void **state) {
    (void)state;
    image *one = read_ok(data_file("1x1.png").text);
    assert_int_equal(one->width * one->height, 1);
    assert_true(at(one, 0, 0, 0) == 10.0f / 255.0f);
    assert_true(at(one, 0, 0, 1) == 128.0f / 255.0f);
    assert_true(at(one, 0, 0, 2) == 245.0f / 255.0f);
    image_free(one);
    image *tall = read_ok(data_file("1x17.png").text);
    assert_int_equal(tall->width, 1);
    assert_int_equal(tall->height, 17);
    for (int y = 0; y < 17; y++)
        assert_true(at(tall, 0, y, 2) == (float)(15 * y) / 255.0f);
    image_free(tall);
    image *wide = read_ok(data_file("17x1.png").text);
    assert_int_equal(wide->width, 17);
    assert_int_equal(wide->height, 1);
    for (int x = 0; x < 17; x++)
        assert_true(at(wide, x, 0, 1) == (float)(15 * x) / 255.0f);
    image_free(wide);
    one = read_ok(data_file("1x1.jpg").text);
    assert_int_equal(one->width * one->height, 1);
    assert_true(fabsf(at(one, 0, 0, 0) - 230.0f / 255.0f) < 0.02f);
    image_free(one);
}

static void full_alpha_is_none(void **state) {
    (void)state;
    image *self = read_ok(data_file("full-alpha.png").text);
    assert_null(self->alpha);
    assert_true(at(self, 3, 4, 0) == 36.0f / 255.0f);
    image_free(self);
}

static void recognises_content_not_name(void **state) {
    (void)state;
    image *a = read_ok(data_file("png-named.jpg").text), *b = read_ok(data_file("rgb8.png").text);
    check_same(a, b);
    image_free(a);
    image_free(b);
}

static void reads_from_a_pipe(void **state) {
    (void)state;
    static const char *const bases[] = {"rgb8.png", "ycc420.jpg"};
    for (int i = 0; i < 2; i++) {
        const name source = data_file(bases[i]);
        const bytes all = load(source.text);
        int ends[2];
        char path[32];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], all.data, all.size), all.size);
        close(ends[1]);
        snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        image *a = read_ok(path), *b = read_ok(source.text);
        check_same(a, b);
        close(ends[0]);
        image_free(a);
        image_free(b);
        free(all.data);
    }
}

/* ---- JPEG: make.py's six blocks ---- */

static const int colors[COLUMNS * ROWS][3] = {
    {200, 40, 30}, {40, 180, 60}, {50, 60, 210}, {230, 220, 40}, {20, 20, 20}, {240, 240, 240},
};

typedef enum tint { COLOR, REDS_AS_GREY, UNDER_BLACK } tint;

/* Blocks at their centres, where no filter reaches their neighbours. */
static void check_blocks(const char *path, tint kind_of_tint) {
    image *self = read_ok(path);
    assert_int_equal(self->width, COLUMNS * BLOCK);
    assert_int_equal(self->height, ROWS * BLOCK);
    for (int i = 0; i < COLUMNS * BLOCK * ROWS * BLOCK * 3; i++) {
        const int x = i / 3 % self->width, y = i / 3 / self->width, c = i % 3;
        if (x % BLOCK < 4 || x % BLOCK >= 12 || y % BLOCK < 4 || y % BLOCK >= 12)
            continue;
        const int *color = colors[y / BLOCK * COLUMNS + x / BLOCK];
        float expected = (float)color[kind_of_tint == REDS_AS_GREY ? 0 : c] / 255.0f;
        if (kind_of_tint == UNDER_BLACK)
            expected *= 200.0f / 255.0f;
        if (fabsf(at(self, x, y, c) - expected) > 3.0f / 255.0f)
            fail_msg("%s: pixel %d,%d channel %d is %f, not %f", path, x, y, c,
                     (double)at(self, x, y, c), (double)expected);
    }
    image_free(self);
}

static void reads_every_kind_of_jpeg(void **state) {
    (void)state;
    check_blocks(data_file("ycc444.jpg").text, COLOR);
    check_blocks(data_file("ycc420.jpg").text, COLOR);
    check_blocks(data_file("progressive.jpg").text, COLOR);
    check_blocks(data_file("rgb.jpg").text, COLOR);
    check_blocks(data_file("grey.jpg").text, REDS_AS_GREY);
    check_blocks(data_file("cmyk-adobe.jpg").text, UNDER_BLACK);
    check_blocks(data_file("cmyk-plain.jpg").text, UNDER_BLACK);
    check_blocks(data_file("ycck-adobe.jpg").text, UNDER_BLACK);
    error err = {0};
    const name arithmetic = data_file("arithmetic.jpg"); /* a choice of who builds libjpeg */
    image *self = picture_file_read(arithmetic.text, MANY_PIXELS, &err);
    if (self)
        check_blocks(arithmetic.text, COLOR);
    else
        check_error(&err, arithmetic.text, "rithmetic");
    image_free(self);
}

static void applies_every_orientation(void **state) {
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        char base[32];
        snprintf(base, sizeof base, "orientation-%d.jpg", orientation);
        check_blocks(data_file(base).text, COLOR);
    }
    check_blocks(data_file("orientation-6.png").text, COLOR); /* eXIf before the pixels */
    check_blocks(data_file("orientation-8.png").text, COLOR); /* and behind them */
}

/* ycc444.jpg with `size` bytes of EXIF put in as its first segment. */
static void store_with_exif(const char *path, const uint8_t *tiff, size_t size) {
    const bytes all = load(data_file("ycc444.jpg").text);
    uint8_t *whole = malloc(all.size + size + 10);
    assert_non_null(whole);
    memcpy(whole, all.data, 2);
    memcpy(whole + 2, "\xff\xe1", 2);
    whole[4] = (uint8_t)((size + 8) >> 8);
    whole[5] = (uint8_t)(size + 8);
    memcpy(whole + 6, "Exif\0", 6);
    memcpy(whole + 12, tiff, size);
    memcpy(whole + 12 + size, all.data + 2, all.size - 2);
    store(path, whole, all.size + size + 10);
    free(whole);
    free(all.data);
}

static void ignores_malformed_exif(void **state) {
    (void)state;
    static const uint8_t valid[] = {'I',  'I', 42, 0, 8, 0, 0, 0, 1, 0, /* one entry: */
                                    0x12, 1,   3,  0, 1, 0, 0, 0, 6, 0, 0, 0};
    static const struct {
        size_t at;
        uint8_t value;
    } faults[] = {
        {0, 'X'}, {1, 'M'}, {2, 43}, {4, 200}, {7, 0xff}, {8, 0},    {10, 0x13},
        {12, 4},  {14, 2},  {18, 0}, {18, 9},  {19, 1},   {9, 0xff}, /* the last: 65281 entries */
    };
    const name path = temporary("exif.jpg");
    store_with_exif(path.text, valid, sizeof valid);
    image *turned = read_ok(path.text);
    assert_int_equal(turned->width, ROWS * BLOCK);
    image_free(turned);
    for (size_t size = 0; size < sizeof valid - 3; size++) { /* the value's padding may lack */
        store_with_exif(path.text, valid, size);
        check_blocks(path.text, COLOR);
    }
    const size_t count = sizeof faults / sizeof *faults;
    for (size_t i = 0; i < count; i++) {
        uint8_t bad[sizeof valid];
        memcpy(bad, valid, sizeof valid);
        bad[faults[i].at] = faults[i].value;
        store_with_exif(path.text, bad, sizeof bad);
        if (i + 1 < count) {
            check_blocks(path.text, COLOR);
        } else { /* the count is too large, but the first entry is good */
            turned = read_ok(path.text);
            assert_int_equal(turned->width, ROWS * BLOCK);
            image_free(turned);
        }
    }
    unlink(path.text);
}

static void tolerates_padding_before_a_marker(void **state) {
    (void)state;
    const bytes all = load(data_file("ycc444.jpg").text);
    const name path = temporary("padded.jpg");
    memcpy(all.data + all.size - 2, "\0\0\0\xff\xd9", 5);
    store(path.text, all.data, all.size + 3);
    check_blocks(path.text, COLOR);
    free(all.data);
    unlink(path.text);
}

/* ---- damage ---- */

static void refuses_what_is_no_picture(void **state) {
    (void)state;
    check_path_refused(data_file("missing.png").text, "No such file");
    check_path_refused(folder.text, "Is a directory");
    check_path_refused(data_file("empty.png").text, "empty");
    check_path_refused(data_file("text.png").text, "neither PNG, JPEG, WebP nor TIFF");
    check_path_refused(data_file("truncated.png").text, "ends too early");
    check_path_refused(data_file("truncated.jpg").text, "Premature end");
    check_path_refused(data_file("corrupt.png").text, "as PNG");
    check_path_refused(data_file("wrong-crc-header.png").text, "CRC");
    check_path_refused(data_file("wrong-crc-pixels.png").text, "CRC");
    check_path_refused(data_file("zero-width.png").text, "as PNG");
    check_path_refused(data_file("zero-height.png").text, "as PNG");
    check_path_refused(data_file("zero-width.jpg").text, "as JPEG");
    check_path_refused(data_file("zero-height.jpg").text, "as JPEG");
    check_path_refused(data_file("12-bit.jpg").text, "only samples of 8 bits are supported");
    check_path_refused(data_file("lossless.jpg").text, "a lossless or hierarchical file");
    const name path = temporary("start.png");
    store(path.text, "\x89PNG\r\n\x1a", 7); /* a signature cut short */
    check_path_refused(path.text, "neither");
    store(path.text, "\xff\xd8\xff", 3);
    check_path_refused(path.text, "neither");
    unlink(path.text);
}

static void refuses_a_large_claim_before_allocating(void **state) {
    (void)state;
    const size_t before = memory_peak_resident();
    check_path_refused(data_file("bomb.png").text,
                       "100000 x 100000 pixels are over the limit of 26843");
    check_path_refused(data_file("bomb.jpg").text, "raise --max-pixels");
    assert_true(memory_peak_resident() - before < (size_t)8 << 20);
}

static void keeps_to_the_limit(void **state) {
    (void)state;
    static const char *const bases[] = {"rgb8.png", "grey1-interlaced.png", "ycc420.jpg"};
    for (int i = 0; i < 3; i++) {
        const name path = data_file(bases[i]);
        const size_t pixels = i < 2 ? WIDTH * HEIGHT : COLUMNS * BLOCK * ROWS * BLOCK;
        error err = {0};
        image_free(read_ok(path.text));
        image *self = picture_file_read(path.text, pixels, &err);
        assert_non_null(self);
        image_free(self);
        assert_null(picture_file_read(path.text, pixels - 1, &err));
        check_error(&err, path.text, "--max-pixels");
        assert_null(picture_file_read(path.text, 0, &err));
    }
}

/* Sends stderr to a file and returns a copy of the old one for restore_stderr. */
static int capture_stderr(const char *path) {
    fflush(stderr);
    const int saved = dup(STDERR_FILENO), file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(saved >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    close(file);
    return saved;
}

static void restore_stderr(int saved) {
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* Every prefix of a file is refused, and every changed byte either refused or read. */
static void check_damage(const char *base) {
    const bytes all = load(data_file(base).text);
    const name path = temporary("damaged");
    store(path.text, all.data, all.size);
    const int file = open(path.text, O_RDWR);
    assert_true(file >= 0);
    for (size_t i = 0; i < all.size; i++) {
        const uint8_t changed = all.data[i] ^ 0x15;
        assert_int_equal(pwrite(file, &changed, 1, (off_t)i), 1);
        error err = {0};
        image *self = picture_file_read(path.text, MANY_PIXELS, &err);
        if (!self)
            check_error(&err, path.text, "");
        image_free(self);
        assert_int_equal(pwrite(file, &all.data[i], 1, (off_t)i), 1);
    }
    image_free(read_ok(path.text)); /* all is as it was */
    for (size_t size = all.size; size-- > 0;) {
        assert_int_equal(ftruncate(file, (off_t)size), 0);
        error err = {0};
        if (picture_file_read(path.text, MANY_PIXELS, &err))
            fail_msg("%s: %zu of %zu bytes were accepted", base, size, all.size);
        check_error(&err, path.text, "");
    }
    close(file);
    unlink(path.text);
    free(all.data);
}

static void survives_damage_in_silence(void **state) {
    (void)state;
    static const char *const bases[] = {
        "rgb8.png",       "palette4-trns.png", "rgba16-interlaced.png", "orientation-8.png",
        "ycc420.jpg",     "progressive.jpg",   "cmyk-adobe.jpg",        "orientation-6.jpg",
        "arithmetic.jpg", "profile-parts.jpg", "profile.png",           "srgb.png",
        "gamma.png"};
    const name log = temporary("log");
    const int saved = capture_stderr(log.text);
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        check_damage(bases[i]);
    restore_stderr(saved);
    struct stat status;
    assert_int_equal(stat(log.text, &status), 0);
    unlink(log.text);
    assert_int_equal(status.st_size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_large_claim_before_allocating), /* first: it looks at the peak */
        cmocka_unit_test(reads_every_kind_of_png),
        cmocka_unit_test(composes_transparent_colours_over_white),
        cmocka_unit_test(reads_tiny_pictures),
        cmocka_unit_test(full_alpha_is_none),
        cmocka_unit_test(recognises_content_not_name),
        cmocka_unit_test(reads_from_a_pipe),
        cmocka_unit_test(reads_every_kind_of_jpeg),
        cmocka_unit_test(applies_every_orientation),
        cmocka_unit_test(ignores_malformed_exif),
        cmocka_unit_test(tolerates_padding_before_a_marker),
        cmocka_unit_test(refuses_what_is_no_picture),
        cmocka_unit_test(keeps_to_the_limit),
        cmocka_unit_test(survives_damage_in_silence),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
