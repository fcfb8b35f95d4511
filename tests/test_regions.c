/* SPDX-License-Identifier: MIT
 *
 * Tests of regions.c: the colours of maps, exact, noisy or with soft edges, and which styles have
 * them; masks, also transparent ones; and everything that is refused, with the words that say why.
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

#include "maps.h"
#include "transfer/regions.h"

enum { WIDTH = 60, HEIGHT = 40, PIXELS = WIDTH * HEIGHT };

static const image_extent content_size = {3 * WIDTH, 3 * HEIGHT};

static const int red[3] = {200, 30, 20}, green[3] = {10, 180, 40}, blue[3] = {30, 40, 220};
static const int white[3] = {255, 255, 255}, black[3] = {0, 0, 0};

/* Red, with green on the right third and blue in a corner of that. */
static image *new_map(void) {
    image *self = map_new(WIDTH, HEIGHT, red);
    map_paint(self, 40, 0, 20, HEIGHT, green);
    map_paint(self, 50, 30, 10, 10, blue);
    return self;
}

static image *new_pair(const int left[3], const int right[3]) {
    image *self = map_new(WIDTH, HEIGHT, left);
    map_paint(self, 30, 0, 30, HEIGHT, right);
    return self;
}

/* Off by no more than `most` of 255. */
static void add_noise(image *self, int most) {
    unsigned state = 1;
    for (int i = 0; i < 3 * PIXELS; i++) {
        state = state * 1664525 + 1013904223;
        const int off = (int)(state >> 16) % (2 * most + 1) - most;
        self->planes[i] = fminf(fmaxf(self->planes[i] + (float)off / 255, 0), 1);
    }
}

/* With styles of any size that have the maps' shape. */
static bool make(regions *self, const region_pictures *pictures, bool rest, int styles,
                 error *err) {
    image_extent sizes[RECIPE_MOST_STYLES];
    for (int i = 0; i < RECIPE_MOST_STYLES; i++)
        sizes[i] = (image_extent){2 * WIDTH, 2 * HEIGHT};
    return regions_make(self, pictures, rest, content_size, sizes, styles, err);
}

static void expect_made(regions *self, const region_pictures *pictures, bool rest, int styles) {
    error err;
    if (!make(self, pictures, rest, styles, &err))
        fail_msg("%s", err.text);
}

/* Wrong usage, with these words at the beginning and those somewhere. */
static void expect_refused(const region_pictures *pictures, bool rest, int styles,
                           const char *begin, const char *words) {
    regions found;
    error err = {0};
    if (make(&found, pictures, rest, styles, &err))
        fail_msg("accepted: %s", begin);
    assert_int_equal(err.code, ERROR_USAGE);
    if (strncmp(err.text, begin, strlen(begin)) != 0 || !strstr(err.text, words))
        fail_msg("'%s' does not say '%s' and '%s'", err.text, begin, words);
}

static void expect_color(const region_color *found, const int rgb[3], int off, double share) {
    for (int c = 0; c < 3; c++) {
        const double there = 255 * (double)found->rgb[c];
        if (!(fabs(there - rgb[c]) <= off + 1e-4))
            fail_msg("channel %d is %g, not %d", c, there, rgb[c]);
    }
    if (!(fabs(found->share - share) <= 1e-9))
        fail_msg("a share of %g, not %g", found->share, share);
}

/* ---- maps ---- */

