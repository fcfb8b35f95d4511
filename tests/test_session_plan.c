/* SPDX-License-Identifier: MIT
 *
 * Sessions that plan: what a plan says, that it calls nobody back, that it refuses what the work
 * would refuse, and that what it names as possible is.
 */
#define _POSIX_C_SOURCE 200809L /* setrlimit */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/memory_limit.h"
#include "recipes.h"
#include "sessions.h"
#include "watched.h"

static stylize_network *network, *other;
static image *content, *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    other = sessions_network("tests/golden/small16.safetensors");
    content = sessions_pattern(1, 120, 90);
    style = sessions_pattern(2, 70, 100);
    inputs =
        (session_inputs){.networks = {network}, .content = content, .style = style, .threads = 2};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_network_free(other);
    image_free(content);
    image_free(style);
    return 0;
}

static int never(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    fail_msg("a plan calls back with event %d", (int)now->kind);
    return 1;
}

/* The plan of a session, copied, without what it points to; the recipe is freed. */
static stylize_plan plan_of(stylize_recipe *recipe) {
    session_inputs watched = inputs;
    watched.observer = never;
    stylize_session *session = sessions_new(&watched, recipe);
    stylize_error err;
    const stylize_plan *shown = stylize_session_plan(session, false, &err);
    if (!shown)
        fail_msg("%s", err.text);
    const stylize_plan copy = *shown;
    assert_true(copy.seconds < 0);
    for (int i = 0; i < copy.stage_count; i++)
        assert_true(copy.stages[i]->seconds < 0);
    assert_null(stylize_session_event(session));
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return copy;
}

static void says_what_it_takes(void **state) {
    (void)state;
    const stylize_plan plan =
        plan_of(recipes_of("size", "96", "scales", "1", "iterations", "9", NULL));
    assert_int_equal(plan.width, 96);
    assert_int_equal(plan.height, 72);
    assert_int_equal(plan.iterations, 9);
    assert_int_equal(plan.stage_count, 1);
    assert_int_equal(plan.refusal.status, STYLIZE_OK);
    assert_true(plan.needed > 0 && plan.needed < plan.available);
    assert_true(plan.peak > (uint64_t)1 << 20 && plan.peak < (uint64_t)1 << 30);
    assert_non_null(plan.limit);
    assert_int_equal(plan.largest_size, 120); /* the content's */
    assert_true(plan.content_bounds);
    const stylize_plan more = plan_of(recipes_of("size", "120", "scales", "1", NULL));
    assert_true(more.needed > plan.needed);
    const stylize_plan free_size = plan_of(recipes_of("size", "96", "upscale", "yes", NULL));
    assert_true(free_size.largest_size > 400);
    assert_false(free_size.content_bounds);
}

static int look_on(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    (void)now;
    return 0;
}

