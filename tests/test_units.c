/* SPDX-License-Identifier: MIT
 *
 * Where units are excited most: against a naive search through the reference's activations, with
 * fields found by hand, in pictures of all kinds of sizes; ties; strips and threads; refusals.
 */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "network_files.h"
#include "recipes.h"
#include "tensors.h"
#include "transfer/stylize.h"

enum { CONVS = 5, PICTURES = 4, PLACES = 9 };

/* The last two are too small for the deepest field: one along a side, one along both. */
static const int sizes[PICTURES][2] = {{57, 44}, {40, 61}, {33, 15}, {13, 17}};

typedef struct setup {
    vgg *network;
    reference_vgg net;
    reference_image images[PICTURES];
    stylize_image *pictures[PICTURES];
} setup;

/* Pictures of noise: none of their activations are equal. */
static void open_setup(setup *self, const kernel_set *kernels) {
    const network_file file = network_file_narrow(CONVS);
    stylize_error err;
    self->network = network_file_load(&file, kernels, &self->net);
    for (int k = 0; k < PICTURES; k++) {
        const int width = sizes[k][0], height = sizes[k][1], area = width * height;
        double *values = random_values(3 * area);
        float *pixels = calloc((size_t)(3 * area), sizeof *pixels);
        assert_non_null(pixels);
        for (int i = 0; i < 3 * area; i++) {
            values[i] = values[i] / 2 + .5;
            pixels[i % area * 3 + i / area] = (float)values[i];
        }
        self->images[k] = (reference_image){width, height, values};
        self->pictures[k] = stylize_image_from_pixels(
            pixels, width, height, (size_t)width * 3 * sizeof *pixels, 3, STYLIZE_FLOAT, &err);
        assert_non_null(self->pictures[k]);
        for (int i = 0; i < 3 * area; i++)
            values[i] = (double)pixels[i % area * 3 + i / area];
        free(pixels);
    }
}

static void close_setup(setup *self) {
    for (int k = 0; k < PICTURES; k++) {
        free(self->images[k].pixels);
        stylize_image_free(self->pictures[k]);
    }
    reference_vgg_clear(&self->net);
    vgg_free(self->network);
}

static stylize_units *new_units(const stylize_network *network, const char *layer, bool average) {
    stylize_recipe *recipe = recipes_of("pool", average ? "avg" : "max", NULL);
    stylize_error err;
    stylize_units *self = stylize_units_new(recipe, network, layer, PLACES, &err);
    if (!self)
        fail_msg("%s", err.text);
    stylize_recipe_free(recipe);
    stylize_units_set_threads(self, 1);
    return self;
}

static void add(stylize_units *self, int unit) {
    stylize_error err;
    if (!stylize_units_add(self, unit, &err))
        fail_msg("%s", err.text);
}

static void add_all(stylize_units *self) {
    int units, side;
    stylize_units_size(self, &units, &side);
    for (int i = 0; i < units; i++)
        add(self, units - 1 - i); /* not in the order of channels */
}

static void show(stylize_units *self, const stylize_image *picture) {
    stylize_error err;
    if (!stylize_units_show(self, picture, &err))
        fail_msg("%s", err.text);
}

/* ---- the naive search ---- */

/* A layer's field, found by hand. */
typedef struct field {
    const char *layer;
    int size, step, start;
} field;

static const field fields[] = {
    {"conv1_1", 3, 1, -1}, {"relu1_1", 3, 1, -1},   {"relu1_2", 5, 1, -2},
    {"pool1", 6, 2, -2},   {"relu2_1", 10, 2, -4},  {"relu2_2", 14, 2, -6},
    {"pool2", 16, 4, -6},  {"conv3_1", 24, 4, -10}, {"relu3_1", 24, 4, -10},
};

/* Whether units along a side of so many see pixels of it alone; none is asked to where none can. */
static bool counts(const field *f, int unit, int units, int side) {
    bool any = false;
    for (int i = 0; i < units; i++)
        any = any || (f->start + i * f->step >= 0 && f->start + i * f->step + f->size <= side);
    const int from = f->start + unit * f->step;
    return !any || (from >= 0 && from + f->size <= side);
}

