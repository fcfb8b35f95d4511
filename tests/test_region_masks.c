/* SPDX-License-Identifier: MIT
 *
 * Tests of region_masks.c: masks of the picture at each layer against means taken pixel by pixel,
 * in frames and by masks of any size; and those of styles, with receptive fields, against what a
 * network in double precision really sees.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "engine.h"
#include "network_files.h"
#include "recipes.h"
#include "reference.h"
#include "sessions.h"
#include "transfer/region_masks.h"

/* No multiples of any layer's step. */
enum { WIDTH = 46, HEIGHT = 39, PIXELS = WIDTH * HEIGHT };

static const char *const layers[] = {"relu1_1", "conv2_1", "pool2", "relu3_2"};
enum { LAYERS = sizeof layers / sizeof *layers };

static vgg *network;
static reference_vgg net;

static int open_network(void **state) {
    (void)state;
    const network_file file = network_file_narrow(6);
    cpu_set_threads(2);
    network = network_file_load(&file, kernels_best(), &net);
    return 0;
}

static int close_network(void **state) {
    (void)state;
    vgg_free(network);
    reference_vgg_clear(&net);
    return 0;
}

/* ---- masks at work ---- */

typedef struct problem {
    regions found;
    region_masks masks;
    layout lasting, passing;
    float *planes;
} problem;

static void walk(void *part, layout *to) {
    region_masks_layout(part, to);
}

/* False with *err when it is refused. */
static bool fill(problem *self, const region_pictures *pictures, bool rest, int styles,
                 const frame *place, image_extent content, error *err) {
    image_extent sizes[RECIPE_MOST_STYLES];
    for (int i = 0; i < RECIPE_MOST_STYLES; i++)
        sizes[i] = (image_extent){WIDTH, HEIGHT};
    *self = (problem){.planes = NULL};
    if (!regions_make(&self->found, pictures, rest, content, sizes, styles, err))
        fail_msg("%s", err->text);
    for (int kind = 0; kind < 2; kind++) {
        self->masks.layer_counts[kind] = LAYERS;
        for (int i = 0; i < LAYERS; i++)
            self->masks.layers[kind][i] = engine_layer(network, layers[i]);
    }
    region_masks_prepare(&self->masks, &self->found, network, place->height, place->width);
    assert_true(layout_make(&self->lasting, walk, &self->masks, err));
    layout measured = layout_measure();
    assert_true(
        region_masks_fill(&self->masks, &measured, false, place, content, &self->planes, err));
    assert_null(self->planes);
    assert_true(layout_place(&self->passing, layout_bytes(&measured), err));
    const bool ok =
        region_masks_fill(&self->masks, &self->passing, true, place, content, &self->planes, err);
    assert_int_equal(layout_bytes(&self->passing), layout_bytes(&measured));
    return ok;
}

static void close(problem *self) {
    layout_free(&self->lasting);
    layout_free(&self->passing);
}

static void open(problem *self, const region_pictures *pictures, bool rest, int styles,
                 const frame *place, image_extent content) {
    error err;
    if (!fill(self, pictures, rest, styles, place, content, &err))
        fail_msg("%s", err.text);
}

static frame whole(int width, int height) {
    return (frame){width, height, {0, 0, width, height}, {0, 0, width, height}};
}

static const image_extent whole_size = {WIDTH, HEIGHT};

/* A grey picture of values by place. */
static image *new_grey(int width, int height, float (*value)(double x, double y)) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] = value((i % width + 0.5) / width, (i / width % height + 0.5) / height);
    return self;
}

/* Masks that overlap, with soft and hard edges, of parts of a unit square. */
static float left(double x, double y) {
    return (float)fmin(1, fmax(0, 2 - 4 * x + y));
}

static float middle(double x, double y) {
    return x > 0.3 && x < 0.8 && y > 0.25 ? 0.875f : 0;
}

static float everywhere(double x, double y) {
    (void)x;
    (void)y;
    return 1;
}

static float right_half(double x, double y) {
    (void)y;
    return x > 0.5;
}

/* ---- at layers ---- */

