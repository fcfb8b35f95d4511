/* SPDX-License-Identifier: MIT
 *
 * Sessions that are cancelled: before the first step, in every phase, in any stage, by an observer,
 * between steps and from another thread; and what they still have to give.
 */
#define _POSIX_C_SOURCE 200809L /* pthreads */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "recipes.h"
#include "sessions.h"

static stylize_network *network;
static image *content, *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, 64, 48);
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

/* Two stages, 32 and 64 pixels. */
static stylize_recipe *two_stages(const char *iterations) {
    return recipes_of("size", "64", "scales", "32,64", "iterations", iterations, NULL);
}

static void expect_cancelled(stylize_session *self) {
    stylize_error err;
    const stylize_event *last = stylize_session_event(self);
    assert_int_equal(last->kind, STYLIZE_EVENT_END);
    assert_int_equal(last->stop, STYLIZE_STOP_CANCELLED);
    assert_int_equal(stylize_session_step(self, &err), STYLIZE_DONE);
    assert_true(stylize_session_run(self, &err));
    assert_ptr_equal(stylize_session_event(self), last);
}

/* The result has the final size wherever the session stood. */
static void expect_result(stylize_session *self) {
    for (int i = 0; i < 2; i++) { /* as often as wanted */
        stylize_error err;
        stylize_image *out = stylize_session_result(self, &err);
        if (!out)
            fail_msg("%s", err.text);
        assert_int_equal(out->width, 64);
        assert_int_equal(out->height, 48);
        assert_true(sessions_differ(out, content));
        for (int k = 0; k < 3 * 64 * 48; k++)
            assert_true(out->planes[k] >= 0 && out->planes[k] <= 1);
        stylize_image_free(out);
    }
}

