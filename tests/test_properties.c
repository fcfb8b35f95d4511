/* SPDX-License-Identifier: MIT
 *
 * Tests of what a file says besides its pixels: profiles whole, in parts, damaged, of other colour
 * spaces and huge; PNG's own words for colour; densities; and all of it from either format into
 * either. The pictures come from tests/images/make.py.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>

#include "core/memory.h"

static const picture_file_options deep = {.depth = 16, .quality = 95};

/* ---- profiles ---- */

static void check_profile(const image *self, const char *what, const bytes *expected) {
    const image_properties *found = &self->properties;
    if (found->profile_size != expected->size ||
        (expected->size && memcmp(found->profile, expected->data, expected->size) != 0))
        fail_msg("%s: a profile of %zu bytes, not the one of %zu", what, found->profile_size,
                 expected->size);
    assert_int_equal(!found->profile, !expected->size);
}

static void reads_whole_profiles_of_rgb_alone(void **state) {
    (void)state;
    static const struct {
        const char *base;
        bool kept;
    } cases[] = {
        {"profile.png", true},
        {"profile-palette.png", true},
        {"profile.jpg", true},
        {"profile-parts.jpg", true},
        {"profile-padded.jpg", true},
        {"profile-grey.png", false},
        {"profile-cmyk.png", false},
        {"profile-cut.png", false},
        {"profile-short.png", false},
        {"profile-bomb.png", false},
        {"profile-grey.jpg", false},
        {"profile-wrong-crc.png", true},
        {"profile-cmyk.jpg", false},
        {"profile-wrong-cmyk.jpg", false},
        {"profile-short.jpg", false},
        {"profile-part-missing.jpg", false},
        {"profile-part-twice.jpg", false},
        {"rgb8.png", false},
    };
    const bytes profile = load(data_file("profile.icc").text), none = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        image *self = read_ok(data_file(cases[i].base).text);
        check_profile(self, cases[i].base, cases[i].kept ? &profile : &none);
        image_free(self);
    }
    free(profile.data);
}

/* Through a file of either format, in 8 and 16 bits. */
static void hands_profiles_on(void **state) {
    (void)state;
    static const char *const from[] = {"profile.png", "profile-parts.jpg"};
    static const char *const to[] = {"out.png", "out.jpg", "deep.png"};
    const bytes profile = load(data_file("profile.icc").text);
    for (int i = 0; i < 6; i++) {
        const name path = temporary(to[i % 3]);
        image *self = read_ok(data_file(from[i / 3]).text);
        write_image(self, path.text, i % 3 == 2 ? &deep : &write_plain);
        image *again = read_ok(path.text);
        check_profile(again, path.text, &profile);
        image_free(again);
        image_free(self);
        unlink(path.text);
    }
    free(profile.data);
}

/* A profile of that size, of no use but to be carried. */
static bytes make_profile(size_t size) {
    bytes self = {.data = calloc(size, 1), .size = size};
    const bytes whole = load(data_file("profile.icc").text);
    assert_non_null(self.data);
    for (size_t i = 132; i < size; i++) /* after the header and a count of no tags */
        self.data[i] = (uint8_t)(i * i >> 7);
    memcpy(self.data, whole.data, 128);
    for (int i = 0; i < 4; i++)
        self.data[i] = (uint8_t)(size >> (24 - 8 * i));
    free(whole.data);
    return self;
}

static int count_icc_markers(const char *path) {
    const bytes all = load(path);
    int count = 0;
    for (size_t i = 0; i + 16 < all.size; i++)
        count +=
            !memcmp(all.data + i, "\xff\xe2", 2) && !memcmp(all.data + i + 4, "ICC_PROFILE", 12);
    free(all.data);
    return count;
}

static void spreads_large_profiles_over_markers(void **state) {
    (void)state;
    static const size_t sizes[] = {65519, 65520, 200000};
    for (int i = 0; i < 3; i++) {
        const bytes profile = make_profile(sizes[i]);
        error err = {0};
        image *self = read_ok(data_file("rgb8.png").text);
        assert_true(
            image_properties_set_profile(&self->properties, profile.data, profile.size, &err));
        const name path = temporary("large.jpg");
        write_image(self, path.text, &write_plain);
        assert_int_equal(count_icc_markers(path.text), 1 + (int)((sizes[i] - 1) / 65519));
        image *again = read_ok(path.text);
        check_profile(again, path.text, &profile);
        unlink(path.text);
        const name other = temporary("large.png");
        write_image(again, other.text, &write_plain);
        image_free(self);
        self = read_ok(other.text);
        check_profile(self, other.text, &profile);
        unlink(other.text);
        image_free(again);
        image_free(self);
        free(profile.data);
    }
}