/* All places of a unit in all pictures, in the order of pictures, rows and pixels. */
static int list(const setup *self, const reference_run *runs, const field *f, int channel,
                stylize_place *places) {
    int count = 0;
    for (int k = 0; k < PICTURES; k++) {
        const reference_layer *layer = reference_run_find(&runs[k], f->layer);
        for (int i = 0; i < layer->h * layer->w; i++) {
            const int x = i % layer->w, y = i / layer->w;
            const double value = layer->values[channel * layer->h * layer->w + i];
            if (value > 0 && counts(f, x, layer->w, self->images[k].width) &&
                counts(f, y, layer->h, self->images[k].height))
                places[count++] = (stylize_place){.picture = k,
                                                  .x = f->start + x * f->step,
                                                  .y = f->start + y * f->step,
                                                  .value = value};
        }
    }
    return count;
}

/* Takes the best of all places that are left, drops those that share a pixel with it, and so on. */
static int choose(stylize_place *all, int count, int side, stylize_place best[PLACES]) {
    int found = 0;
    while (found < PLACES) {
        const stylize_place *most = NULL;
        for (int i = 0; i < count; i++) {
            if (all[i].value > 0 && (!most || all[i].value > most->value))
                most = &all[i];
        }
        if (!most)
            return found;
        const stylize_place taken = best[found++] = *most;
        for (int i = 0; i < count; i++) {
            if (all[i].picture == taken.picture && abs(all[i].x - taken.x) < side &&
                abs(all[i].y - taken.y) < side)
                all[i].value = 0;
        }
    }
    return found;
}

/* Whether places found are those of the reference. */
static void expect_places(const stylize_units *units, int index, const char *layer,
                          const stylize_place *expected, int count) {
    for (int i = 0; i < count; i++) {
        const stylize_place *place = stylize_units_place(units, index, i);
        if (!place)
            fail_msg("%s: number %d has %d places, expected %d", layer, index, i, count);
        if (place->picture != expected[i].picture || place->x != expected[i].x ||
            place->y != expected[i].y ||
            !(fabs(place->value - expected[i].value) <= 1e-5)) /* activations are about 1 */
            fail_msg("%s: number %d, place %d: %g at %d,%d of %d, expected %g at %d,%d of %d",
                     layer, index, i, place->value, place->x, place->y, place->picture,
                     expected[i].value, expected[i].x, expected[i].y, expected[i].picture);
    }
    assert_null(stylize_units_place(units, index, count));
}

static void finds_what_a_naive_search_finds(bool average) {
    setup self;
    open_setup(&self, kernels_best());
    reference_run runs[PICTURES];
    for (int k = 0; k < PICTURES; k++)
        reference_run_init(&runs[k], &self.net, average ? REFERENCE_AVERAGE : REFERENCE_MAX,
                           &self.images[k]);
    stylize_place *all = calloc(PICTURES * 61 * 61, sizeof *all), best[PLACES];
    assert_non_null(all);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        stylize_units *units = new_units(self.network, fields[i].layer, average);
        int channels, side;
        stylize_units_size(units, &channels, &side);
        assert_int_equal(side, fields[i].size);
        add_all(units);
        for (int k = 0; k < PICTURES; k++)
            show(units, self.pictures[k]);
        for (int c = 0; c < channels; c++) {
            const int count = list(&self, runs, &fields[i], c, all);
            expect_places(units, channels - 1 - c, fields[i].layer, best,
                          choose(all, count, fields[i].size, best));
        }
        stylize_units_free(units);
    }
    free(all);
    for (int k = 0; k < PICTURES; k++)
        reference_run_clear(&runs[k]);
    close_setup(&self);
}

static void finds_with_maxima(void **state) {
    (void)state;
    finds_what_a_naive_search_finds(false);
}

static void finds_with_averages(void **state) {
    (void)state;
    finds_what_a_naive_search_finds(true);
}

/* ---- other ways to the same ---- */

static void expect_same(const stylize_units *a, const stylize_units *b) {
    int units, side;
    stylize_units_size(a, &units, &side);
    for (int i = 0; i < units; i++) {
        for (int n = 0; n < PLACES; n++) {
            const stylize_place *x = stylize_units_place(a, i, n),
                                *y = stylize_units_place(b, i, n);
            assert_true(!x == !y);
            if (x)
                assert_true(x->picture == y->picture && x->x == y->x && x->y == y->y &&
                            x->value == y->value);
        }
    }
}