/* The mean of what a place of a layer stands for. */
static double mean_at(const float *plane, int step, int x, int y) {
    double sum = 0;
    for (int i = 0; i < step * step; i++)
        sum += (double)plane[(y * step + i / step) * WIDTH + x * step + i % step];
    return sum / step / step;
}

/* All masks of a plane: roots of means for style terms, means for the content's. */
static void expect_masks(const problem *self, int region, const float *plane) {
    static const int steps[LAYERS] = {1, 2, 4, 4};
    for (int i = 0; i < LAYERS; i++) {
        const bool style = region >= 0;
        const cost_mask *mask = style ? region_masks_style(&self->masks, region, i)
                                      : region_masks_content(&self->masks, i);
        double squares = 0, sum = 0;
        assert_int_equal(mask->width, WIDTH / steps[i]);
        assert_int_equal(mask->height, HEIGHT / steps[i]);
        for (int k = 0; k < mask->width * mask->height; k++) {
            const double mean = mean_at(plane, steps[i], k % mask->width, k / mask->width);
            const double found = (double)mask->weights[k], wanted = style ? sqrt(mean) : mean;
            if (!(fabs(found - wanted) <= 1e-6))
                fail_msg("region %d at %s, place %d: %g, not %g", region, layers[i], k, found,
                         wanted);
            sum += wanted;
            squares += wanted * wanted;
        }
        assert_true(fabs(mask->sum - sum) < 1e-4 && fabs(mask->squares - squares) < 1e-4);
    }
}

/* Where two masks have more than 1 together they are brought to 1; the rest is what they leave, a
 * region or the content. */
static void masks_share_out_the_picture(void **state) {
    (void)state;
    image *a = new_grey(WIDTH, HEIGHT, left), *b = new_grey(WIDTH, HEIGHT, middle);
    const region_pictures pictures = {.masks = {a, b}, .mask_count = 2};
    const frame place = whole(WIDTH, HEIGHT);
    for (int rest = 0; rest < 2; rest++) {
        static float planes[3][PIXELS];
        double shares[3] = {0};
        problem p;
        open(&p, &pictures, rest, 2, &place, whole_size);
        assert_int_equal(p.found.count, 2 + rest);
        assert_int_equal(p.masks.cover != NULL, !rest);
        for (int i = 0; i < PIXELS; i++) {
            const float sum = a->planes[i] + b->planes[i], most = sum > 1 ? sum : 1;
            planes[0][i] = a->planes[i] / most;
            planes[1][i] = b->planes[i] / most;
            planes[2][i] = fmaxf(0, 1 - sum);
            for (int r = 0; r < 3; r++)
                shares[r] += (double)planes[r][i] / PIXELS;
            assert_true(rest || fabsf(p.masks.cover[i] - fminf(sum, 1)) < 1e-6f);
        }
        for (int r = 0; r < 2 + rest; r++) {
            for (int i = 0; i < PIXELS; i++)
                assert_true(fabsf(p.planes[r * PIXELS + i] - planes[r][i]) < 1e-6f);
            assert_true(fabs(p.masks.shares[r] - shares[r]) < 1e-6);
            expect_masks(&p, r, planes[r]);
        }
        close(&p);
    }
    image_free(a);
    image_free(b);
}

/* Without regions there are no masks, and one share of all. */
static void nothing_has_no_masks(void **state) {
    (void)state;
    const frame place = whole(WIDTH, HEIGHT);
    problem p;
    open(&p, &(region_pictures){.mask_count = 0}, false, 2, &place, whole_size);
    assert_null(region_masks_style(&p.masks, 0, 0));
    assert_null(region_masks_content(&p.masks, 0));
    assert_null(p.masks.cover);
    assert_null(p.planes);
    assert_true(p.masks.shares[0] == 1);
    close(&p);
}

static void content_weights_are_means(void **state) {
    (void)state;
    image *weight = new_grey(WIDTH, HEIGHT, left);
    const frame place = whole(WIDTH, HEIGHT);
    problem p;
    open(&p, &(region_pictures){.content_weight = weight}, false, 1, &place, whole_size);
    assert_null(region_masks_style(&p.masks, 0, 0));
    expect_masks(&p, -1, weight->planes);
    close(&p);
    image_free(weight);
}

/* ---- in frames ---- */

