/* SPDX-License-Identifier: MIT
 *
 * Sessions without a content: what they take and refuse, their sizes and seeds; tiles, whose seam
 * is like any other place; and contents that are found again from noise.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "allocations.h"
#include "recipes.h"
#include "sessions.h"

static stylize_network *network;
static image *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    style = sessions_pattern(2, 60, 48);
    inputs = (session_inputs){.networks = {network}, .style = style};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(style);
    return 0;
}

static image *paint(const char *size, const char *tile, const char *iterations, const char *seed) {
    return sessions_paint(&inputs, NULL, "texture", "yes", "size", size, "tile", tile, "iterations",
                          iterations, "seed", seed, "scales", "1", NULL);
}

/* ---- what it takes ---- */

static void expect_size(const char *size, int width, int height) {
    image *out = paint(size, "no", "0", "0");
    assert_int_equal(out->width, width);
    assert_int_equal(out->height, height);
    image_free(out);
}

/* The style's shape, or a frame; never bounded by the style's size, and 0 is that. */
static void it_may_have_any_size(void **state) {
    (void)state;
    expect_size("100", 100, 80);
    expect_size("30", 30, 24);
    expect_size("0", 60, 48);
    expect_size("33x70", 33, 70);
}

static void expect_refused(const session_inputs *from, const char *name, const char *value,
                           const char *words) {
    stylize_recipe *recipe = recipes_of("texture", "yes", "size", "32", name, value, NULL);
    sessions_expect_refused(from, recipe, STYLIZE_USAGE, words);
    stylize_recipe_free(recipe);
}

static void what_wants_a_content_is_refused(void **state) {
    (void)state;
    session_inputs with = inputs;
    image *content = sessions_pattern(1, 40, 40);
    with.content = content;
    expect_refused(&with, "tv", "0", "texture: it has no content");
    expect_refused(&inputs, "color", "content", "color: a texture has no content");
    expect_refused(&inputs, "fit", "pad", "fit: a texture has no content");
    expect_refused(&inputs, "mask", "alpha", "mask: a texture has no content");
    expect_refused(&inputs, "beta", "0", "beta: 0 leaves nothing");
    stylize_recipe *recipe = recipes_of("tile", "yes", NULL);
    sessions_expect_refused(&with, recipe, STYLIZE_USAGE, "tile: only a texture can repeat");
    sessions_expect_refused(&inputs, recipe, STYLIZE_USAGE, "tile: only a texture can repeat");
    recipes_set(recipe, "tile", "no");
    sessions_expect_refused(&inputs, recipe, STYLIZE_USAGE, "the session has no content");
    stylize_recipe_free(recipe);
    image_free(content);
}

/* Neither alpha nor the layers of a content change anything; the seed does. */
static void the_content_counts_nothing(void **state) {
    (void)state;
    image *out = paint("32", "no", "3", "0"), *other = paint("32", "no", "3", "1");
    image *again = sessions_paint(&inputs, NULL, "texture", "yes", "size", "32", "iterations", "3",
                                  "scales", "1", "alpha", "50", "content-layers", "relu1_2", NULL);
    sessions_expect_same(out, again);
    assert_true(sessions_differ(out, other));
    image_free(out);
    image_free(other);
    image_free(again);
}

/* A style's profile is the result's: its values are of that space. Its alpha is not. */
static void properties_are_the_styles(void **state) {
    (void)state;
    error err;
    image *rich = sessions_pattern(2, 60, 48);
    session_inputs from = inputs;
    from.style = rich;
    assert_true(image_add_alpha(rich, &err));
    rich->properties.density[0] = rich->properties.density[1] = 300;
    image *out =
        sessions_paint(&from, NULL, "texture", "yes", "size", "32", "iterations", "0", NULL);
    assert_null(out->alpha);
    assert_int_equal(out->properties.density[0], 300);
    image_free(out);
    image_free(rich);
}