/* The largest first, with what is in which style; each pixel is in one region. */
static void colours_are_regions(void **state) {
    (void)state;
    image *map = new_map(), *first = new_pair(green, red), *second = new_pair(blue, red);
    const region_pictures pictures = {
        .content_map = map, .style_maps = {first, second}, .style_map_count = 2};
    regions found;
    expect_made(&found, &pictures, false, 2);
    assert_int_equal(found.count, 3);
    assert_true(found.masked && !found.rest && !regions_spare_rest(&found));
    expect_color(&found.colors[0], red, 0, 2.0 / 3);
    expect_color(&found.colors[1], green, 0, 1.0 / 3 - 100.0 / PIXELS);
    expect_color(&found.colors[2], blue, 0, 100.0 / PIXELS);
    static const bool absent[3][2] = {{false, false}, {false, true}, {true, false}};
    static float plane[PIXELS];
    for (int r = 0; r < 3; r++) {
        for (int k = 0; k < 2; k++)
            assert_int_equal(found.absent[r][k], absent[r][k]);
        assert_true(regions_have_place(&found, r));
        const region_place place = regions_place(&found, r);
        assert_int_equal(regions_view(&place).width, WIDTH);
        map_write_place(&place, plane);
        for (int i = 0; i < PIXELS; i++) {
            const int x = i % WIDTH, y = i / WIDTH, there = x < 40 ? 0 : x < 50 || y < 30 ? 1 : 2;
            assert_true(plane[i] == (there == r ? 1.0f : 0.0f));
        }
    }
    const region_place place = regions_place_in_style(&found, 1, 0);
    map_write_place(&place, plane);
    for (int i = 0; i < PIXELS; i++)
        assert_true(plane[i] == (i % WIDTH < 30 ? 1.0f : 0.0f));
    image_free(map);
    image_free(first);
    image_free(second);
}

/* A colour is the mean of its pixels, so that it is the same in maps of other noise. */
static void noise_makes_no_colours(void **state) {
    (void)state;
    image *map = new_map(), *first = new_map();
    add_noise(map, 9);
    add_noise(first, 4);
    for (int i = 0; i < 3 * PIXELS; i++) /* a first pixel that is far off */
        map->planes[i] = i % PIXELS < 2 * WIDTH && i % WIDTH < 2
                             ? (float)red[i / PIXELS] / 255 + 12 / 255.0f
                             : map->planes[i];
    const region_pictures pictures = {
        .content_map = map, .style_maps = {first}, .style_map_count = 1};
    regions found;
    expect_made(&found, &pictures, false, 1);
    assert_int_equal(found.count, 3);
    expect_color(&found.colors[0], red, 2, 2.0 / 3);
    expect_color(&found.colors[1], green, 2, 1.0 / 3 - 100.0 / PIXELS);
    expect_color(&found.colors[2], blue, 2, 100.0 / PIXELS);
    image_free(map);
    image_free(first);
}

/* Pixels between two colours belong to the nearer one. */
static void soft_edges_make_no_colours(void **state) {
    (void)state;
    image *map = new_pair(red, blue), *style_map = new_pair(red, blue);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 28; x < 32; x++) {
            int between[3];
            for (int c = 0; c < 3; c++)
                between[c] = red[c] + (blue[c] - red[c]) * (x - 27) / 5;
            map_paint_pixel(map, x, y, between);
        }
    }
    const region_pictures pictures = {
        .content_map = map, .style_maps = {style_map}, .style_map_count = 1};
    regions found;
    expect_made(&found, &pictures, false, 1);
    assert_int_equal(found.count, 2);
    expect_color(&found.colors[0], red, 0, 0.5);
    expect_color(&found.colors[1], blue, 0, 0.5);
    image_free(map);
    image_free(style_map);
}

/* Too few flat pixels for a colour: they belong to the one that is nearest. */
static void specks_are_ignored(void **state) {
    (void)state;
    image *map = new_pair(red, blue), *style_map = new_pair(red, blue);
    const int speck[3] = {60, 60, 255};
    map_paint(map, 4, 5, 4, 3, speck); /* two flat pixels */
    map_paint(style_map, 10, 10, 3, 3, speck);
    const region_pictures pictures = {
        .content_map = map, .style_maps = {style_map}, .style_map_count = 1};
    regions found;
    expect_made(&found, &pictures, false, 1);
    assert_int_equal(found.count, 2);
    expect_color(&found.colors[0], blue, 0, 0.5 + 12.0 / PIXELS);
    map_paint(map, 4, 5, 4, 4, speck); /* four */
    expect_refused(&pictures, false, 1, "--content-map: the colour #3c3cff", "not in --style-map");
    image_free(map);
    image_free(style_map);
}

