/* SPDX-License-Identifier: MIT
 *
 * Sessions leave things as they were: no allocation in an iteration, and the caller's
 * floating-point state and number of threads after every step.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

#include "allocations.h"
#include "core/cpu.h"
#include "recipes.h"
#include "sessions.h"
#include "watched.h"

static stylize_network *network;
static image *content, *faded, *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, 96, 72);
    faded = sessions_pattern(1, 96, 72);
    sessions_fade(faded);
    style = sessions_pattern(2, 70, 100);
    inputs = (session_inputs){.networks = {network}, .content = content, .style = style};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    image_free(faded);
    image_free(style);
    return 0;
}

/* ---- iterations ---- */

typedef struct growth {
    size_t blocks, heap; /* when iteration 2 of the stage was over */
    int grown, calls;
} growth;

/* Bytes that are allocated by whatever means, where the system tells. */
static size_t heap_bytes(void) {
#if defined(__GLIBC__) && !SANITIZED
#if __GLIBC_PREREQ(2, 33)
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
#endif
    return 0;
}

static int watch_growth(void *user, stylize_session *session, const stylize_event *now) {
    growth *self = user;
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    assert_non_null(stylize_session_picture(session)); /* allocates nothing, either */
    const size_t blocks = allocations_count(), heap = heap_bytes();
    self->calls++;
    if (now->stage_iteration <= 2) {
        self->grown += now->stage_iteration > 0 && blocks != self->blocks;
        self->blocks = blocks;
        self->heap = heap;
    } else {
        self->grown += blocks != self->blocks || heap != self->heap;
    }
    return 0;
}

static const char *const optimizers[] = {"lbfgs", "adam", "gd"};

static void iterations_allocate_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        growth g = {0};
        session_inputs watched = inputs;
        watched.threads = 1 + i / 3 % 2;
        watched.content = i / 6 ? faded : content;
        watched.observer = watch_growth;
        watched.user = &g;
        /* A history of 4 is full before the end. */
        image_free(sessions_paint(&watched, NULL, "size", "96", "scales", i % 4 ? "1" : "50,70",
                                  "iterations", i % 4 ? "12" : "6,5,12", "optimizer",
                                  optimizers[i % 3], "color", i % 2 ? "content" : "style",
                                  "history", "4", "tv", "1", NULL));
        assert_int_equal(g.calls, i % 4 ? 13 : 26);
        assert_int_equal(g.grown, 0);
    }
}

/* Neither does a change of weights between two steps. */
static void changes_allocate_nothing(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "96", "scales", "1", "iterations", "9", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    for (int i = 0; i < 3; i++)
        assert_int_equal(stylize_session_step(session, &err), STYLIZE_MORE);
    const size_t before = allocations_count();
    assert_true(stylize_session_set(session, "beta", 100, &err));
    while (stylize_session_step(session, &err) == STYLIZE_MORE)
        ;
    assert_int_equal(allocations_count(), before);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* ---- floating-point state and threads ---- */

static bool has_denormals(void) {
    volatile float small = 1e-30f;
    volatile float product = small * 1e-10f;
    return product != 0;
}

static unsigned control_state(void) {
#ifdef __x86_64__
    return _mm_getcsr();
#else
    return 0;
#endif
}

typedef struct finding {
    int denormals, threads, calls;
} finding;

static int watch_state(void *user, stylize_session *session, const stylize_event *now) {
    finding *self = user;
    (void)session;
    self->calls++;
    self->denormals += has_denormals();
    self->threads += cpu_set_threads(0) != stylize_thread_count(2);
    return now->stage == 1 && now->stage_iteration == 2;
}

/* How a session ends: cancelled, its cost not finite (long after the state was changed), refused
 * (before), done while the caller rounds down. */
static void keeps_the_callers_state(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        finding found = {0};
        session_inputs watched = inputs;
        watched.threads = 2;
        watched.observer = watch_state;
        watched.user = &found;
        stylize_recipe *recipe =
            recipes_of("size", i == 2 ? "20" : "96", "scales", i == 1 || i == 2 ? "1" : "2",
                       "iterations", i == 0 ? "2" : "1", "beta", i == 1 ? "1e308" : "300", NULL);
        if (i == 1)
            recipes_set(recipe, "style-layers", "relu1_1:1e300");
        stylize_session *session = sessions_new(&watched, recipe);
        stylize_error err;
        stylize_progress progress;
        const int team = cpu_set_threads(3), now = cpu_set_threads(0);
#ifdef __x86_64__
        const unsigned former = _mm_getcsr();
        if (i == 3)
            _mm_setcsr(former | 0x2000); /* rounds down */
#endif
        int others = 0;
        do {
            const unsigned before = control_state();
            progress = stylize_session_step(session, &err);
            others += before != control_state() || !has_denormals() || cpu_set_threads(0) != now;
        } while (progress == STYLIZE_MORE);
#ifdef __x86_64__
        _mm_setcsr(former);
#endif
        cpu_set_threads(team);
        assert_int_equal(others, 0);
        assert_int_equal(progress, i == 1 || i == 2 ? STYLIZE_FAILED : STYLIZE_DONE);
        assert_int_equal(found.calls > 0, i != 2);
        assert_int_equal(found.threads, 0);
#if defined(__x86_64__) || defined(__aarch64__)
        assert_true(found.denormals == 0 || is_under_valgrind()); /* which keeps them always */
#endif
        stylize_session_free(session);
        stylize_recipe_free(recipe);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iterations_allocate_nothing),
        cmocka_unit_test(changes_allocate_nothing),
        cmocka_unit_test(keeps_the_callers_state),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
