/* SPDX-License-Identifier: MIT
 *
 * What sessions tell: stages, phases and iterations in their order and with their counts, to all
 * observers in theirs; and the picture of each iteration, which has the cost told with it.
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

#include "recipes.h"
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

/* ---- order ---- */

typedef struct story {
    char text[512]; /* S0 of a stage, a letter for each phase, [1/4] for iteration and count, E */
} story;

static int tell(void *user, stylize_session *session, const stylize_event *now) {
    story *self = user;
    const size_t used = strlen(self->text), left = sizeof self->text - used;
    char *end = self->text + used;
    int length = 0;
    assert_ptr_equal(now, stylize_session_event(session));
    switch (now->kind) {
    case STYLIZE_EVENT_STAGE:
        length = snprintf(end, left, "S%d", now->stage);
        break;
    case STYLIZE_EVENT_PHASE:
        length = snprintf(end, left, "%c", "rcso"[now->phase]);
        break;
    case STYLIZE_EVENT_ITERATION:
        assert_int_equal(now->phase, STYLIZE_PHASE_OPTIMIZE);
        length = snprintf(end, left, "[%d:%d/%d]", now->stage_iteration, now->iteration,
                          now->iterations);
        break;
    case STYLIZE_EVENT_END:
        length = snprintf(end, left, "E");
        break;
    }
    assert_in_range(length, 1, left - 1);
    return 0;
}

static void expect_story(const char *scales, const char *iterations, const char *wanted) {
    for (int color = 0; color < 2; color++) {
        story seen = {""};
        session_inputs watched = inputs;
        watched.observer = tell;
        watched.user = &seen;
        image_free(sessions_paint(&watched, NULL, "beta", "300", "size", "64", "scales", scales,
                                  "iterations", iterations, "color", color ? "content" : "style",
                                  NULL));
        assert_string_equal(seen.text, wanted);
    }
}

static void events_come_in_order(void **state) {
    (void)state;
    expect_story("1", "2", "S0rcso[0:0/2][1:1/2][2:2/2]E");
    expect_story("1", "0", "S0rcso[0:0/0]E");
    expect_story("30,40", "2,1,2",
                 "S0rcso[0:0/5][1:1/5][2:2/5]S1rcso[0:2/5][1:3/5]S2rcso[0:3/5][1:4/5][2:5/5]E");
    expect_story("30,40", "0,1,0", "S0rcso[0:0/1][1:1/1]S1rcso[0:1/1]E");
}

typedef struct counts {
    int evaluations, iteration, stage;
    double seconds;
} counts;

static int count(void *user, stylize_session *session, const stylize_event *now) {
    counts *self = user;
    (void)session;
    assert_true(now->seconds >= self->seconds);
    assert_true(now->evaluations >= self->evaluations);
    assert_true(now->stage >= self->stage && now->stage < now->stage_count);
    assert_true(now->iteration >= self->iteration);
    if (now->kind == STYLIZE_EVENT_ITERATION) {
        assert_true(now->evaluations > self->evaluations); /* each iteration has one at least */
        assert_true(now->best_iteration <= now->iteration);
        assert_true(now->best_total <= now->total);
    }
    self->seconds = now->seconds;
    self->evaluations = now->evaluations;
    self->iteration = now->iteration;
    self->stage = now->stage;
    return 0;
}

static void counts_go_on_over_all_stages(void **state) {
    (void)state;
    static const char *const optimizers[] = {"lbfgs", "adam", "gd"};
    for (int i = 0; i < 3; i++) {
        counts c = {.seconds = 0};
        session_inputs watched = inputs;
        stylize_event last;
        watched.observer = count;
        watched.user = &c;
        image_free(sessions_paint(&watched, &last, "beta", "300", "size", "64", "scales", "30,40",
                                  "iterations", "5,4,3", "optimizer", optimizers[i], NULL));
        assert_int_equal(last.iteration, 12);
        assert_int_equal(last.stage_iteration, 3);
        assert_int_equal(last.stage, 2);
        assert_true(last.evaluations >= 15);         /* three starts */
        assert_in_range(last.best_iteration, 9, 12); /* of the last stage */
    }
}

/* ---- observers ---- */

enum { MANY = 64 };

static int order[MANY], called;

static int note(void *user, stylize_session *session, const stylize_event *now) {
    (void)session;
    if (now->kind == STYLIZE_EVENT_STAGE)
        order[called++] = (int)(intptr_t)user;
    return 0;
}

static int ask_to_stop(void *user, stylize_session *session, const stylize_event *now) {
    (void)session;
    (void)now;
    called++;
    return user != NULL;
}