static stylize_units *look(const setup *self, const char *layer, int threads) {
    stylize_units *units = new_units(self->network, layer, false);
    stylize_units_set_threads(units, threads);
    add_all(units);
    for (int k = 0; k < PICTURES; k++)
        show(units, self->pictures[k]);
    return units;
}

static void threads_and_strips_change_nothing(void **state) {
    (void)state;
    static const char *const layers[] = {"conv1_1", "relu1_1", "relu1_2", "pool1",
                                         "relu2_1", "pool2",   "relu3_1"};
    setup self;
    open_setup(&self, kernels_best());
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        self.network->strip_rows = VGG_STRIPS_NEVER;
        stylize_units *whole = look(&self, layers[i], 1);
        self.network->strip_rows = 8;
        stylize_units *strips = look(&self, layers[i], 3);
        expect_same(whole, strips);
        stylize_units_free(whole);
        stylize_units_free(strips);
    }
    close_setup(&self);
}

/* Its best values are about those of fp32. */
static void finds_in_bf16(void **state) {
    (void)state;
    setup fp32, bf16;
    open_setup(&fp32, kernels_best());
    open_setup(&bf16, kernels_best_of(PRECISION_BF16));
    vgg *const network = fp32.network;
    stylize_units *expected = look(&fp32, "relu3_1", 2);
    fp32.network = bf16.network; /* with the same pictures */
    stylize_units *found = look(&fp32, "relu3_1", 2);
    fp32.network = network;
    int units, side;
    stylize_units_size(found, &units, &side);
    for (int i = 0; i < units; i++) {
        const stylize_place *a = stylize_units_place(found, i, 0);
        const stylize_place *b = stylize_units_place(expected, i, 0);
        assert_true(!a == !b);
        if (a && !(fabs(a->value - b->value) < .05 * b->value + .01))
            fail_msg("number %d: %g, in fp32 %g", i, a->value, b->value);
    }
    stylize_units_free(found);
    stylize_units_free(expected);
    close_setup(&fp32);
    close_setup(&bf16);
}

/* ---- ties ---- */

static stylize_image *flat(int width, int height, unsigned char value) {
    unsigned char *pixels = malloc((size_t)(width * height) * 3);
    stylize_error err;
    assert_non_null(pixels);
    memset(pixels, value, (size_t)(width * height) * 3);
    stylize_image *self =
        stylize_image_from_pixels(pixels, width, height, (size_t)width * 3, 3, STYLIZE_U8, &err);
    assert_non_null(self);
    free(pixels);
    return self;
}

/* Places of a flat picture are equal: they come row by row, and those of a further one behind them.
 * What no picture excites has none. */
static void equals_come_in_order(void **state) {
    (void)state;
    static const stylize_place expected[PLACES] = {{0, 0, 0, 0}, {0, 3, 0, 0}, {0, 6, 0, 0},
                                                   {0, 0, 3, 0}, {0, 3, 3, 0}, {0, 6, 3, 0},
                                                   {1, 0, 0, 0}, {1, 3, 0, 0}, {1, 6, 0, 0}};
    setup self;
    open_setup(&self, kernels_best());
    stylize_units *units = new_units(self.network, "relu1_1", false);
    stylize_image *picture = flat(9, 7, 200);
    int channels, side, excited = 0;
    stylize_units_size(units, &channels, &side);
    add_all(units);
    for (int i = 0; i < 3; i++)
        show(units, picture);
    for (int c = 0; c < channels; c++) {
        excited += stylize_units_place(units, c, 0) != NULL;
        for (int i = 0; i < PLACES && stylize_units_place(units, c, 0); i++) {
            const stylize_place *place = stylize_units_place(units, c, i);
            assert_non_null(place);
            assert_int_equal(place->picture, expected[i].picture);
            assert_int_equal(place->x, expected[i].x);
            assert_int_equal(place->y, expected[i].y);
        }
    }
    assert_in_range(excited, 1, channels - 1);
    stylize_image_free(picture);
    stylize_units_free(units);
    close_setup(&self);
}

/* ---- refusals ---- */

static void expect_refused(bool ok, const stylize_error *err, stylize_status status,
                           const char *words) {
    assert_false(ok);
    assert_int_equal(err->status, status);
    if (!strstr(err->text, words))
        fail_msg("'%s' lacks '%s'", err->text, words);
}

