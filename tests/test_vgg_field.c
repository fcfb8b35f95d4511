/* SPDX-License-Identifier: MIT
 *
 * Receptive fields: sizes as published, and against which pixels move which units of the reference;
 * and which fields lie inside of a side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "network/vgg.h"
#include "network_files.h"
#include "reference.h"

enum { WIDTH = 64, HEIGHT = 16, CONVS = 6 };

static vgg *load(int arch, int convs, reference_vgg *reference) {
    const network_file file = {.arch = arch, .convs = convs, .widths = {3, 4, 5, 4, 3}};
    return network_file_load(&file, kernels_best(), reference);
}

static vgg_field field_of(const vgg *network, const char *layer) {
    error err;
    const int index = vgg_layer_find(network, layer, &err);
    assert_true(index >= 0);
    return vgg_receptive_field(network, index);
}

static void sizes_are_those_known(void **state) {
    (void)state;
    static const struct {
        int arch;
        const char *layer;
        int size, step;
    } cases[] = {
        {16, "conv1_1", 3, 1},    {16, "relu1_2", 5, 1},    {16, "pool1", 6, 2},
        {16, "relu2_1", 10, 2},   {16, "relu2_2", 14, 2},   {16, "pool2", 16, 4},
        {16, "relu3_1", 24, 4},   {16, "conv3_3", 40, 4},   {16, "pool3", 44, 8},
        {16, "relu4_1", 60, 8},   {16, "relu4_3", 92, 8},   {16, "pool4", 100, 16},
        {16, "relu5_1", 132, 16}, {16, "pool5", 212, 32},   {19, "relu3_4", 48, 4},
        {19, "relu4_1", 68, 8},   {19, "relu5_1", 156, 16}, {19, "pool5", 268, 32},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vgg *network = load(cases[i].arch, cases[i].arch - 3, NULL);
        const vgg_field field = field_of(network, cases[i].layer);
        assert_int_equal(field.size, cases[i].size);
        assert_int_equal(field.step, cases[i].step);
        vgg_free(network);
    }
}

/* ---- against the reference ---- */

/* Marks in seen[pixel of the field] those at which a change of column (or, `turned`, row) `at`
 * moves units of the layer. */
static void mark(const reference_layer *before, const reference_layer *after, bool turned,
                 vgg_field field, int at, bool *seen) {
    for (int i = 0; i < before->c * before->h * before->w; i++) {
        const int unit = turned ? i / before->w % before->h : i % before->w;
        const int pixel = at - field.first - unit * field.step;
        if (before->values[i] == after->values[i])
            continue;
        if (pixel < 0 || pixel >= field.size)
            fail_msg("%s: pixel %d moves unit %d", before->name, at, unit);
        seen[pixel] = true;
    }
}

/* Units move with the pixels of their fields, each of them, and with no others. */
static void pixels_move_units_that_see_them(bool turned) {
    const char *const layers[] = {"relu1_1", "relu1_2", "pool1",   "relu2_1",
                                  "relu2_2", "pool2",   "relu3_1", "relu3_2"};
    enum { LAYERS = sizeof layers / sizeof *layers };
    bool seen[LAYERS][WIDTH] = {{false}};
    const int width = turned ? HEIGHT : WIDTH, height = turned ? WIDTH : HEIGHT;
    reference_vgg net;
    vgg *network = load(19, CONVS, &net);
    reference_image image = reference_pattern_image(1, width, height);
    double *const pixels = image.pixels, *changed = calloc(3 * WIDTH * HEIGHT, sizeof *changed);
    reference_run before, after;
    assert_non_null(changed);
    reference_run_init(&before, &net, REFERENCE_AVERAGE, &image);
    for (int at = 0; at < WIDTH; at++) {
        for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
            changed[i] = pixels[i] + ((turned ? i / width % height : i % width) == at ? .25 : 0);
        image.pixels = changed;
        reference_run_init(&after, &net, REFERENCE_AVERAGE, &image);
        for (int i = 0; i < LAYERS; i++)
            mark(reference_run_find(&before, layers[i]), reference_run_find(&after, layers[i]),
                 turned, field_of(network, layers[i]), at, seen[i]);
        reference_run_clear(&after);
    }
    for (int i = 0; i < LAYERS; i++) {
        for (int pixel = 0; pixel < field_of(network, layers[i]).size; pixel++) {
            if (!seen[i][pixel])
                fail_msg("%s: pixel %d of the field moves no unit", layers[i], pixel);
        }
    }
    reference_run_clear(&before);
    reference_vgg_clear(&net);
    free(pixels);
    free(changed);
    vgg_free(network);
}

static void columns_move_units(void **state) {
    (void)state;
    pixels_move_units_that_see_them(false);
}

static void rows_move_units(void **state) {
    (void)state;
    pixels_move_units_that_see_them(true);
}

/* ---- inside ---- */

static void inside_is_what_fits(void **state) {
    (void)state;
    vgg *network = load(19, CONVS, NULL);
    for (int layer = 0; layer < network->layer_count; layer++) {
        const vgg_field field = vgg_receptive_field(network, layer);
        for (int side = 4; side < 2 * field.size + 9; side++) {
            const int units = vgg_layer_side(network, layer, side);
            int first, end, count = 0;
            vgg_units_inside(network, layer, side, &first, &end);
            for (int i = 0; i < units; i++) {
                const int from = field.first + i * field.step;
                const bool fits = from >= 0 && from + field.size <= side;
                count += fits;
                if (fits && (i < first || i >= end))
                    fail_msg("%s, side %d: unit %d is left out", network->layers[layer].name, side,
                             i);
            }
            assert_int_equal(end - first, count ? count : units);
        }
    }
    vgg_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_known),
        cmocka_unit_test(columns_move_units),
        cmocka_unit_test(rows_move_units),
        cmocka_unit_test(inside_is_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
