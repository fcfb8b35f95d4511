/* SPDX-License-Identifier: MIT
 *
 * Sessions that keep the content's colours: they stay, those of others do not get in, in any number
 * of stages.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/color.h"
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
    return sessions_paint(from, last, "size", "64", "scales", scales, "iterations", iterations,
                          "color", "content", NULL);
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
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
