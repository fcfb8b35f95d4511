/* SPDX-License-Identifier: MIT
 *
 * Tests of frame.c: sizes and places for each way of fitting, at all stages, and pixels, of which
 * each of the frame gets a value.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipes.h"
#include "sessions.h"
#include "transfer/frame.h"

static frame frame_of(const char *size, const char *fit, bool upscale, int width, int height,
                      bool *bounded) {
    stylize_recipe *recipe =
        recipes_of("size", size, "fit", fit, "upscale", upscale ? "yes" : "no", NULL);
    const frame found = frame_of_result(recipe, (image_extent){width, height}, bounded);
    stylize_recipe_free(recipe);
    return found;
}

static void expect_rectangle(const char *what, rectangle found, rectangle wanted) {
    if (memcmp(&found, &wanted, sizeof found))
        fail_msg("%s %dx%d+%d+%d, not %dx%d+%d+%d", what, found.width, found.height, found.x,
                 found.y, wanted.width, wanted.height, wanted.x, wanted.y);
}

/* ---- sizes ---- */

static void scales_to_the_longest_side(void **state) {
    (void)state;
    static const int cases[][5] = {/* width, height, longest; expected */
                                   {1024, 768, 512, 512, 384}, {333, 1000, 512, 170, 512},
                                   {512, 512, 512, 512, 512},  {513, 511, 512, 512, 510},
                                   {4000, 3, 512, 512, 1},     {3, 4000, 512, 1, 512},
                                   {1, 1, 16, 16, 16},         {7, 5, 65535, 65535, 46811}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int *c = cases[i];
        const image_extent found = frame_scale((image_extent){c[0], c[1]}, c[2]);
        assert_int_equal(found.width, c[3]);
        assert_int_equal(found.height, c[4]);
    }
    assert_int_equal(frame_scale((image_extent){48, 64}, 1e300).height, 1 << 24); /* no overflow */
}

/* A size of one number keeps the content's shape, and all of it, whatever the fit. */
static void one_number_is_the_longest_side(void **state) {
    (void)state;
    static const struct {
        const char *size;
        bool upscale;
        int content[2], width, height;
        bool bounded;
    } cases[] = {
        {"512", false, {1024, 768}, 512, 384, false}, {"512", false, {333, 1000}, 170, 512, false},
        {"512", false, {512, 512}, 512, 512, false},  {"512", false, {300, 200}, 300, 200, true},
        {"512", true, {300, 200}, 512, 341, false},   {"0", false, {300, 200}, 300, 200, false},
        {"0", true, {300, 200}, 300, 200, false},     {"512", false, {4000, 3}, 512, 1, false},
    };
    static const char *const fits[] = {"crop", "pad", "stretch"};
    for (size_t i = 0; i < 3 * sizeof cases / sizeof *cases; i++) {
        const int width = cases[i / 3].width, height = cases[i / 3].height;
        const int *content = cases[i / 3].content;
        bool bounded;
        const frame found = frame_of(cases[i / 3].size, fits[i % 3], cases[i / 3].upscale,
                                     content[0], content[1], &bounded);
        assert_int_equal(found.width, width);
        assert_int_equal(found.height, height);
        assert_int_equal(bounded, cases[i / 3].bounded);
        expect_rectangle("part", found.part, (rectangle){0, 0, content[0], content[1]});
        expect_rectangle("place", found.place, (rectangle){0, 0, width, height});
    }
}