static void before_the_first_step(void **state) {
    (void)state;
    stylize_recipe *recipe = two_stages("2,2");
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err = {STYLIZE_OK, ""};
    stylize_session_cancel(session);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
    expect_cancelled(session);
    assert_int_equal(stylize_session_event(session)->evaluations, 0);
    assert_null(stylize_session_picture(session));
    assert_null(stylize_session_result(session, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_non_null(strstr(err.text, "cancelled before there was a picture"));
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* ---- by observers, anywhere ---- */

typedef struct place {
    int stage;
    stylize_event_kind kind;
    stylize_phase phase;
    int iteration; /* of the stage */
    bool by_call;  /* stylize_session_cancel in place of a return value */
    int later;     /* events since, but the end */
    int evaluations;
} place;

static int stop_at(void *user, stylize_session *session, const stylize_event *now) {
    place *self = user;
    if (now->kind == STYLIZE_EVENT_END) {
        self->evaluations = now->evaluations - self->evaluations;
        return 0;
    }
    if (self->later >= 0) {
        self->later++;
        return 0;
    }
    if (now->stage != self->stage || now->kind != self->kind ||
        (now->kind == STYLIZE_EVENT_PHASE && now->phase != self->phase) ||
        (now->kind == STYLIZE_EVENT_ITERATION && now->stage_iteration != self->iteration))
        return 0;
    self->later = 0;
    self->evaluations = now->evaluations;
    if (self->by_call)
        stylize_session_cancel(session);
    return !self->by_call;
}

static void wherever_an_observer_asks_to(void **state) {
    (void)state;
    static const place places[] = {
        {.kind = STYLIZE_EVENT_STAGE},
        {.kind = STYLIZE_EVENT_PHASE, .phase = STYLIZE_PHASE_RESIZE},
        {.kind = STYLIZE_EVENT_PHASE, .phase = STYLIZE_PHASE_CONTENT},
        {.kind = STYLIZE_EVENT_PHASE, .phase = STYLIZE_PHASE_STYLE},
        {.kind = STYLIZE_EVENT_PHASE, .phase = STYLIZE_PHASE_OPTIMIZE},
        {.kind = STYLIZE_EVENT_ITERATION, .iteration = 0},
        {.kind = STYLIZE_EVENT_ITERATION, .iteration = 1},
        {.kind = STYLIZE_EVENT_ITERATION, .iteration = 3}, /* the last */
    };
    enum { PLACES = sizeof places / sizeof *places };
    for (int i = 0; i < 8 * PLACES; i++) {
        place asked = places[i % PLACES];
        asked.stage = i / PLACES % 2;
        asked.by_call = i / PLACES / 2 % 2;
        asked.later = -1;
        session_inputs watched = inputs;
        watched.observer = stop_at;
        watched.user = &asked;
        stylize_recipe *recipe = two_stages("3,3");
        if (i / PLACES / 4)
            recipes_set(recipe, "color", "content");
        stylize_session *session = sessions_new(&watched, recipe);
        stylize_error err = {STYLIZE_OK, ""};
        assert_true(stylize_session_run(session, &err));
        assert_int_equal(asked.later, 0);
        assert_int_equal(asked.evaluations, 0); /* no more of them */
        expect_cancelled(session);
        const stylize_event *last = stylize_session_event(session);
        assert_int_equal(last->stage, asked.stage);
        const bool started = asked.kind == STYLIZE_EVENT_ITERATION;
        assert_int_equal(stylize_session_picture(session) != NULL, started);
        if (asked.stage == 0 && asked.kind != STYLIZE_EVENT_ITERATION) {
            assert_null(stylize_session_result(session, &err));
            assert_int_equal(err.status, STYLIZE_FAILURE);
        } else if (asked.stage > 0 || asked.iteration > 0) {
            expect_result(session);
        }
        stylize_session_free(session);
        stylize_recipe_free(recipe);
    }
}

/* ---- between steps ---- */

static void between_any_two_steps(void **state) {
    (void)state;
    stylize_recipe *recipe = two_stages("2,2");
    for (int steps = 1; steps <= 5; steps++) { /* six are all */
        stylize_session *session = sessions_new(&inputs, recipe);
        stylize_error err;
        for (int i = 0; i < steps; i++)
            assert_int_equal(stylize_session_step(session, &err), STYLIZE_MORE);
        const int evaluations = stylize_session_event(session)->evaluations;
        stylize_session_cancel(session);
        assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
        expect_cancelled(session);
        assert_int_equal(stylize_session_event(session)->evaluations, evaluations);
        assert_int_equal(stylize_session_event(session)->stage, steps > 3);
        assert_non_null(stylize_session_picture(session));
        if (steps > 1)
            expect_result(session);
        stylize_session_free(session);
    }
    stylize_recipe_free(recipe);
}

/* What is asked for once it is over changes nothing. */
static void after_the_end(void **state) {
    (void)state;
    stylize_recipe *recipe = two_stages("1,1");
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    assert_true(stylize_session_run(session, &err));
    stylize_session_cancel(session);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
    assert_int_equal(stylize_session_event(session)->stop, STYLIZE_STOP_ITERATIONS);
    expect_result(session);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* ---- from another thread ---- */

typedef struct signal_to_stop {
    pthread_t thread;
    stylize_session *session;
    bool running;
} signal_to_stop;

static void *cancel(void *user) {
    signal_to_stop *self = user;
    stylize_session_cancel(self->session);
    return NULL;
}

static int start_the_other(void *user, stylize_session *session, const stylize_event *now) {
    signal_to_stop *self = user;
    if (now->kind == STYLIZE_EVENT_ITERATION && now->iteration == 2 && !self->running) {
        self->session = session;
        assert_int_equal(pthread_create(&self->thread, NULL, cancel, self), 0);
        self->running = true;
    }
    return 0;
}

static void from_another_thread(void **state) {
    (void)state;
    signal_to_stop other = {.running = false};
    session_inputs watched = inputs;
    watched.observer = start_the_other;
    watched.user = &other;
    stylize_recipe *recipe = recipes_of("size", "64", "scales", "32,64", "iterations",
                                        "1000000,1000000", "optimizer", "adam", NULL);
    stylize_session *session = sessions_new(&watched, recipe);
    stylize_error err;
    assert_true(stylize_session_run(session, &err));
    assert_true(other.running);
    assert_int_equal(pthread_join(other.thread, NULL), 0);
    expect_cancelled(session);
    expect_result(session);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_step), cmocka_unit_test(wherever_an_observer_asks_to),
        cmocka_unit_test(between_any_two_steps), cmocka_unit_test(after_the_end),
        cmocka_unit_test(from_another_thread),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