static void refuses_what_cannot_be(void **state) {
    (void)state;
    setup self;
    open_setup(&self, kernels_best());
    stylize_recipe *recipe = recipes_new();
    stylize_image *small = flat(3, 3, 99);
    stylize_error err;
    expect_refused(stylize_units_new(recipe, self.network, "relu4_1", 9, &err), &err,
                   STYLIZE_FAILURE, "the weights have no layer relu4_1: their deepest is relu3_1");
    expect_refused(stylize_units_new(recipe, self.network, "relu1_1", 0, &err), &err, STYLIZE_USAGE,
                   "0 places are too few");
    expect_refused(stylize_units_new(recipe, self.network, NULL, 9, &err), &err, STYLIZE_USAGE,
                   "layer may not be NULL");
    expect_refused(stylize_units_new(recipe, NULL, "relu1_1", 9, &err), &err, STYLIZE_USAGE,
                   "network may not be NULL");
    stylize_units *units = new_units(self.network, "relu3_1", false);
    expect_refused(stylize_units_add(units, 12, &err), &err, STYLIZE_USAGE,
                   "relu3_1 has no unit 12: it has 12");
    expect_refused(stylize_units_add(units, -1, &err), &err, STYLIZE_USAGE, "no unit -1");
    add(units, 11);
    expect_refused(stylize_units_show(units, small, &err), &err, STYLIZE_FAILURE,
                   "a picture of 3x3 is too small for relu3_1");
    expect_refused(stylize_units_show(units, NULL, &err), &err, STYLIZE_USAGE, "may not be NULL");
    show(units, self.pictures[0]);
    expect_refused(stylize_units_add(units, 0, &err), &err, STYLIZE_USAGE, "already");
    assert_null(stylize_units_place(units, 1, 0));
    assert_null(stylize_units_place(units, -1, 0));
    assert_null(stylize_units_place(units, 0, -1));
    stylize_units_free(units);
    stylize_units_free(NULL);
    stylize_image_free(small);
    stylize_recipe_free(recipe);
    close_setup(&self);
}

/* ---- threads ---- */

static int threads_of_the_process(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = -2; /* . and .. */
    if (!tasks)
        return -1;
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count;
}

/* More than it would take by itself; they stay for the next work. */
static void takes_the_threads_it_is_given(void **state) {
    (void)state;
    const int wanted = stylize_thread_count(0) + 2;
    if (stylize_thread_count(wanted) != wanted || threads_of_the_process() < 1)
        skip(); /* a build without threads, a system that does not tell */
    setup self;
    open_setup(&self, kernels_best());
    stylize_units *units = new_units(self.network, "relu1_1", false);
    add(units, 0);
    stylize_units_set_threads(units, wanted);
    show(units, self.pictures[0]);
    assert_true(threads_of_the_process() >= wanted);
    stylize_units_free(units);
    close_setup(&self);
}

/* ---- pictures of another size ---- */

static void pictures_are_resized(void **state) {
    (void)state;
    static const unsigned char pixels[2][4] = {{100, 50, 200, 255}, {100, 50, 200, 0}};
    stylize_error err;
    unsigned char out[4];
    int width, height;
    stylize_image *picture = stylize_image_from_pixels(pixels, 1, 2, 4, 4, STYLIZE_U8, &err);
    assert_non_null(picture);
    stylize_image *wide = stylize_image_resize(picture, 1, 1, &err);
    assert_non_null(wide);
    stylize_image_size(wide, &width, &height);
    assert_true(width == 1 && height == 1 && stylize_image_has_alpha(wide));
    assert_true(stylize_image_to_pixels(wide, out, 4, 4, STYLIZE_U8, &err));
    assert_in_range(out[3], 126, 129);
    assert_in_range(out[0], 98, 102);
    assert_null(stylize_image_resize(picture, 0, 1, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_null(stylize_image_resize(NULL, 1, 1, &err));
    stylize_image_free(wide);
    stylize_image_free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_with_maxima),    cmocka_unit_test(finds_with_averages),
        cmocka_unit_test(finds_in_bf16),        cmocka_unit_test(threads_and_strips_change_nothing),
        cmocka_unit_test(equals_come_in_order), cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(pictures_are_resized), cmocka_unit_test(takes_the_threads_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