static void two_numbers_are_a_frame(void **state) {
    (void)state;
    static const struct {
        const char *size, *fit;
        bool upscale;
        int content[2], width, height;
        rectangle part, place;
        bool bounded;
    } cases[] = {
        /* the content's middle fills it */
        {"100x100", "crop", 0, {400, 300}, 100, 100, {50, 0, 300, 300}, {0, 0, 100, 100}, 0},
        {"160x90", "crop", 0, {400, 300}, 160, 90, {0, 37, 400, 225}, {0, 0, 160, 90}, 0},
        {"90x160", "crop", 0, {400, 300}, 90, 160, {115, 0, 169, 300}, {0, 0, 90, 160}, 0},
        {"300x300", "crop", 0, {400, 300}, 300, 300, {50, 0, 300, 300}, {0, 0, 300, 300}, 0},
        /* no larger than that middle, unless asked to */
        {"301x301", "crop", 0, {400, 300}, 300, 300, {50, 0, 300, 300}, {0, 0, 300, 300}, 1},
        {"800x800", "crop", 0, {400, 300}, 300, 300, {50, 0, 300, 300}, {0, 0, 300, 300}, 1},
        {"800x800", "crop", 1, {400, 300}, 800, 800, {50, 0, 300, 300}, {0, 0, 800, 800}, 0},
        /* all of it in the middle */
        {"200x200", "pad", 0, {400, 300}, 200, 200, {0, 0, 400, 300}, {0, 25, 200, 150}, 0},
        {"200x100", "pad", 0, {300, 300}, 200, 100, {0, 0, 300, 300}, {50, 0, 100, 100}, 0},
        {"400x400", "pad", 0, {400, 300}, 400, 400, {0, 0, 400, 300}, {0, 50, 400, 300}, 0},
        {"800x800", "pad", 0, {400, 300}, 400, 400, {0, 0, 400, 300}, {0, 50, 400, 300}, 1},
        {"800x800", "pad", 1, {400, 300}, 800, 800, {0, 0, 400, 300}, {0, 100, 800, 600}, 0},
        /* all of it, out of shape */
        {"200x200", "stretch", 0, {400, 300}, 200, 200, {0, 0, 400, 300}, {0, 0, 200, 200}, 0},
        {"800x800", "stretch", 0, {400, 300}, 300, 300, {0, 0, 400, 300}, {0, 0, 300, 300}, 1},
        {"800x800", "stretch", 1, {400, 300}, 800, 800, {0, 0, 400, 300}, {0, 0, 800, 800}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool bounded;
        const frame found = frame_of(cases[i].size, cases[i].fit, cases[i].upscale,
                                     cases[i].content[0], cases[i].content[1], &bounded);
        if (found.width != cases[i].width || found.height != cases[i].height)
            fail_msg("case %zu: %dx%d", i, found.width, found.height);
        expect_rectangle("part", found.part, cases[i].part);
        expect_rectangle("place", found.place, cases[i].place);
        assert_int_equal(bounded, cases[i].bounded);
    }
}

/* ---- odd shapes ---- */

static void expect_inside(rectangle r, int width, int height) {
    assert_true(r.width >= 1 && r.height >= 1);
    assert_true(r.x >= 0 && r.y >= 0 && r.x + r.width <= width && r.y + r.height <= height);
}

/* In the middle, to half a pixel. */
static void expect_central(rectangle r, int width, int height) {
    assert_in_range(width - r.width - 2 * r.x + 1, 0, 2);
    assert_in_range(height - r.height - 2 * r.y + 1, 0, 2);
}

/* a x b has the shape of c x d, to a pixel; or it is as thin as a line. */
static void expect_shape(int a, int b, int c, int d) {
    const double other = (double)a * d / c, same = (double)b * c / d;
    if (fabs(other - b) > 1 && fabs(same - a) > 1 && a > 1 && b > 1)
        fail_msg("%dx%d has not the shape of %dx%d", a, b, c, d);
}

static int random_side(uint32_t *seed, int least) {
    *seed = *seed * 1664525u + 1013904223u;
    const int most[] = {20, 300, 3000};
    return least + (int)(*seed >> 8) % most[*seed >> 4 & 1 ? *seed >> 5 & 1 : 2];
}

static void any_shapes_fit(void **state) {
    (void)state;
    static const char *const fits[] = {"crop", "pad", "stretch"};
    uint32_t seed = 3;
    for (int i = 0; i < 3000; i++) {
        const int width = random_side(&seed, 1), height = random_side(&seed, 1);
        const int size[2] = {random_side(&seed, 16), random_side(&seed, 16)};
        const bool upscale = i / 3 % 2;
        char text[32];
        bool bounded;
        snprintf(text, sizeof text, "%dx%d", size[0], size[1]);
        const frame found = frame_of(text, fits[i % 3], upscale, width, height, &bounded);
        expect_inside(found.part, width, height);
        expect_inside(found.place, found.width, found.height);
        expect_central(found.part, width, height);
        expect_central(found.place, found.width, found.height);
        if (!bounded)
            assert_true(found.width == size[0] && found.height == size[1]);
        if (bounded)
            assert_true(!upscale && found.width <= size[0] && found.height <= size[1]);
        if (i % 3 == 0)
            expect_shape(found.part.width, found.part.height, size[0], size[1]);
        if (i % 3 == 1)
            expect_shape(found.place.width, found.place.height, width, height);
        if (i % 3 != 0)
            expect_rectangle("part", found.part, (rectangle){0, 0, width, height});
        if (i % 3 != 1)
            expect_rectangle("place", found.place, (rectangle){0, 0, found.width, found.height});
        if (!upscale && i % 3 != 2) /* no pixel is enlarged, but by rounding */
            assert_true(found.place.width <= found.part.width + 1 ||
                        found.place.height <= found.part.height + 1);
    }
}

/* ---- stages ---- */

static void places_go_with_the_stage(void **state) {
    (void)state;
    const frame whole = {
        .width = 400, .height = 300, .part = {0, 0, 77, 99}, .place = {83, 0, 234, 300}};
    for (int longest = 1; longest <= 400; longest++) {
        const image_extent size = frame_scale((image_extent){400, 300}, longest);
        const frame small = frame_of_stage(&whole, size);
        assert_int_equal(small.width, size.width);
        assert_int_equal(small.height, size.height);
        expect_inside(small.place, size.width, size.height);
        expect_rectangle("part", small.part, whole.part);
        assert_true(fabs(small.place.x - 83.0 * size.width / 400) <= 1);
        assert_true(fabs(small.place.width - 234.0 * size.width / 400) <= 1.5);
        assert_int_equal(small.place.y, 0); /* what touches an edge does so in every stage */
        assert_int_equal(small.place.height, size.height);
    }
    const frame same = frame_of_stage(&whole, (image_extent){400, 300});
    expect_rectangle("place", same.place, whole.place);
}

static void thin_places_keep_a_pixel(void **state) {
    (void)state;
    frame whole = {.width = 1000, .height = 1000, .part = {0, 0, 5, 5}};
    for (int at = 0; at < 1000; at += 9) {
        whole.place = (rectangle){at, 999 - at, 1, 1};
        for (int side = 1; side <= 1000; side = side * 3 + 1) {
            const frame small = frame_of_stage(&whole, (image_extent){side, side});
            expect_inside(small.place, side, side);
        }
    }
}

/* ---- pixels ---- */

static image_view view_of(const image *self) {
    return image_view_of(self->planes, self->width, self->height, IMAGE_CHANNELS);
}

/* Brings a content into a stage that holds nothing, with a margin around it that must stay. */
static image *brought(const frame *self, const image *content) {
    enum { MARGIN = 3 };
    const int width = self->width + 2 * MARGIN, height = self->height + 2 * MARGIN;
    const size_t plane = (size_t)width * (size_t)height;
    error err;
    image *large = image_new(width, height, &err),
          *out = image_new(self->width, self->height, &err);
    assert_true(large && out);
    for (size_t i = 0; i < 3 * plane; i++)
        large->planes[i] = NAN;
    const image_view inner =
        image_view_part(view_of(large), MARGIN, MARGIN, self->width, self->height);
    assert_true(frame_bring(self, view_of(content), inner, &err));
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                const int ix = x - MARGIN, iy = y - MARGIN;
                const bool inside = ix >= 0 && iy >= 0 && ix < self->width && iy < self->height;
                const float value =
                    large->planes[(size_t)c * plane + (size_t)y * (size_t)width + (size_t)x];
                assert_int_equal(inside, !isnan(value));
                if (inside)
                    out->planes[(c * self->height + iy) * self->width + ix] = value;
            }
        }
    }
    image_free(large);
    return out;
}