static void maps_must_have_flat_colours(void **state) {
    (void)state;
    image *map = map_new(WIDTH, HEIGHT, black), *plain = new_pair(red, blue);
    const region_pictures as_content = {
        .content_map = map, .style_maps = {plain}, .style_map_count = 1};
    const region_pictures as_style = {
        .content_map = plain, .style_maps = {plain, map}, .style_map_count = 2};
    for (int i = 0; i < 17; i++) {
        const int rgb[3] = {i % 4 * 60, i / 4 * 50, 100};
        map_paint(map, i % 6 * 10, i / 6 * 10, 10, 10, rgb);
    }
    map_paint(map, 0, 30, WIDTH, 10, (const int[3]){0, 0, 100});
    map_paint(map, 50, 20, 10, 10, (const int[3]){0, 0, 100});
    expect_refused(&as_content, false, 1, "--content-map: more than 16 colours", "flat");
    for (int i = 0; i < 66; i++) { /* more than are looked at */
        const int rgb[3] = {i % 5 * 60, i / 5 % 5 * 60, i / 25 * 60};
        map_paint(map, i % 12 * 5, i / 12 * 5, 5, 5, rgb);
    }
    expect_refused(&as_content, false, 1, "--content-map: more than 64 colours", "flat");
    for (int i = 0; i < PIXELS; i++)
        map_paint_pixel(map, i % WIDTH, i / WIDTH, (i + i / WIDTH) % 2 ? white : black);
    expect_refused(&as_content, false, 1, "--content-map: no flat patch", "paint");
    expect_refused(&as_style, false, 2, "--style-map: picture 2: no flat patch", "paint");
    image_free(map);
    image_free(plain);
}

/* What is in one map alone is named, with a place and its share. */
static void colours_must_be_in_both_maps(void **state) {
    (void)state;
    image *map = new_map(), *pair = new_pair(red, green);
    const region_pictures content_more = {
        .content_map = map, .style_maps = {pair, pair}, .style_map_count = 2};
    const region_pictures style_more = {
        .content_map = pair, .style_maps = {pair, map}, .style_map_count = 2};
    const region_pictures only_style = {
        .content_map = pair, .style_maps = {map}, .style_map_count = 1};
    const char *where = "#1e28dc (at 51,31; 4.17 % of the map) is not in ";
    char begin[120];
    snprintf(begin, sizeof begin, "--content-map: the colour %s--style-map", where);
    expect_refused(&content_more, false, 2, begin, "in both maps");
    snprintf(begin, sizeof begin, "--style-map: picture 2: the colour %s--content-map", where);
    expect_refused(&style_more, false, 2, begin, "in both maps");
    snprintf(begin, sizeof begin, "--style-map: the colour %s--content-map", where);
    expect_refused(&only_style, false, 1, begin, "in both maps");
    image_free(map);
    image_free(pair);
}

/* The tolerance is that of each channel. */
static void colours_are_alike_within_the_tolerance(void **state) {
    (void)state;
    image *map = new_pair(red, blue), *other = new_pair(red, blue);
    const region_pictures pictures = {
        .content_map = map, .style_maps = {other}, .style_map_count = 1};
    for (int off = 19; off <= 21; off += 2) {
        const int near_red[3] = {red[0] - off, red[1] + off, red[2] + off};
        regions found;
        map_paint(other, 0, 0, 30, HEIGHT, near_red);
        if (off < 20)
            expect_made(&found, &pictures, false, 1);
        else
            expect_refused(&pictures, false, 1, "--style-map: the colour #b33329", "not in");
    }
    image_free(map);
    image_free(other);
}