static void all_observers_are_told_in_their_order(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "1", "iterations", "0", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err = {STYLIZE_OK, ""};
    int count_of = 0;
    while (count_of < MANY &&
           stylize_session_observe(session, note, (void *)(intptr_t)count_of, 0, &err))
        count_of++;
    assert_in_range(count_of, 8, MANY - 1);
    assert_int_equal(err.status, STYLIZE_USAGE);
    called = 0;
    assert_true(stylize_session_run(session, &err));
    assert_int_equal(called, count_of);
    for (int i = 0; i < count_of; i++)
        assert_int_equal(order[i], i);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* One that wants to stop does not keep the event from the others. */
static void the_others_are_told_all_the_same(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "1", "iterations", "5", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    int stops;
    called = 0;
    assert_true(stylize_session_observe(session, ask_to_stop, &stops, 0, &err));
    assert_true(stylize_session_observe(session, ask_to_stop, NULL, 0, &err));
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
    assert_int_equal(called, 4); /* the stage and the end */
    assert_int_equal(stylize_session_event(session)->stop, STYLIZE_STOP_CANCELLED);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
    assert_int_equal(called, 4);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* ---- pictures ---- */

enum { ITERATIONS = 6 };

typedef struct album {
    float *pictures[ITERATIONS + 1]; /* copies, of the last stage */
    double totals[ITERATIONS + 1];
    int best;
} album;

static int keep(void *user, stylize_session *session, const stylize_event *now) {
    album *self = user;
    int width, height;
    const int i = now->stage_iteration;
    const stylize_image *picture = stylize_session_picture(session);
    if (now->kind != STYLIZE_EVENT_ITERATION) {
        assert_int_equal(picture != NULL, now->kind == STYLIZE_EVENT_END);
        return 0;
    }
    stylize_image_size(picture, &width, &height);
    assert_int_equal(width, now->plan->width);
    assert_int_equal(height, now->plan->height);
    assert_int_equal(stylize_image_has_alpha(picture), content->alpha != NULL);
    if (now->stage + 1 < now->stage_count)
        return 0;
    assert_int_equal(width, WIDTH);
    self->pictures[i] = malloc(3 * PIXELS * sizeof(float));
    assert_non_null(self->pictures[i]);
    memcpy(self->pictures[i], picture->planes, 3 * PIXELS * sizeof(float));
    self->totals[i] = now->total;
    self->best = now->total < self->totals[self->best] ? i : self->best;
    return 0;
}

static void forget(album *self) {
    for (int k = 0; k <= ITERATIONS; k++)
        free(self->pictures[k]);
}

static const char *const color_words[] = {"style", "content"};

/* The cost of a picture as it is. */
static double total_of(const float *planes, int color) {
    image *init = sessions_pattern(1, WIDTH, HEIGHT);
    memcpy(init->planes, planes, 3 * PIXELS * sizeof *planes);
    session_inputs from = inputs;
    stylize_event last;
    from.init = init;
    image_free(sessions_paint(&from, &last, "beta", "300", "size", "64", "scales", "1",
                              "iterations", "0", "color", color_words[color], NULL));
    image_free(init);
    return last.best_total;
}

/* For all optimisers, both ways with colours, in one stage and in two. */
static void each_picture_has_the_cost_told_with_it(void **state) {
    (void)state;
    static const char *const optimizers[] = {"lbfgs", "adam", "gd"};
    for (int i = 0; i < 12; i++) {
        album kept = {.best = 0};
        session_inputs watched = inputs;
        stylize_event last;
        watched.observer = keep;
        watched.user = &kept;
        image *out =
            sessions_paint(&watched, &last, "beta", "300", "size", "64", "scales",
                           i / 6 ? "30,45" : "1", "iterations", i / 6 ? "2,6" : "6", "color",
                           color_words[i / 3 % 2], "optimizer", optimizers[i % 3], NULL);
        assert_int_equal(last.best_iteration, kept.best + (i / 6 ? 2 : 0));
        assert_memory_equal(out->planes, kept.pictures[kept.best], 3 * PIXELS * sizeof(float));
        for (int k = 0; k <= ITERATIONS; k++) {
            const double again = total_of(kept.pictures[k], i / 3 % 2);
            if (!(fabs(again - kept.totals[k]) <= 1e-4 * kept.totals[k]))
                fail_msg("case %d, iteration %d: %g told, %g found", i, k, kept.totals[k], again);
        }
        forget(&kept);
        image_free(out);
    }
}

/* What is shown is what would be handed back, transparency and all. */
static void pictures_are_as_transparent_as_the_result(void **state) {
    (void)state;
    image *opaque = content;
    content = sessions_pattern(1, WIDTH, HEIGHT);
    sessions_fade(content);
    for (int i = 0; i < 4; i++) {
        album kept = {.best = 0};
        session_inputs watched = inputs;
        watched.content = content;
        watched.observer = keep;
        watched.user = &kept;
        image *out = sessions_paint(&watched, NULL, "beta", "300", "size", "64", "scales",
                                    i / 2 ? "30,45" : "1", "iterations", i / 2 ? "2,6" : "6",
                                    "color", color_words[i % 2], NULL);
        assert_non_null(out->alpha);
        assert_memory_equal(out->planes, kept.pictures[kept.best], 3 * PIXELS * sizeof(float));
        forget(&kept);
        image_free(out);
    }
    image_free(content);
    content = opaque;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_in_order),
        cmocka_unit_test(counts_go_on_over_all_stages),
        cmocka_unit_test(all_observers_are_told_in_their_order),
        cmocka_unit_test(the_others_are_told_all_the_same),
        cmocka_unit_test(each_picture_has_the_cost_told_with_it),
        cmocka_unit_test(pictures_are_as_transparent_as_the_result),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