static float at(const image *self, int x, int y, int c) {
    return self->planes[(c * self->height + y) * self->width + x];
}

/* As if mirrors stood before the first and behind the last of `count`. */
static int mirrored(int i, int count) {
    const int period = 2 * count, inside = ((i % period) + period) % period;
    return inside < count ? inside : period - 1 - inside;
}

/* The picture alone, resampled, at its place; outside of it what a mirror at its edge shows. */
static void expect_placed(const frame *self, const image *out, const image *content) {
    const rectangle *part = &self->part, *place = &self->place;
    error err;
    image *cut = image_new(part->width, part->height, &err);
    assert_non_null(cut);
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < part->height; y++) {
            for (int x = 0; x < part->width; x++)
                cut->planes[(c * part->height + y) * part->width + x] =
                    at(content, part->x + x, part->y + y, c);
        }
    }
    image *alone = image_resample(cut, place->width, place->height, &err);
    assert_non_null(alone);
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < self->height; y++) {
            for (int x = 0; x < self->width; x++) {
                const int ix = mirrored(x - place->x, place->width);
                const int iy = mirrored(y - place->y, place->height);
                const float wanted = at(alone, ix, iy, c);
                assert_true(at(out, x, y, c) == wanted);
            }
        }
    }
    image_free(cut);
    image_free(alone);
}

