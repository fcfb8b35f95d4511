/* SPDX-License-Identifier: MIT
 *
 * Sessions that keep the content's colours: they stay, those of others do not get in, in any number
 * of stages. Sessions that recolour style or content: they do what those of recoloured pictures do.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/color.h"
#include "image/recolor.h"
#include "image/resample.h"
#include "sessions.h"

enum { WIDTH = 45, HEIGHT = 33, PIXELS = WIDTH * HEIGHT };

static stylize_network *network;
static image *content, *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, WIDTH, HEIGHT);
    style = sessions_pattern(2, 40, 52);
    inputs = (session_inputs){.networks = {network}, .content = content, .style = style};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    image_free(style);
    return 0;
}

/* Of so many stages. */
static image *paint(const session_inputs *from, const char *scales, const char *iterations,
                    stylize_event *last) {
    return sessions_paint(from, last, "beta", "300", "size", "64", "scales", scales, "iterations",
                          iterations, "color", "content", NULL);
}

static void colors_of_the_content_stay(void **state) {
    (void)state;
    static const char *const scales[] = {"1", "30,40"}, *const iterations[] = {"30", "10,10,30"};
    for (int i = 0; i < 2; i++) {
        stylize_event last, other;
        image *out = paint(&inputs, scales[i], iterations[i], &last);
        float luma[PIXELS], expected[3 * PIXELS], before[PIXELS];
        double moved = 0;
        color_luma(out, luma);
        color_luma(content, before);
        color_paint(content, luma, expected);
        for (int k = 0; k < 3 * PIXELS; k++) {
            assert_true(fabsf(out->planes[k] - expected[k]) < 1e-5f);
            moved += (double)fabsf(luma[k % PIXELS] - before[k % PIXELS]) / (3 * PIXELS);
        }
        assert_true(moved > 0.02);
        assert_true(last.best_iteration > 10);
        /* And it goes on from there where it was. */
        session_inputs from = inputs;
        from.init = out;
        image_free(paint(&from, "1", "0", &other));
        assert_true(fabs(other.best_total - last.best_total) < 1e-4 * last.best_total);
        image_free(out);
    }
}

/* No colour of style or start gets in. */
static void other_colors_do_not_matter(void **state) {
    (void)state;
    image *grey = sessions_pattern(2, 40, 52);
    const size_t pixels = (size_t)40 * 52;
    color_luma(grey, grey->planes);
    for (size_t c = 1; c < 3; c++)
        memcpy(grey->planes + c * pixels, grey->planes, pixels * sizeof(float));
    session_inputs from = inputs;
    from.style = grey;
    for (int i = 0; i < 2; i++) {
        /* What rounding makes of it grows from step to step: there are few. */
        image *a = paint(&inputs, i ? "30,40" : "1", i ? "1,1,1" : "3", NULL);
        image *b = paint(&from, i ? "30,40" : "1", i ? "1,1,1" : "3", NULL);
        for (int k = 0; k < 3 * PIXELS; k++)
            assert_true(fabsf(a->planes[k] - b->planes[k]) < 1e-3f);
        image_free(a);
        image_free(b);
    }
    image_free(grey);
}

/* ---- in part, and recoloured ---- */

static image *paint_as(const session_inputs *from, const char *color, const char *strength,
                       const char *scales, const char *iterations) {
    return sessions_paint(from, NULL, "beta", "300", "size", "0", "scales", scales, "iterations",
                          iterations, "color", color, "color-strength", strength, NULL);
}

static void no_strength_is_the_style(void **state) {
    (void)state;
    static const char *const words[] = {"content", "match", "start"};
    image *style_itself = paint_as(&inputs, "style", "1", "1", "3");
    for (int i = 0; i < 3; i++) {
        image *out = paint_as(&inputs, words[i], "0", "1", "3");
        sessions_expect_same(out, style_itself);
        image_free(out);
        out = paint_as(&inputs, words[i], "0.5", "1", "3");
        assert_memory_not_equal(out->planes, style_itself->planes, 3 * PIXELS * sizeof(float));
        image_free(out);
    }
    image_free(style_itself);
}