static void bounds_profiles(void **state) {
    (void)state;
    image_properties properties = {0}, copy;
    error err = {0};
    bytes profile = make_profile(PROPERTIES_MOST_PROFILE + 1);
    assert_true(image_properties_set_profile(&properties, profile.data, profile.size, &err));
    assert_null(properties.profile);
    profile.data[0] = profile.data[1] = profile.data[2] = profile.data[3] = 0; /* none at all */
    assert_true(image_properties_set_profile(&properties, profile.data, profile.size, &err));
    assert_null(properties.profile);
    free(profile.data);

    profile = make_profile(1000);
    profile.data[3]++; /* one byte more than there are */
    assert_true(image_properties_set_profile(&properties, profile.data, 1000, &err));
    assert_null(properties.profile);
    assert_true(image_properties_set_profile(&properties, profile.data, 127, &err));
    assert_null(properties.profile);
    profile.data[3]--;
    assert_true(image_properties_set_profile(&properties, profile.data, 1000, &err));
    assert_int_equal(properties.profile_size, 1000);
    assert_true(image_properties_copy(&copy, &properties, &err));
    assert_ptr_not_equal(copy.profile, properties.profile);
    assert_memory_equal(copy.profile, profile.data, 1000);
    image_properties_clear(&copy);
    image_properties_clear(&properties);
    free(profile.data);
}

/* `segment` put into a file at a place. */
static void store_with(const char *path, const char *base, size_t at, const void *segment,
                       size_t size, int count) {
    const bytes all = load(data_file(base).text);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(all.data, 1, at, file);
    for (int i = 0; i < count; i++)
        fwrite(segment, 1, size, file);
    fwrite(all.data + at, 1, all.size - at, file);
    assert_int_equal(fclose(file), 0);
    free(all.data);
}

/* Chunks and markers that would fill the memory, or that libpng refuses for their size. */
static void survives_huge_segments(void **state) {
    (void)state;
    static const char *const kinds[] = {"iCCP", "eXIf", "tEXt", "prVt"};
    const size_t huge = (size_t)18 << 20;
    uint8_t *data = calloc(huge + 12, 1);
    assert_non_null(data);
    const name png = temporary("huge.png"), jpeg = temporary("huge.jpg");
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++)
            data[k] = (uint8_t)(huge >> (24 - 8 * k));
        memcpy(data + 4, kinds[i], 4);
        memcpy(data + 8, "II*\0", 4); /* what libpng looks at first in EXIF */
        store_with(png.text, "rgb8.png", 33, data, huge + 12, 1);
        const size_t before = memory_peak_resident();
        image *self = read_ok(png.text), *plain = read_ok(data_file("rgb8.png").text);
        assert_true(memory_peak_resident() - before < (size_t)4 << 20);
        check_same(self, plain);
        assert_null(self->properties.profile);
        image_free(self);
        image_free(plain);
    }
    unlink(png.text);

    memcpy(data, "\xff\xe2\xff\xffICC_PROFILE\0\1\xff", 18);
    store_with(jpeg.text, "ycc444.jpg", 2, data, 65537, 2000);
    const size_t before = memory_peak_resident();
    image *self = read_ok(jpeg.text);
    assert_true(memory_peak_resident() - before < (size_t)48 << 20);
    assert_null(self->properties.profile);
    image_free(self);
    unlink(jpeg.text);
    free(data);
}

/* ---- PNG's own words ---- */

static const int32_t wide_primaries[8] = {31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000};

static void check_gamma(const image *self) {
    const image_properties *p = &self->properties;
    assert_true(p->has_gamma && p->has_chromaticities && !p->has_srgb && !p->profile);
    assert_int_equal(p->gamma, 55556);
    assert_memory_equal(p->chromaticities, wide_primaries, sizeof wide_primaries);
}

static void keeps_gamma_and_chromaticities(void **state) {
    (void)state;
    const name path = temporary("gamma.png");
    image *self = read_ok(data_file("gamma.png").text);
    check_gamma(self);
    write_image(self, path.text, &deep);
    image *again = read_ok(path.text);
    check_gamma(again);
    check_same(self, again);
    image_free(again);
    image_free(self);
    unlink(path.text);
    self = read_ok(data_file("profile-grey.png").text); /* the gamma holds for grey as for RGB */
    assert_true(self->properties.has_gamma && !self->properties.has_chromaticities);
    image_free(self);
}

