/* SPDX-License-Identifier: MIT
 *
 * The public API, of a transfer under way: its phases, the picture of each iteration and its cost,
 * and the content's colours when they are to stay.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/color.h"
#include "image/image.h"
#include "reference.h"
#include "transfer/stylize.h"

enum { WIDTH = 45, HEIGHT = 33, PIXELS = WIDTH * HEIGHT };

static stylize_network *network;
static stylize_image *content, *style;

static stylize_image *pattern(int k, int width, int height) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] =
            (float)reference_pattern(k, i % width, i / width % height, i / (width * height)) / 255;
    return self;
}

static int set_up(void **state) {
    (void)state;
    stylize_error err;
    network = stylize_network_load("weights/vgg19-slim.safetensors", &err);
    content = pattern(1, WIDTH, HEIGHT);
    style = pattern(2, 40, 52);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_image_free(content);
    stylize_image_free(style);
    return 0;
}

static stylize_params quick(stylize_color color, stylize_optimizer optimizer, int iterations) {
    stylize_params params = stylize_params_default();
    params.color = color;
    params.optimizer = optimizer;
    params.iterations = iterations;
    params.threads = 1;
    params.size = 64;
    return params;
}

static stylize_image *paint(const stylize_params *params, const stylize_image *init,
                            stylize_result *result) {
    stylize_error err;
    stylize_image *out = stylize_transfer(network, content, style, init, params, result, &err);
    if (!out)
        fail_msg("%s", err.text);
    return out;
}

/* ---- phases ---- */

typedef struct events {
    char text[64]; /* a letter for each phase, a digit for each iteration */
} events;

static void note(events *self, char letter) {
    const size_t used = strlen(self->text);
    assert_true(used + 1 < sizeof self->text);
    self->text[used] = letter;
}

static void note_phase(void *user, stylize_phase phase) {
    note(user, "rsco"[phase]);
}

static int note_iteration(void *user, const stylize_iteration *now) {
    note(user, (char)('0' + now->iteration));
    return 0;
}

static void never(void *user, stylize_phase phase) {
    (void)user;
    fail_msg("a plan tells of phase %d", (int)phase);
}

static void phases_come_in_order(void **state) {
    (void)state;
    for (int color = 0; color < 2; color++) {
        events seen = {""};
        stylize_params params = quick((stylize_color)color, STYLIZE_LBFGS, 2);
        params.phase = note_phase;
        params.user = &seen;
        stylize_image_free(paint(&params, NULL, NULL)); /* nobody asks for the iterations */
        params.progress = note_iteration;
        stylize_image_free(paint(&params, NULL, NULL));
        assert_string_equal(seen.text, "rscorsco012");
        params.phase = never;
        stylize_forecast plan;
        stylize_error err;
        assert_true(stylize_plan(network, content, style, NULL, &params, &plan, &err));
    }
}

/* ---- pictures ---- */

enum { ITERATIONS = 6 };

typedef struct album {
    float *pictures[ITERATIONS + 1]; /* copies */
    double totals[ITERATIONS + 1];
    int best;
} album;

static int keep(void *user, const stylize_iteration *now) {
    album *self = user;
    int width, height;
    const int i = now->iteration;
    stylize_image_size(now->picture, &width, &height);
    assert_int_equal(width, WIDTH);
    assert_int_equal(height, HEIGHT);
    assert_true((now->picture->alpha != NULL) == (content->alpha != NULL));
    self->pictures[i] = malloc(3 * PIXELS * sizeof(float));
    assert_non_null(self->pictures[i]);
    memcpy(self->pictures[i], now->picture->planes, 3 * PIXELS * sizeof(float));
    self->totals[i] = now->total;
    self->best = now->total < self->totals[self->best] ? i : self->best;
    return 0;
}

/* The cost of a picture as it is. */
static double total_of(const float *planes, stylize_color color) {
    error err;
    image *init = image_new(WIDTH, HEIGHT, &err);
    assert_non_null(init);
    memcpy(init->planes, planes, 3 * PIXELS * sizeof *planes);
    const stylize_params params = quick(color, STYLIZE_LBFGS, 0);
    stylize_result result;
    stylize_image_free(paint(&params, init, &result));
    stylize_image_free(init);
    return result.best_total;
}