/* Where on the content, as a part of its width, the middle of a pixel of the stage lies. */
static double across(const frame *f, int x, int content) {
    const int inside = image_reflect(x - f->place.x, f->place.width);
    return (f->part.x + (inside + 0.5) * f->part.width / f->place.width) / content;
}

/* Half of the content is white: in the stage, too, wherever that half went, for a mask of any size
 * that has its shape. */
static void masks_go_with_the_content(void **state) {
    (void)state;
    static const int sizes[][2] = {{120, 60}, {60, 30}, {240, 120}, {40, 20}};
    static const char *const frames[][2] = {{"40x48", "crop"},    {"40x48", "pad"},
                                            {"40x48", "stretch"}, {"66x30", "crop"},
                                            {"66x30", "pad"},     {"50", "crop"}};
    const image_extent content = {120, 60};
    for (size_t k = 0; k < 4 * sizeof frames / sizeof *frames; k++) {
        stylize_recipe *recipe =
            recipes_of("size", frames[k / 4][0], "fit", frames[k / 4][1], "upscale", "yes", NULL);
        const frame result = frame_of_result(recipe, content, NULL);
        const frame place = frame_of_stage(&result, (image_extent){result.width, result.height});
        image *mask = new_grey(sizes[k % 4][0], sizes[k % 4][1], right_half);
        const double mask_pixel = 1.0 / mask->width;
        const double pixel = (double)place.part.width / place.place.width / content.width;
        problem p;
        open(&p, &(region_pictures){.masks = {mask}, .mask_count = 1}, false, 1, &place, content);
        for (int i = 0; i < place.width * place.height; i++) {
            const double at = across(&place, i % place.width, content.width) - 0.5;
            if (fabs(at) < mask_pixel + 2 * pixel) /* the edge */
                continue;
            if (!(fabsf(p.masks.cover[i] - (at > 0)) < 0.08f)) /* an overshoot */
                fail_msg("%s %s, a mask of %d, pixel %d (%g): %g", frames[k / 4][0],
                         frames[k / 4][1], mask->width, i, at, (double)p.masks.cover[i]);
        }
        close(&p);
        image_free(mask);
        stylize_recipe_free(recipe);
    }
}

/* A frame may show nothing of what is white. */
static void masks_without_white_are_refused(void **state) {
    (void)state;
    const image_extent content = {120, 60};
    const frame place = {20, 20, {0, 0, 60, 60}, {0, 0, 20, 20}};
    image *mask = new_grey(120, 60, right_half), *other = new_grey(120, 60, everywhere);
    region_pictures pictures = {.masks = {mask, other}, .mask_count = 1};
    problem p;
    error err;
    assert_false(fill(&p, &pictures, false, 1, &place, content, &err));
    assert_non_null(strstr(err.text, "--mask: there is no white"));
    close(&p);
    /* The rest or another mask would paint something, and this one still nothing. */
    assert_false(fill(&p, &pictures, true, 1, &place, content, &err));
    assert_non_null(strstr(err.text, "--mask: there is no white"));
    close(&p);
    pictures.mask_count = 2;
    assert_false(fill(&p, &pictures, false, 2, &place, content, &err));
    assert_non_null(strstr(err.text, "--mask: picture 1: there is no white"));
    close(&p);
    image_free(mask);
    image_free(other);
}

/* ---- what a network sees ---- */

static reference_run run_picture(const double *pixels) {
    const reference_image picture = {WIDTH, HEIGHT, (double *)(uintptr_t)pixels}; /* only read */
    reference_run run;
    reference_run_init(&run, &net, REFERENCE_AVERAGE, &picture);
    return run;
}

/* Marks the places of a layer that differ in any channel. */
static void mark_changes(const reference_layer *a, const reference_layer *b, bool *changed) {
    for (int i = 0; i < a->c * a->h * a->w; i++)
        changed[i % (a->h * a->w)] = changed[i % (a->h * a->w)] || a->values[i] != b->values[i];
}

/* Which places of a layer change when pixels do that are so marked: of some pictures, since a ReLU
 * may hide it in one. */