/* Several styles are blended, also in the colours of the noise. */
static void styles_are_blended(void **state) {
    (void)state;
    image *second = sessions_pattern(3, 50, 50);
    stylize_recipe *recipe = recipes_of("texture", "yes", "size", "40x30", "iterations", "0",
                                        "style-weights", "1,3", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    double wanted = 0, found = 0;
    assert_true(stylize_session_add_style(session, second, &err));
    assert_true(stylize_session_run(session, &err));
    image *out = stylize_session_result(session, &err);
    assert_non_null(out);
    for (int i = 0; i < 60 * 48; i++)
        wanted += 0.25 * (double)style->planes[i] / (60 * 48);
    for (int i = 0; i < 50 * 50; i++)
        wanted += 0.75 * (double)second->planes[i] / (50 * 50);
    for (int i = 0; i < 40 * 30; i++)
        found += (double)out->planes[i] / (40 * 30);
    assert_float_equal(found, wanted, 0.02);
    image_free(out);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    image_free(second);
}

/* ---- tiles ---- */

enum { WIDTH = 72, HEIGHT = 56 };

static double at(const image *self, int c, int x, int y) {
    const int row = (y + HEIGHT) % HEIGHT, column = (x + WIDTH) % WIDTH;
    return (double)self->planes[(c * HEIGHT + row) * WIDTH + column];
}

/* Mean of the differences between column (or row) k - 1 and k, and of the second differences. */
static void differences(const image *self, bool across, int k, double mean[2]) {
    const int length = across ? HEIGHT : WIDTH;
    mean[0] = mean[1] = 0;
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < length; i++) {
            double v[4];
            for (int j = 0; j < 4; j++)
                v[j] = across ? at(self, c, k - 2 + j, i) : at(self, c, i, k - 2 + j);
            mean[0] += fabs(v[2] - v[1]) / (3 * length);
            mean[1] += (fabs(v[0] - 2 * v[1] + v[2]) + fabs(v[1] - 2 * v[2] + v[3])) / (6 * length);
        }
    }
}

/* How the seam's statistic lies among those of all other columns (or rows), in their deviations. */
static double deviations_of_seam(const image *self, bool across, int statistic) {
    const int sides = across ? WIDTH : HEIGHT;
    double sum = 0, squares = 0, seam[2], mean[2];
    differences(self, across, 0, seam);
    for (int k = 3; k < sides - 2; k++) {
        differences(self, across, k, mean);
        sum += mean[statistic];
        squares += mean[statistic] * mean[statistic];
    }
    const double average = sum / (sides - 5);
    return (seam[statistic] - average) / sqrt(squares / (sides - 5) - average * average);
}

static double worst_seam(const image *self) {
    double worst = -INFINITY;
    for (int i = 0; i < 4; i++)
        worst = fmax(worst, deviations_of_seam(self, i / 2, i % 2));
    return worst;
}

/* The edges of a plain texture do not meet, those of a tile do: in one stage and in several, where
 * the picture is enlarged on the way. */
static void the_seam_is_like_the_inside(void **state) {
    (void)state;
    static const char *const scales[] = {"1", "48,72"}, *const iterations[] = {"40", "30,20"};
    for (int i = 0; i < 2; i++) {
        image *plain = sessions_paint(&inputs, NULL, "texture", "yes", "size", "72x56", "scales",
                                      scales[i], "iterations", iterations[i], NULL);
        image *tile = sessions_paint(&inputs, NULL, "texture", "yes", "size", "72x56", "scales",
                                     scales[i], "iterations", iterations[i], "tile", "yes", NULL);
        const double without = worst_seam(plain), with = worst_seam(tile);
        printf("# seam: %.2f deviations, tile %.2f\n", without, with);
        assert_true(without > 4);
        assert_true(with < 3);
        image_free(plain);
        image_free(tile);
    }
}

static int stop(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    return now->stage == 0 && now->stage_iteration == 20;
}

/* Enlarging alone keeps the seam closed. */
static void an_interrupted_tile_has_no_seam(void **state) {
    (void)state;
    session_inputs from = inputs;
    from.observer = stop;
    image *tile = sessions_paint(&from, NULL, "texture", "yes", "size", "72x56", "scales", "36,72",
                                 "iterations", "30,30", "tile", "yes", NULL);
    const double seam = worst_seam(tile);
    printf("# interrupted: %.2f\n", seam);
    assert_true(seam < 3);
    image_free(tile);
}

/* A flat style is like a flat tile: its edges, where the network sees zeros, are no part of it. */
static void edges_of_the_style_do_not_count(void **state) {
    (void)state;
    image *flat = sessions_pattern(1, 60, 48);
    for (int i = 0; i < 3 * 60 * 48; i++)
        flat->planes[i] = 0.3f;
    session_inputs from = inputs;
    stylize_event last;
    from.style = from.init = flat;
    image_free(sessions_paint(&from, &last, "texture", "yes", "size", "64x40", "scales", "1",
                              "iterations", "0", "tile", "yes", NULL));
    printf("# style cost of a flat tile: %g\n", last.style);
    assert_true(last.style < 1e-6);
    image_free(flat);
}