static void keeps_srgb(void **state) {
    (void)state;
    const name path = temporary("srgb.png"), jpeg = temporary("srgb.jpg");
    image *self = read_ok(data_file("srgb.png").text);
    for (int i = 0; i < 2; i++) {
        const image_properties *p = &self->properties;
        assert_true(p->has_srgb && p->has_gamma && p->has_chromaticities && !p->profile);
        assert_int_equal(p->srgb_intent, 1);
        assert_int_equal(p->gamma, 45455);
        assert_int_equal(p->density_unit, DENSITY_ASPECT);
        write_image(self, path.text, &write_plain);
        write_image(self, jpeg.text, &write_plain);
        image_free(self);
        self = read_ok(path.text);
    }
    image_free(self);
    self = read_ok(jpeg.text); /* has no place for it */
    assert_false(self->properties.has_srgb || self->properties.has_gamma);
    image_free(self);
    unlink(jpeg.text);
    self = read_ok(data_file("srgb-alone.png").text); /* nothing is added that follows from it */
    write_image(self, path.text, &write_plain);
    image_free(self);
    self = read_ok(path.text);
    assert_true(self->properties.has_srgb && !self->properties.has_gamma &&
                !self->properties.has_chromaticities);
    image_free(self);
    unlink(path.text);
    self = read_ok(data_file("rgb8.png").text);
    assert_false(self->properties.has_srgb || self->properties.has_gamma ||
                 self->properties.has_chromaticities);
    image_free(self);
}

/* ---- densities ---- */

static void expect_density(const char *path, density_unit unit, double across, double down) {
    image *self = read_ok(path);
    const image_properties *p = &self->properties;
    if (p->density_unit != unit || fabs(p->density[0] - across) > 1e-9 * across ||
        fabs(p->density[1] - down) > 1e-9 * down)
        fail_msg("%s: %.17g x %.17g of unit %d", path, p->density[0], p->density[1],
                 (int)p->density_unit);
    image_free(self);
}

/* Reads a file and writes it under another name. */
static name convert(const char *from, const char *base) {
    const name path = temporary(base);
    image *self = read_ok(from);
    write_image(self, path.text, &write_plain);
    image_free(self);
    return path;
}

static void keeps_densities(void **state) {
    (void)state;
    static const struct {
        const char *base;
        density_unit unit;
        double across, down;           /* as read */
        double png_across, png_down;   /* through PNG */
        double jpeg_across, jpeg_down; /* through PNG and JPEG, or JPEG alone */
    } cases[] = {
        {"density-inch.jpg", DENSITY_METRE, 300 / 0.0254, 150 / 0.0254, 11811, 5906, 300 / 0.0254,
         150 / 0.0254},
        {"density-cm.jpg", DENSITY_METRE, 2800, 5600, 2800, 5600, 2800, 5600},
        {"density-aspect.jpg", DENSITY_ASPECT, 28, 56, 28, 56, 28, 56},
        {"profile.png", DENSITY_METRE, 11811, 5906, 11811, 5906, 300 / 0.0254, 150 / 0.0254},
        {"srgb.png", DENSITY_ASPECT, 3, 2, 3, 2, 3, 2},
        {"orientation-6.png", DENSITY_METRE, 1000, 2000, 1000, 2000, 1000, 2000}, /* turned */
        {"ycc444.jpg", DENSITY_UNKNOWN, 0, 0, 0, 0, 0, 0},
        {"rgb8.png", DENSITY_UNKNOWN, 0, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const density_unit unit = cases[i].unit;
        const name from = data_file(cases[i].base);
        expect_density(from.text, unit, cases[i].across, cases[i].down);
        const name png = convert(from.text, "density.png");
        expect_density(png.text, unit, cases[i].png_across, cases[i].png_down);
        for (int k = 0; k < 2; k++) {
            const name jpeg = convert(k ? png.text : from.text, "density.jpg");
            expect_density(jpeg.text, unit, cases[i].jpeg_across, cases[i].jpeg_down);
            unlink(jpeg.text);
        }
        unlink(png.text);
    }
}

static void leaves_out_densities_without_room(void **state) {
    (void)state;
    image *self = read_ok(data_file("rgb8.png").text);
    static const double densities[][2] = {{1e10, 1e10}, {1, 1e7}, {0.2, 5000}};
    const name png = temporary("extreme.png"), jpeg = temporary("extreme.jpg");
    self->properties.density_unit = DENSITY_METRE;
    for (int i = 0; i < 3; i++) {
        memcpy(self->properties.density, densities[i], sizeof densities[i]);
        write_image(self, png.text, &write_plain);
        write_image(self, jpeg.text, &write_plain);
        if (i == 1)
            expect_density(png.text, DENSITY_METRE, 1, 1e7);
        else
            expect_density(png.text, DENSITY_UNKNOWN, 0, 0);
        expect_density(jpeg.text, DENSITY_UNKNOWN, 0, 0);
    }
    unlink(png.text);
    unlink(jpeg.text);
    image_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_huge_segments), /* first: it looks at the peak */
        cmocka_unit_test(reads_whole_profiles_of_rgb_alone),
        cmocka_unit_test(hands_profiles_on),
        cmocka_unit_test(spreads_large_profiles_over_markers),
        cmocka_unit_test(bounds_profiles),
        cmocka_unit_test(keeps_gamma_and_chromaticities),
        cmocka_unit_test(keeps_srgb),
        cmocka_unit_test(keeps_densities),
        cmocka_unit_test(leaves_out_densities_without_room),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