static void find_changes(const bool *pixels, const char *layer, bool *changed) {
    memset(changed, 0, PIXELS * sizeof *changed);
    for (int trial = 0; trial < 4; trial++) {
        static double other[3 * PIXELS];
        reference_image picture = reference_pattern_image(trial, WIDTH, HEIGHT);
        reference_run before = run_picture(picture.pixels);
        for (int i = 0; i < 3 * PIXELS; i++)
            other[i] = pixels[i % PIXELS] ? 1 - picture.pixels[i] : picture.pixels[i];
        reference_run after = run_picture(other);
        mark_changes(reference_run_find(&before, layer), reference_run_find(&after, layer),
                     changed);
        reference_run_clear(&before);
        reference_run_clear(&after);
        free(picture.pixels);
    }
}

static bool sees(vgg_field field, int place, int pixel) {
    const int first = field.first + place * field.step;
    return pixel >= first && pixel < first + field.size;
}

/* A pixel changes the places whose field it lies in, and no others. */
static void fields_are_what_is_seen(void **state) {
    (void)state;
    static const char *const all[] = {"conv1_1", "relu1_2", "pool1",   "conv2_1",
                                      "relu2_2", "pool2",   "relu3_1", "conv3_2"};
    static const int spots[][2] = {{0, 0}, {22, 17}, {23, 18}, {21, 20}, {45, 38}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const int layer = engine_layer(network, all[k]);
        const vgg_field field = vgg_receptive_field(network, layer);
        const int width = vgg_layer_side(network, layer, WIDTH);
        const int height = vgg_layer_side(network, layer, HEIGHT);
        for (size_t s = 0; s < sizeof spots / sizeof *spots; s++) {
            static bool pixels[PIXELS], changed[PIXELS];
            memset(pixels, 0, sizeof pixels);
            pixels[spots[s][1] * WIDTH + spots[s][0]] = true;
            find_changes(pixels, all[k], changed);
            for (int i = 0; i < width * height; i++) {
                const bool wanted =
                    sees(field, i % width, spots[s][0]) && sees(field, i / width, spots[s][1]);
                if (changed[i] != wanted)
                    fail_msg("%s: place %d,%d %s pixel %d,%d", all[k], i % width, i / width,
                             wanted ? "does not see" : "sees", spots[s][0], spots[s][1]);
            }
        }
    }
}

/* ---- styles ---- */

/* Two colours, the second in a rectangle. */
static image *new_map(int width, int height, rectangle there) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < width * height; i++) {
        const int x = i % width - there.x, y = i / width - there.y;
        const bool inside = x >= 0 && x < there.width && y >= 0 && y < there.height;
        self->planes[2 * width * height + i] = inside ? 1 : 0.25f;
    }
    return self;
}

/* The masks of a region of a style at all layers, by a map of its own size or another. */
static layout style_masks(problem *self, const image *map, int region,
                          cost_mask masks[VGG_MAX_LAYERS]) {
    image *content = new_map(WIDTH, HEIGHT, (rectangle){10, 10, 20, 20});
    const region_pictures pictures = {
        .content_map = content, .style_maps = {map}, .style_map_count = 1};
    const frame place = whole(WIDTH, HEIGHT);
    layout memory, measured = layout_measure();
    float *plane;
    error err;
    open(self, &pictures, false, 1, &place, whole_size);
    assert_true(region_masks_of_style(&self->masks, &measured, false, region, 0, whole_size, masks,
                                      &plane, &err));
    assert_true(layout_place(&memory, layout_bytes(&measured), &err));
    assert_true(region_masks_of_style(&self->masks, &memory, true, region, 0, whole_size, masks,
                                      &plane, &err));
    close(self);
    image_free(content);
    return memory;
}