static void any_threads_make_the_same_tile(void **state) {
    (void)state;
    session_inputs from = inputs;
    image *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        from.threads = threads;
        image *out = sessions_paint(&from, NULL, "texture", "yes", "size", "45x33", "scales",
                                    "32,45", "iterations", "3,3", "tile", "yes", NULL);
        if (first)
            sessions_expect_same(first, out);
        image_free(first);
        first = out;
    }
    image_free(first);
}

/* Blocks that there were at the first iteration of a stage. */
static int count_blocks(void *user, stylize_session *session, const stylize_event *now) {
    size_t *blocks = user;
    (void)session;
    if (now->kind == STYLIZE_EVENT_ITERATION && now->stage_iteration == 0)
        *blocks = allocations_count();
    if (now->kind == STYLIZE_EVENT_ITERATION)
        assert_int_equal(allocations_count(), *blocks);
    return 0;
}

static void nothing_is_allocated_in_an_iteration(void **state) {
    (void)state;
    size_t blocks = 0;
    session_inputs from = inputs;
    from.observer = count_blocks;
    from.user = &blocks;
    image_free(sessions_paint(&from, NULL, "texture", "yes", "size", "45x33", "scales", "32,45",
                              "iterations", "4,4", "tile", "yes", NULL));
    assert_true(blocks > 0);
}

/* ---- reconstruction ---- */

static double distance(const image *a, const image *b) {
    const int count = 3 * a->width * a->height;
    double sum = 0;
    for (int i = 0; i < count; i++) {
        const double d = (double)a->planes[i] - (double)b->planes[i];
        sum += d * d;
    }
    return sqrt(sum / count);
}

/* From noise, with no style: the content comes back, from a deeper layer less of it; nothing of it
 * is in the start. */
static void a_content_is_found_again(void **state) {
    (void)state;
    static const char *const layers[] = {"relu1_1", "relu2_1"};
    image *content = sessions_pattern(1, 48, 48);
    session_inputs from = inputs;
    from.content = content;
    double last = 0;
    for (int i = 0; i < 2; i++) {
        image *out[2];
        for (int k = 0; k < 2; k++)
            out[k] = sessions_paint(&from, NULL, "beta", "0", "chroma-tv", "0", "init", "noise",
                                    "size", "48", "scales", "1", "iterations", k ? "200" : "0",
                                    "content-layers", layers[i], NULL);
        const double before = distance(out[0], content), after = distance(out[1], content);
        printf("# %s: %.3f, then %.3f\n", layers[i], before, after);
        assert_true(before > 0.15);
        assert_true(after < 0.4 * before && after > last);
        last = after;
        image_free(out[0]);
        image_free(out[1]);
    }
    image_free(content);
}

/* `noise` is noise whatever the content is; `random` is noise over a faint content. */
static void noise_knows_nothing_of_the_content(void **state) {
    (void)state;
    static const char *const inits[] = {"noise", "random"};
    for (int i = 0; i < 2; i++) {
        image *out[2];
        for (int k = 0; k < 2; k++) {
            session_inputs from = inputs;
            image *content = sessions_pattern(k ? 1 : 3, 48, 48);
            from.content = content;
            out[k] = sessions_paint(&from, NULL, "init", inits[i], "size", "0", "scales", "1",
                                    "iterations", "0", NULL);
            image_free(content);
        }
        assert_int_equal(sessions_differ(out[0], out[1]), i);
        image_free(out[0]);
        image_free(out[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_may_have_any_size),
        cmocka_unit_test(what_wants_a_content_is_refused),
        cmocka_unit_test(the_content_counts_nothing),
        cmocka_unit_test(properties_are_the_styles),
        cmocka_unit_test(styles_are_blended),
        cmocka_unit_test(the_seam_is_like_the_inside),
        cmocka_unit_test(an_interrupted_tile_has_no_seam),
        cmocka_unit_test(edges_of_the_style_do_not_count),
        cmocka_unit_test(any_threads_make_the_same_tile),
        cmocka_unit_test(nothing_is_allocated_in_an_iteration),
        cmocka_unit_test(a_content_is_found_again),
        cmocka_unit_test(noise_knows_nothing_of_the_content),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