static void every_pixel_is_written(void **state) {
    (void)state;
    static const char *const sizes[] = {"40", "40x40", "64x20", "20x64", "61x47", "0"};
    static const char *const fits[] = {"crop", "pad", "stretch"};
    static const int contents[][2] = {{61, 47}, {47, 61}, {1, 50}, {50, 1}, {64, 64}};
    for (int i = 0; i < 5 * 3 * 6; i++) {
        const int *c = contents[i / 18];
        image *content = sessions_pattern(1, c[0], c[1]);
        const frame whole = frame_of(sizes[i % 6], fits[i / 6 % 3], true, c[0], c[1], NULL);
        for (int share = 1; share <= 4; share *= 2) {
            const image_extent size = {(whole.width + share - 1) / share,
                                       (whole.height + share - 1) / share};
            const frame stage = frame_of_stage(&whole, size);
            image *out = brought(&stage, content);
            expect_placed(&stage, out, content);
            image_free(out);
        }
        image_free(content);
    }
}

/* What a picture over all of the content shows: the same part to half of one of its pixels, and
 * at least one of these; the place in the frame stays. */
static void other_pictures_show_the_same_part(void **state) {
    (void)state;
    static const char *const fits[] = {"crop", "pad", "stretch"};
    static const int others[][2] = {{300, 200}, {150, 100}, {31, 20}, {3, 2}, {1, 1}, {900, 600}};
    for (int i = 0; i < 3 * 6 * 6; i++) {
        static const char *const frames[] = {"300x300", "20x300", "300x20", "30x20", "16x304", "0"};
        const image_extent content = {300, 200};
        const image_extent other = {others[i % 6][0], others[i % 6][1]};
        const frame whole =
            frame_of(frames[i / 6 % 6], fits[i / 36], true, content.width, content.height, NULL);
        const frame over = frame_over(&whole, content, other);
        const rectangle part = whole.part, found = over.part;
        const double across = (double)other.width / content.width;
        const double down = (double)other.height / content.height;
        expect_rectangle("place", over.place, whole.place);
        assert_int_equal(over.width * over.height, whole.width * whole.height);
        assert_true(found.x >= 0 && found.width >= 1 && found.x + found.width <= other.width);
        assert_true(found.y >= 0 && found.height >= 1 && found.y + found.height <= other.height);
        assert_true(fabs(found.x - part.x * across) <= 1 && fabs(found.y - part.y * down) <= 1);
        assert_true(fabs(found.x + found.width - (part.x + part.width) * across) <= 1);
        assert_true(fabs(found.y + found.height - (part.y + part.height) * down) <= 1);
        if (other.width >= content.width)
            assert_true(found.x == part.x * across && found.width == part.width * across &&
                        found.y == part.y * down && found.height == part.height * down);
    }
}

/* Of its own size a content comes as it is. */
static void the_same_size_gives_the_same_bits(void **state) {
    (void)state;
    image *content = sessions_pattern(2, 37, 29);
    const frame whole = frame_of("0", "crop", false, 37, 29, NULL);
    image *out = brought(&whole, content);
    sessions_expect_same(out, content);
    image_free(out);
    image_free(content);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_to_the_longest_side),
        cmocka_unit_test(one_number_is_the_longest_side),
        cmocka_unit_test(two_numbers_are_a_frame),
        cmocka_unit_test(any_shapes_fit),
        cmocka_unit_test(places_go_with_the_stage),
        cmocka_unit_test(thin_places_keep_a_pixel),
        cmocka_unit_test(every_pixel_is_written),
        cmocka_unit_test(other_pictures_show_the_same_part),
        cmocka_unit_test(the_same_size_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
