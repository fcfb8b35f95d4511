/* SPDX-License-Identifier: MIT
 *
 * Sessions with masks: masks and weights of the content that change nothing, the part of the
 * content that stays, and the same bits for any number of threads.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "image/resample.h"
#include "maps.h"
#include "recipes.h"
#include "sessions.h"

enum { WIDTH = 64, HEIGHT = 48, STYLES = 2 };

static stylize_network *network;
static image *content, *styles[STYLES], *white, *grey;

/* A session of this content with this network. */
#define HERE .content = content, .networks = {network}

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, WIDTH, HEIGHT);
    for (int i = 0; i < STYLES; i++)
        styles[i] = sessions_pattern(2 + i, 40 + 8 * i, 52);
    white = map_new(WIDTH, HEIGHT, (const int[]){255, 255, 255});
    grey = map_new(WIDTH, HEIGHT, (const int[]){102, 102, 102});
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    for (int i = 0; i < STYLES; i++)
        image_free(styles[i]);
    image_free(white);
    image_free(grey);
    return 0;
}

#define TWO_STAGES "scales", "32,64", "iterations", "3,4"

/* ---- a mask ---- */

/* Masks of ones change no sum, and with the rest a region of nothing. Without it the picture is
 * content + 1 * (variable - content), which is rounded once more than the variable. */
static void a_white_mask_is_none(void **state) {
    (void)state;
    session_start plain, masked;
    image *a = sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}}, &plain,
                                  recipes_of(TWO_STAGES, "init", "random", NULL));
    image *b =
        sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}, .masks = {white}}, NULL,
                           recipes_of(TWO_STAGES, "init", "random", "mask-rest", "yes", NULL));
    image *c = sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}, .masks = {white}},
                                  &masked, recipes_of(TWO_STAGES, "init", "random", NULL));
    sessions_expect_same(a, b);
    sessions_expect_close(masked.event.total, plain.event.total, 1e-4);
    assert_true(sessions_greatest_difference(a, c) < 1e-2);
    image_free(a);
    image_free(b);
    image_free(c);
}

/* What a session should leave as it is: columns [0, WIDTH / 2 - 8) of the content, at any size. */
static void expect_left(const image *found, const image *wanted, double near, const char *what) {
    const int n = found->width * found->height, end = found->width / 2 - 8;
    for (int i = 0; i < 3 * n; i++) {
        const double off = fabs((double)found->planes[i] - (double)wanted->planes[i]);
        if (i % found->width < end && !(off <= near))
            fail_msg("%s: value %d at width %d is %g off", what, i, found->width, off);
    }
}

typedef struct watch {
    const image *content;
    double near;
    int pictures;
} watch;

/* The picture of each iteration at the size of its stage. */
static int look(void *user, stylize_session *session, const stylize_event *event) {
    watch *self = user;
    error err;
    if (event->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    const image *shown = stylize_session_picture(session);
    image *wanted = image_resample(self->content, shown->width, shown->height, &err);
    assert_non_null(wanted);
    if (!self->content->alpha) /* whose colours are not those of the resized planes */
        expect_left(shown, wanted, self->near, "iteration");
    self->pictures++;
    image_free(wanted);
    return 0;
}

/* In all colour modes, from any start, with and without transparency; bits where nothing is
 * computed of it. */
static void what_no_mask_covers_stays(void **state) {
    (void)state;
    image *mask = map_new_ramp(WIDTH, HEIGHT, WIDTH / 2 - 1, 1),
          *faded = sessions_pattern(1, WIDTH, HEIGHT);
    image *init = sessions_pattern(4, WIDTH, HEIGHT);
    sessions_fade(faded);
    for (int k = 0; k < 8; k++) {
        const image *from = k & 2 ? faded : content;
        watch seen = {from, k & 1 ? 1e-6 : 0, 0};
        const session_inputs in = {.content = from,
                                   .networks = {network},
                                   .styles = {styles[0]},
                                   .masks = {mask},
                                   .init = k & 4 ? init : NULL,
                                   .observer = look,
                                   .user = &seen};
        image *out =
            sessions_run_start(&in, NULL,
                               recipes_of("size", "64", "scales", "32,48,64", "iterations", "2,2,3",
                                          "color", k & 1 ? "content" : "style", NULL));
        expect_left(out, from, k & 3 ? 1e-6 : 0, "result");
        assert_int_equal(seen.pictures, 2 + 2 + 3 + 3);
        assert_true(sessions_greatest_difference(out, from) > 0.05);
        assert_int_equal(!out->alpha, !from->alpha);
        image_free(out);
    }
    image_free(mask);
    image_free(faded);
    image_free(init);
}

/* ---- threads, weights of the content ---- */

static void threads_change_no_bit(void **state) {
    (void)state;
    image *mask = map_new_ramp(WIDTH, HEIGHT, 11, 9), *other = map_new_ramp(WIDTH, HEIGHT, 39, 1),
          *map = map_new_halves(WIDTH, HEIGHT, 40);
    image *style_map = map_new_halves(48, 36, 11), *square = sessions_pattern(3, 48, 36);
    const session_inputs kinds[] = {
        {HERE, .styles = {styles[0], styles[1]}, .masks = {mask, other}},
        {HERE, .styles = {styles[0], styles[1]}, .masks = {mask}, .content_weights = other},
        {HERE, .styles = {square}, .content_map = map, .style_maps = {style_map},
         .content_weights = mask},
    };
    for (int k = 0; k < 6; k++) {
        image *first = NULL;
        for (int threads = 1; threads <= 3; threads++) {
            session_inputs in = kinds[k / 2];
            in.threads = threads;
            image *out =
                sessions_run_start(&in, NULL,
                                   recipes_of(TWO_STAGES, "color", k == 4 ? "content" : "style",
                                              "mask-rest", k == 1 ? "yes" : "no", NULL));
            if (first)
                sessions_expect_same(first, out);
            if (first)
                image_free(out);
            else
                first = out;
        }
        image_free(first);
    }
    image_free(mask);
    image_free(other);
    image_free(map);
    image_free(style_map);
    image_free(square);
}

/* One that is the same everywhere is none; only its shape counts. */
static void even_content_weights_are_none(void **state) {
    (void)state;
    session_start plain, even;
    image *a = sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}}, &plain,
                                  recipes_of(TWO_STAGES, NULL));
    image *b =
        sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}, .content_weights = white},
                           NULL, recipes_of(TWO_STAGES, NULL));
    image *c =
        sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}, .content_weights = grey},
                           &even, recipes_of(TWO_STAGES, NULL));
    sessions_expect_same(a, b);
    sessions_expect_close(even.event.content, plain.event.content, 1e-4);
    assert_true(sessions_greatest_difference(a, c) < 1e-2);
    image_free(a);
    image_free(b);
    image_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_white_mask_is_none),
        cmocka_unit_test(what_no_mask_covers_stays),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(even_content_weights_are_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