/* A place counts that does not change whatever lies outside of the region. */
static void large_regions_of_styles_are_insides(void **state) {
    (void)state;
    const rectangle there = {0, 5, 34, 34};
    image *map = new_map(WIDTH, HEIGHT, there);
    static bool outside[PIXELS], changed[PIXELS];
    for (int region = 0; region < 2; region++) { /* the larger one first: the rectangle */
        cost_mask masks[VGG_MAX_LAYERS];
        problem p;
        layout memory = style_masks(&p, map, region ? 0 : 1, masks);
        for (int i = 0; i < PIXELS; i++)
            outside[i] = (i % WIDTH < there.width && i / WIDTH >= there.y) == region;
        for (int i = 0; i < (region ? 2 : LAYERS); i++) {
            double inside = 0;
            find_changes(outside, layers[i], changed);
            for (int k = 0; k < masks[i].width * masks[i].height; k++) {
                inside += !changed[k];
                if (masks[i].weights[k] != (changed[k] ? 0.0f : 1.0f))
                    fail_msg("region %d, %s, place %d: %g", region, layers[i], k,
                             (double)masks[i].weights[k]);
            }
            assert_true(inside > 0 && masks[i].squares == inside && masks[i].sum == inside);
        }
        layout_free(&memory);
    }
    image_free(map);
}

/* Where few places see nothing but the region, all count with the share that they stand for: in
 * deep layers, or everywhere. */
static void small_regions_of_styles_are_shares(void **state) {
    (void)state;
    static const rectangle small[] = {{17, 14, 9, 7}, {17, 14, 3, 6}};
    static const double squares[] = {7 * 5, 3 * 6};
    static float plane[PIXELS];
    for (int tiny = 0; tiny < 2; tiny++) {
        image *map = new_map(WIDTH, HEIGHT, small[tiny]);
        cost_mask masks[VGG_MAX_LAYERS];
        problem p;
        layout memory = style_masks(&p, map, 1, masks);
        for (int i = 0; i < PIXELS; i++)
            plane[i] = map->planes[2 * PIXELS + i] > 0.5f;
        assert_true(masks[0].squares == squares[tiny]);
        for (int i = 2; i < LAYERS; i++) {
            for (int k = 0; k < masks[i].width * masks[i].height; k++) {
                const double mean = mean_at(plane, 4, k % masks[i].width, k / masks[i].width);
                assert_true(fabs((double)masks[i].weights[k] - sqrt(mean)) < 1e-6);
            }
        }
        layout_free(&memory);
        image_free(map);
    }
}

/* The last columns lie in no place of a deep layer: there the whole style counts. */
static void without_a_place_the_whole_style_counts(void **state) {
    (void)state;
    image *map = new_map(WIDTH, HEIGHT, (rectangle){44, 0, 2, HEIGHT});
    cost_mask masks[VGG_MAX_LAYERS];
    problem p;
    layout memory = style_masks(&p, map, 1, masks);
    for (int i = 2; i < LAYERS; i++) {
        for (int k = 0; k < masks[i].width * masks[i].height; k++)
            assert_true(masks[i].weights[k] == 1);
        assert_true(masks[i].squares == masks[i].width * masks[i].height);
    }
    layout_free(&memory);
    image_free(map);
}

/* A map comes to the size at which its style is used. */
static void maps_of_styles_have_any_size(void **state) {
    (void)state;
    const rectangle there = {0, 0, 26, HEIGHT}, larger = {0, 0, 78, 3 * HEIGHT};
    image *own = new_map(WIDTH, HEIGHT, there), *large = new_map(3 * WIDTH, 3 * HEIGHT, larger);
    cost_mask masks[2][VGG_MAX_LAYERS];
    problem p;
    layout first = style_masks(&p, own, 1, masks[0]), second = style_masks(&p, large, 1, masks[1]);
    for (int i = 0; i < LAYERS; i++) {
        const double a = masks[0][i].squares, b = masks[1][i].squares;
        assert_true(b > 0 && b <= a && (i > 0 || b >= 0.9 * a)); /* its edge is softer */
    }
    layout_free(&first);
    layout_free(&second);
    image_free(own);
    image_free(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_share_out_the_picture),
        cmocka_unit_test(nothing_has_no_masks),
        cmocka_unit_test(content_weights_are_means),
        cmocka_unit_test(masks_go_with_the_content),
        cmocka_unit_test(masks_without_white_are_refused),
        cmocka_unit_test(fields_are_what_is_seen),
        cmocka_unit_test(large_regions_of_styles_are_insides),
        cmocka_unit_test(small_regions_of_styles_are_shares),
        cmocka_unit_test(without_a_place_the_whole_style_counts),
        cmocka_unit_test(maps_of_styles_have_any_size),
    };
    return cmocka_run_group_tests(tests, open_network, close_network);
}