/* Mean absolute difference of two pictures' colours, less their luma. */
static double colors_apart(const image *a, const image *b) {
    float luma[2][PIXELS];
    double sum = 0;
    color_luma(a, luma[0]);
    color_luma(b, luma[1]);
    for (int i = 0; i < 3 * PIXELS; i++)
        sum +=
            (double)fabsf(a->planes[i] - luma[0][i % PIXELS] - b->planes[i] + luma[1][i % PIXELS]);
    return sum / (3 * PIXELS);
}

/* What was not painted is the content. The more strength, the nearer its colours, and the content's
 * colours in part go on from stage to stage. */
static void colors_stay_in_part(void **state) {
    (void)state;
    static const char *const strengths[] = {"0", "0.4", "0.7", "1"};
    for (int stages = 0; stages < 2; stages++) {
        double last = 1;
        for (int i = 0; i < 4; i++) {
            image *out = paint_as(&inputs, "content", strengths[i], stages ? "30,40" : "1",
                                  stages ? "20,10,20" : "30");
            const double apart = colors_apart(out, content);
            assert_true(apart < 0.8 * last);
            last = apart;
            image_free(out);
        }
    }
    image *plain = paint_as(&inputs, "content", "0.4", "1", "0");
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_true(fabsf(plain->planes[i] - content->planes[i]) < 1e-5f);
    image_free(plain);
}

/* A copy in the colours of another picture. */
static image *recolored(const image *from, const image *to, double share) {
    error err;
    image *self = image_resample(from, from->width, from->height, &err);
    assert_non_null(self);
    color_moments here = {0}, there = {0};
    color_moments_add(&here, self, 1);
    color_moments_add(&there, to, 1);
    const recoloring map = recoloring_between(&here, &there, share);
    recoloring_apply(&map, self);
    return self;
}

/* Of pictures that come in the sizes in which they are seen: the same as a style, or a content,
 * that was recoloured before. */
static void recoloring_is_as_if_done_before(void **state) {
    (void)state;
    image *large = sessions_pattern(2, WIDTH, WIDTH - 8);      /* the style at the result's size, */
    for (int i = 0; i < 3 * large->width * large->height; i++) /* and in colours of its own */
        large->planes[i] *= 0.9f - 0.3f * (float)(i / (large->width * large->height));
    for (int i = 0; i < 4; i++) {
        const bool match = i & 1;
        const double share = i & 2 ? 0.5 : 1;
        session_inputs plain = inputs, before = inputs;
        plain.style = before.style = large;
        image *other = match ? recolored(large, content, share) : recolored(content, large, share);
        *(match ? &before.style : &before.content) = other;
        image *a = paint_as(&plain, match ? "match" : "start", i & 2 ? "0.5" : "1", "1", "3");
        image *b = paint_as(&before, "style", "1", "1", "3");
        image *c = paint_as(&plain, "style", "1", "1", "3");
        double moved = 0;
        for (int k = 0; k < 3 * PIXELS; k++) {
            assert_true(fabsf(a->planes[k] - b->planes[k]) < 1e-3f);
            moved += (double)fabsf(a->planes[k] - c->planes[k]) / (3 * PIXELS);
        }
        assert_true(moved > 0.002);
        image_free(a);
        image_free(b);
        image_free(c);
        image_free(other);
    }
    image_free(large);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    image *first = paint(&inputs, "30,40", "4", NULL);
    for (int threads = 2; threads <= 3; threads++) {
        session_inputs more = inputs;
        more.threads = threads;
        image *again = paint(&more, "30,40", "4", NULL);
        sessions_expect_same(first, again);
        image_free(again);
    }
    image_free(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colors_of_the_content_stay),
        cmocka_unit_test(other_colors_do_not_matter),
        cmocka_unit_test(no_strength_is_the_style),
        cmocka_unit_test(colors_stay_in_part),
        cmocka_unit_test(recoloring_is_as_if_done_before),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