static void lists_the_stages(void **state) {
    (void)state;
    session_inputs two = inputs;
    two.networks[1] = other;
    stylize_recipe *recipe =
        recipes_of("size", "96", "scales", "30,60", "iterations", "5,4,3", "style-layers",
                   "relu1_1", "content-layers", "relu2_1", NULL);
    stylize_session *session = sessions_new(&two, recipe);
    stylize_error err;
    const stylize_plan *plan = stylize_session_plan(session, false, &err);
    assert_non_null(plan);
    assert_int_equal(plan->stage_count, 3);
    assert_int_equal(plan->iterations, 12);
    static const int wanted[][6] = {/* width, height, style, iterations, network */
                                    {30, 23, 21, 30, 5, 0},
                                    {60, 45, 42, 60, 4, 1},
                                    {96, 72, 67, 96, 3, 1}};
    for (int i = 0; i < 3; i++) {
        const stylize_stage *s = plan->stages[i];
        const int found[] = {s->width,        s->height,     s->style_width,
                             s->style_height, s->iterations, s->network};
        assert_memory_equal(found, wanted[i], sizeof found);
        assert_true(s->bytes > 0);
        assert_true(plan->needed > s->bytes);
    }
    /* Planned again, it is the same; after a change it is another. */
    const uint64_t needed = plan->needed;
    plan = stylize_session_plan(session, false, &err);
    assert_true(plan->needed == needed);
    assert_true(stylize_session_observe(session, look_on, NULL, 1000, &err));
    plan = stylize_session_plan(session, false, &err);
    assert_true(plan->needed > needed);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* The stages of a plan are the events'. */
static int compare(void *user, stylize_session *session, const stylize_event *now) {
    const stylize_plan *plan = user;
    (void)session;
    assert_int_equal(now->stage_count, plan->stage_count);
    assert_int_equal(now->iterations, plan->iterations);
    assert_memory_equal(now->plan, plan->stages[now->stage], sizeof *now->plan);
    return 0;
}

static void is_what_is_done(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "96", "scales", "3", "iterations", "2,1,1", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    const stylize_plan *plan = stylize_session_plan(session, false, &err);
    assert_non_null(plan);
    assert_true(stylize_session_observe(session, compare, (void *)(uintptr_t)plan, 0, &err));
    assert_non_null(stylize_session_plan(session, false, &err));
    assert_true(stylize_session_run(session, &err));
    assert_int_equal(stylize_session_event(session)->iteration, 4);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* What an observer takes counts for each pixel of a stage, while it iterates. */
static void counts_what_observers_take(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "96", "scales", "1", NULL);
    uint64_t needed[2];
    for (int i = 0; i < 2; i++) {
        session_inputs watched = inputs;
        watched.observer = never;
        watched.bytes = 1 << 14;
        stylize_session *session = sessions_new(&watched, recipe);
        stylize_error err;
        if (i)
            assert_true(stylize_session_observe(session, never, NULL, 1 << 14, &err));
        needed[i] = stylize_session_plan(session, false, &err)->stages[0]->bytes;
        stylize_session_free(session);
    }
    assert_in_range(needed[1] - needed[0], 96 * 72 << 14, (96 * 72 << 14) + (4 << 20));
    stylize_recipe_free(recipe);
}

static void refuses_what_the_work_would(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "20", NULL);
    for (int i = 0; i < 3; i++) {
        session_inputs some = inputs;
        if (i == 1)
            some.content = NULL;
        if (i == 2)
            recipes_set(recipe, "style-layers", "relu5_4");
        stylize_session *session = sessions_new(&some, recipe);
        stylize_error err = {STYLIZE_OK, ""}, same = {STYLIZE_OK, ""};
        assert_null(stylize_session_plan(session, false, &err));
        assert_int_equal(err.status, i == 1 ? STYLIZE_USAGE : STYLIZE_FAILURE);
        if (i == 0)
            assert_non_null(strstr(err.text, "20x15"));
        assert_false(stylize_session_run(session, &same));
        assert_string_equal(err.text, same.text);
        assert_int_equal(err.status, same.status);
        stylize_session_free(session);
    }
    stylize_recipe_free(recipe);
}

/* ---- a limit that is real ---- */

/* Of a process that has 48 MB of address space left, a job of 2000 pixels is refused, and one of
 * the size that it names is done. */
static void keep_to_the_address_space(const void *what, void *results) {
    struct rlimit limit;
    stylize_recipe *recipe =
        recipes_of("upscale", "yes", "size", "2000", "scales", what, "iterations", "2", NULL);
    stylize_error err;
    int *largest = results;
    session_inputs one = inputs;
    one.threads = 1;
    getrlimit(RLIMIT_AS, &limit);
    const uint64_t left = memory_limit_address_space("", (uint64_t)1 << 46).bytes;
    /* and a half, so that a few kB more or less do not change the number that errors tell */
    limit.rlim_cur =
        (rlim_t)(((uint64_t)1 << 46) - left + ((uint64_t)48 << 20) + ((uint64_t)512 << 10));
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    stylize_session *session = sessions_new(&one, recipe);
    const stylize_plan *plan = stylize_session_plan(session, true, &err);
    assert_non_null(plan);
    assert_int_equal(plan->refusal.status, STYLIZE_MEMORY);
    assert_true(plan->seconds < 0);
    assert_string_equal(plan->limit, "the address space limit (ulimit -v)");
    *largest = plan->largest_size;
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_FAILED);
    assert_string_equal(err.text, plan->refusal.text);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_FAILED); /* of no further use */
    assert_int_equal(err.status, STYLIZE_USAGE);
    const char *size = strstr(plan->refusal.text, "use --size ");
    assert_non_null(size);
    assert_int_equal(atoi(size + strlen("use --size ")), *largest);
    stylize_session_free(session);
    assert_true(stylize_recipe_set_number(recipe, "size", *largest, &err));
    image_free(sessions_run(&one, recipe, NULL));
    stylize_recipe_free(recipe);
}

static void fits_into_the_address_space(void **state) {
    (void)state;
    static const char *const scales[] = {"1", "auto", "100,200"};
    int largest[3];
    if (is_watched() || memory_limit_address_space("", (uint64_t)1 << 46).name == NULL)
        return;
    for (int i = 0; i < 3; i++) {
        sessions_apart(keep_to_the_address_space, scales[i], &largest[i], sizeof largest[i]);
        assert_in_range(largest[i], 100, 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_into_the_address_space), /* first: no threads are there yet */
        cmocka_unit_test(says_what_it_takes),
        cmocka_unit_test(lists_the_stages),
        cmocka_unit_test(is_what_is_done),
        cmocka_unit_test(counts_what_observers_take),
        cmocka_unit_test(refuses_what_the_work_would),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