/* ---- masks ---- */

/* One for all styles, or one for each; the rest is of all. */
static void masks_are_regions(void **state) {
    (void)state;
    image *mask = new_pair(white, black), *other = new_pair(black, white);
    regions found;
    region_pictures pictures = {.masks = {mask, other}, .mask_count = 1};
    expect_made(&found, &pictures, false, 3);
    assert_int_equal(found.count, 1);
    assert_true(found.masked && regions_spare_rest(&found));
    for (int k = 0; k < 3; k++)
        assert_false(found.absent[0][k]);
    expect_made(&found, &pictures, true, 3);
    assert_int_equal(found.count, 2);
    assert_true(regions_have_place(&found, 0) && !regions_have_place(&found, 1));
    assert_false(regions_spare_rest(&found));
    pictures.mask_count = 2;
    expect_made(&found, &pictures, true, 2);
    assert_int_equal(found.count, 3);
    for (int k = 0; k < 2; k++) {
        assert_false(found.absent[k][k]);
        assert_true(found.absent[k][!k]);
        assert_false(found.absent[2][k]);
    }
    expect_made(&found, &(region_pictures){.mask_count = 0}, false, 2);
    assert_int_equal(found.count, 1);
    assert_false(found.masked || regions_have_place(&found, 0) || regions_spare_rest(&found));
    image_free(mask);
    image_free(other);
}

/* A grey is its luma; what is transparent counts as black, also where it lies over white. */
static void greys_are_seen_over_black(void **state) {
    (void)state;
    static float plane[PIXELS];
    error err;
    image *mask = new_pair(white, red);
    assert_true(image_add_alpha(mask, &err));
    for (int i = 0; i < PIXELS; i++) {
        mask->alpha[i] = (float)(i / WIDTH % 5) / 4;
        for (int c = 0; c < 3; c++) /* over white */
            mask->planes[c * PIXELS + i] =
                mask->alpha[i] * mask->planes[c * PIXELS + i] + 1 - mask->alpha[i];
    }
    const region_place place = regions_place_of_grey(mask);
    map_write_place(&place, plane);
    const double luma = (0.2126 * red[0] + 0.7152 * red[1] + 0.0722 * red[2]) / 255;
    for (int i = 0; i < PIXELS; i++) {
        const double wanted = (double)mask->alpha[i] * (i % WIDTH < 30 ? 1 : luma);
        assert_true(fabs((double)plane[i] - wanted) < 1e-6);
        assert_true(plane[i] >= 0);
    }
    image_free(mask);
}

static void masks_must_not_be_black(void **state) {
    (void)state;
    error err;
    image *mask = map_new(WIDTH, HEIGHT, black), *there = new_pair(white, black);
    image *clear = map_new(WIDTH, HEIGHT, white); /* black, half of it seen, over white */
    assert_true(image_add_alpha(clear, &err));
    for (int i = 0; i < 3 * PIXELS; i++)
        clear->planes[i] = 1 - (clear->alpha[i % PIXELS] = (float)(i % WIDTH) / WIDTH);
    image *const blacks[] = {mask, clear};
    for (int i = 0; i < 2; i++) {
        const region_pictures one = {.masks = {blacks[i]}, .mask_count = 1};
        const region_pictures two = {.masks = {there, blacks[i]}, .mask_count = 2};
        const region_pictures weight = {.content_weight = blacks[i]};
        expect_refused(&one, false, 1, "--mask: it is all black", "white");
        expect_refused(&two, false, 2, "--mask: picture 2: it is all black", "white");
        expect_refused(&weight, false, 1, "--content-weight-map: it is all black", "white");
    }
    image_free(mask);
    image_free(there);
    image_free(clear);
}

/* ---- shapes and counts ---- */

