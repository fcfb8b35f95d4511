/* SPDX-License-Identifier: MIT
 *
 * The sheet of `stylize layers`: above it shows the picture as layers know it, the first ones best;
 * below textures with its colours, which are not the picture.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/layers.h"
#include "image/image.h"
#include "planes.h"
#include "recipes.h"
#include "sessions.h"

enum { WIDTH = 44, HEIGHT = 36, COLUMNS = 5, GAP = 6, MARGIN = 12 };
enum { CONTENT, TEXTURE }; /* rows */

/* Runs the command on a picture. */
static image *show(const image *picture, const char *iterations) {
    char folder[] = "/tmp/stylize-test-layers-XXXXXX", in[60], out[60];
    assert_non_null(mkdtemp(folder));
    snprintf(in, sizeof in, "%s/in.png", folder);
    snprintf(out, sizeof out, "%s/out.png", folder);
    const char *argv[] = {
        "stylize", "layers",      "-q", "-j",          "1",    "-w", SESSIONS_BUNDLED, "--tv",
        "0",       "--chroma-tv", "0",  "--precision", "fp32", "-n", iterations,       in,
        out};
    const int argc = sizeof argv / sizeof *argv;
    options opts;
    stylize_error err;
    assert_true(stylize_image_write(picture, in, 16, 0, &err));
    assert_true(options_init(&opts, &err));
    if (!options_parse(&opts, argc, (char **)(uintptr_t)argv, &err))
        fail_msg("%s", err.text);
    assert_int_equal(layers_show(&opts), 0);
    options_clear(&opts);
    image *sheet = stylize_image_read(out, 1 << 20, &err);
    assert_non_null(with_planes(sheet));
    assert_true(unlink(in) == 0 && unlink(out) == 0 && rmdir(folder) == 0);
    return sheet;
}

static double value_at(const image *sheet, int column, int row, int channel, int x, int y) {
    const int left = MARGIN + column * (WIDTH + GAP), top = MARGIN + row * (HEIGHT + GAP);
    return (double)
        sheet->planes[((ptrdiff_t)channel * sheet->height + top + y) * sheet->width + left + x];
}

/* What a cell is off the picture, root mean square. */
static double distance(const image *sheet, const image *picture, int column, int row) {
    double sum = 0;
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const double off =
            value_at(sheet, column, row, i / (WIDTH * HEIGHT), i % WIDTH, i / WIDTH % HEIGHT) -
            (double)picture->planes[i];
        sum += off * off;
    }
    return sqrt(sum / (3 * WIDTH * HEIGHT));
}

/* How far the mean colour of a cell is off that of the picture. */
static double color_distance(const image *sheet, const image *picture, int column, int row) {
    double sum = 0;
    for (int c = 0; c < 3; c++) {
        double off = 0;
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            off += value_at(sheet, column, row, c, i % WIDTH, i / WIDTH) -
                   (double)picture->planes[c * WIDTH * HEIGHT + i];
        sum += fabs(off / (WIDTH * HEIGHT)) / 3;
    }
    return sum;
}

static void shows_what_layers_know(void **state) {
    (void)state;
    image *picture = sessions_pattern(1, WIDTH, HEIGHT);
    image *sheet = show(picture, "40");
    assert_int_equal(sheet->width, 2 * MARGIN + COLUMNS * WIDTH + (COLUMNS - 1) * GAP);
    assert_int_equal(sheet->height, 2 * MARGIN + 2 * HEIGHT + GAP);
    assert_true(distance(sheet, picture, 0, CONTENT) < .04);
    for (int column = 0; column < COLUMNS; column++) {
        const double before = column ? distance(sheet, picture, column - 1, CONTENT) : 0;
        if (!(distance(sheet, picture, column, CONTENT) > before))
            fail_msg("content in column %d: off by %g, before %g", column,
                     distance(sheet, picture, column, CONTENT), before);
        if (!(distance(sheet, picture, column, TEXTURE) > .1))
            fail_msg("texture in column %d: off the picture by %g only", column,
                     distance(sheet, picture, column, TEXTURE));
        if (!(color_distance(sheet, picture, column, TEXTURE) < .02))
            fail_msg("texture in column %d: its colour is off by %g", column,
                     color_distance(sheet, picture, column, TEXTURE));
    }
    image_free(sheet);
    image_free(picture);
}

/* ---- recipes ---- */

/* The start, which is there after no steps. */
static image *start_of(const image *picture) {
    error err;
    image *sheet = show(picture, "0"), *start = image_new(WIDTH, HEIGHT, &err);
    assert_non_null(start);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        start->planes[i] =
            (float)value_at(sheet, 4, TEXTURE, i / (WIDTH * HEIGHT), i % WIDTH, i / WIDTH % HEIGHT);
    assert_true(distance(sheet, start, 0, CONTENT) == 0);
    image_free(sheet);
    return start;
}

/* A cell is what a session of its own makes. */
static void expect_painted(const image *sheet, const image *picture, const image *start, int column,
                           int row, const stylize_recipe *recipe) {
    stylize_network *network = sessions_network(SESSIONS_BUNDLED);
    const session_inputs inputs = {
        .content = picture, .style = picture, .init = start, .networks = {network}};
    image *expected = sessions_run(&inputs, recipe, NULL);
    double most = 0;
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        most = fmax(most, fabs(value_at(sheet, column, row, i / (WIDTH * HEIGHT), i % WIDTH,
                                        i / WIDTH % HEIGHT) -
                               (double)expected->planes[i]));
    if (!(most < .51 / 255))
        fail_msg("column %d, row %d: off by %g", column, row, most);
    image_free(expected);
    stylize_network_free(network);
}

static void layers_up_to_its_column_make_a_texture(void **state) {
    (void)state;
    image *picture = sessions_pattern(1, WIDTH, HEIGHT);
    image *sheet = show(picture, "40"), *start = start_of(picture);
    stylize_recipe *recipe =
        recipes_of("iterations", "40", "tv", "0", "chroma-tv", "0", "beta", "0", "content-layers",
                   "relu3_1", "style-layers", "relu1_1", NULL);
    expect_painted(sheet, picture, start, 2, CONTENT, recipe);
    recipes_set(recipe, "alpha", "0");
    recipes_set(recipe, "beta", "300");
    recipes_set(recipe, "style-layers", "relu1_1");
    expect_painted(sheet, picture, start, 0, TEXTURE, recipe);
    recipes_set(recipe, "style-layers", "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1");
    expect_painted(sheet, picture, start, 4, TEXTURE, recipe);
    stylize_recipe_free(recipe);
    image_free(start);
    image_free(sheet);
    image_free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_layers_know),
        cmocka_unit_test(layers_up_to_its_column_make_a_texture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