static void each_picture_has_the_cost_told_with_it(void **state) {
    (void)state;
    for (int i = 0; i < 6; i++) {
        album kept = {.best = 0};
        stylize_params params =
            quick((stylize_color)(i / 3), (stylize_optimizer)(i % 3), ITERATIONS);
        params.progress = keep;
        params.user = &kept;
        stylize_result result;
        stylize_image *out = paint(&params, NULL, &result);
        assert_int_equal(result.best_iteration, kept.best);
        assert_memory_equal(out->planes, kept.pictures[kept.best], 3 * PIXELS * sizeof(float));
        for (int k = 0; k <= ITERATIONS; k++) {
            const double again = total_of(kept.pictures[k], params.color);
            if (!(fabs(again - kept.totals[k]) <= 1e-4 * kept.totals[k]))
                fail_msg("color %d, optimizer %d, iteration %d: %g told, %g found", i / 3, i % 3, k,
                         kept.totals[k], again);
            free(kept.pictures[k]);
        }
        stylize_image_free(out);
    }
}

/* What is shown is what would be handed back, transparency and all. */
static void pictures_are_as_transparent_as_the_result(void **state) {
    (void)state;
    stylize_image *opaque = content;
    error err;
    content = pattern(1, WIDTH, HEIGHT);
    assert_true(image_add_alpha(content, &err));
    for (int i = 0; i < PIXELS; i++) {
        content->alpha[i] = (float)(i % WIDTH) / (WIDTH - 1);
        for (int c = 0; c < 3; c++) /* over white */
            content->planes[c * PIXELS + i] +=
                (1 - content->planes[c * PIXELS + i]) * (1 - content->alpha[i]);
    }
    for (int color = 0; color < 2; color++) {
        album kept = {.best = 0};
        stylize_params params = quick((stylize_color)color, STYLIZE_LBFGS, ITERATIONS);
        params.progress = keep;
        params.user = &kept;
        stylize_image *out = paint(&params, NULL, NULL);
        assert_non_null(out->alpha);
        assert_memory_equal(out->planes, kept.pictures[kept.best], 3 * PIXELS * sizeof(float));
        for (int k = 0; k <= ITERATIONS; k++)
            free(kept.pictures[k]);
        stylize_image_free(out);
    }
    stylize_image_free(content);
    content = opaque;
}

/* ---- colours ---- */

static void colors_of_the_content_stay(void **state) {
    (void)state;
    stylize_params params = quick(STYLIZE_COLOR_CONTENT, STYLIZE_LBFGS, 30);
    stylize_result result, other;
    stylize_image *out = paint(&params, NULL, &result);
    float luma[PIXELS], expected[3 * PIXELS], before[PIXELS];
    double moved = 0;
    color_luma(out, luma);
    color_luma(content, before);
    color_paint(content, luma, expected);
    for (int i = 0; i < 3 * PIXELS; i++) {
        assert_true(fabsf(out->planes[i] - expected[i]) < 1e-5f);
        moved += (double)fabsf(luma[i % PIXELS] - before[i % PIXELS]) / (3 * PIXELS);
    }
    assert_true(moved > 0.02);
    assert_true(result.best_iteration > 10);
    /* And it goes on from there where it was. */
    params.iterations = 0;
    stylize_image_free(paint(&params, out, &other));
    assert_true(fabs(other.best_total - result.best_total) < 1e-4 * result.best_total);
    stylize_image_free(out);
}

/* No colour of style or start gets in. */
static void other_colors_do_not_matter(void **state) {
    (void)state;
    const stylize_params params = quick(STYLIZE_COLOR_CONTENT, STYLIZE_LBFGS, 3);
    stylize_image *colored = style, *grey = pattern(2, 40, 52);
    const size_t pixels = (size_t)40 * 52;
    color_luma(grey, grey->planes);
    for (size_t c = 1; c < 3; c++)
        memcpy(grey->planes + c * pixels, grey->planes, pixels * sizeof(float));
    stylize_image *a = paint(&params, NULL, NULL);
    style = grey;
    stylize_image *b = paint(&params, NULL, NULL);
    style = colored;
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_true(fabsf(a->planes[i] - b->planes[i]) < 1e-3f);
    stylize_image_free(a);
    stylize_image_free(b);
    stylize_image_free(grey);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    stylize_params params = quick(STYLIZE_COLOR_CONTENT, STYLIZE_LBFGS, 4);
    stylize_image *first = paint(&params, NULL, NULL);
    for (params.threads = 2; params.threads <= 3; params.threads++) {
        stylize_image *again = paint(&params, NULL, NULL);
        assert_memory_equal(first->planes, again->planes, 3 * PIXELS * sizeof(float));
        stylize_image_free(again);
    }
    stylize_image_free(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_come_in_order),
        cmocka_unit_test(each_picture_has_the_cost_told_with_it),
        cmocka_unit_test(pictures_are_as_transparent_as_the_result),
        cmocka_unit_test(colors_of_the_content_stay),
        cmocka_unit_test(other_colors_do_not_matter),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