/* To a pixel of the smaller one, of which that is a tenth at most. */
static void shapes_must_fit(void **state) {
    (void)state;
    static const struct {
        int width, height;
        bool fits;
    } sizes[] = {{60, 40, true},    {60, 41, true},  {61, 40, true}, {60, 42, false},
                 {63, 40, false},   {7, 5, true},    {9, 4, false},  {600, 400, true},
                 {600, 410, false}, {40, 60, false}, {2, 2, false},  {3, 2, true}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        image *picture = map_new(sizes[i].width, sizes[i].height, white);
        image *right = map_new(WIDTH, HEIGHT, white);
        const region_pictures kinds[] = {
            {.masks = {picture}, .mask_count = 1},
            {.content_weight = picture},
            {.content_map = picture, .style_maps = {right}, .style_map_count = 1},
            {.content_map = right, .style_maps = {picture}, .style_map_count = 1}};
        static const char *const begins[] = {
            "--mask: ", "--content-weight-map: ", "--content-map: ", "--style-map: "};
        for (int k = 0; k < 4; k++) {
            char begin[80];
            regions found;
            snprintf(begin, sizeof begin, "%s%dx%d pixels are not of the shape of the %s, %s",
                     begins[k], sizes[i].width, sizes[i].height, k < 3 ? "content" : "style",
                     k < 3 ? "180x120" : "120x80");
            if (sizes[i].fits)
                expect_made(&found, &kinds[k], false, 1);
            else
                expect_refused(&kinds[k], false, 1, begin, "copy");
        }
        const region_pictures second = {.masks = {right, picture}, .mask_count = 2};
        if (!sizes[i].fits)
            expect_refused(&second, false, 2, "--mask: picture 2: ", "shape");
        image_free(picture);
        image_free(right);
    }
}

static void counts_must_fit(void **state) {
    (void)state;
    image *a = new_pair(white, black);
    const struct {
        region_pictures pictures;
        bool rest;
        int styles;
        const char *begin, *words;
    } wrong[] = {
        {{.masks = {a, a}, .mask_count = 2}, false, 1, "--mask: 2 pictures for 1 style:", "each"},
        {{.masks = {a, a}, .mask_count = 2}, false, 3, "--mask: 2 pictures for 3 styles:", "all"},
        {{.mask_count = 0}, true, 1, "--mask-rest needs --mask", ""},
        {{.content_map = a}, false, 1, "--content-map and --style-map", "give a --style-map"},
        {{.style_maps = {a}, .style_map_count = 1},
         false,
         1,
         "--content-map and --style-map",
         "give a --content-map"},
        {{.content_map = a, .style_maps = {a}, .style_map_count = 1},
         false,
         2,
         "--style-map: 1 pictures for 2 styles:",
         "each"},
        {{.content_map = a, .style_maps = {a, a}, .style_map_count = 2},
         false,
         1,
         "--style-map: 2 pictures for 1 style:",
         "each"},
        {{.masks = {a}, .mask_count = 1, .content_map = a, .style_maps = {a}, .style_map_count = 1},
         false,
         1,
         "--mask contradicts --content-map",
         "one of them"},
        {{.content_map = a, .style_maps = {a}, .style_map_count = 1},
         true,
         1,
         "--mask-rest needs --mask",
         ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused(&wrong[i].pictures, wrong[i].rest, wrong[i].styles, wrong[i].begin,
                       wrong[i].words);
    image_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_are_regions),
        cmocka_unit_test(noise_makes_no_colours),
        cmocka_unit_test(soft_edges_make_no_colours),
        cmocka_unit_test(specks_are_ignored),
        cmocka_unit_test(maps_must_have_flat_colours),
        cmocka_unit_test(colours_must_be_in_both_maps),
        cmocka_unit_test(colours_are_alike_within_the_tolerance),
        cmocka_unit_test(masks_are_regions),
        cmocka_unit_test(greys_are_seen_over_black),
        cmocka_unit_test(masks_must_not_be_black),
        cmocka_unit_test(shapes_must_fit),
        cmocka_unit_test(counts_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
