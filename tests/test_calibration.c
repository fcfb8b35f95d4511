/* SPDX-License-Identifier: MIT
 *
 * Tests of calibration.c: plans that are timed. How long things take is another matter on each
 * machine and at each time: only what must hold on any is asked.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "allocations.h"
#include "core/cpu.h"
#include "recipes.h"
#include "sessions.h"

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

/* The seconds of a plan and of its stages; returns how many there are. */
static int times_of(const session_inputs *from, stylize_recipe *recipe, double *total,
                    double stages[16]) {
    stylize_session *session = sessions_new(from, recipe);
    stylize_error err;
    const stylize_plan *plan = stylize_session_plan(session, true, &err);
    if (!plan)
        fail_msg("%s", err.text);
    assert_int_equal(plan->refusal.status, STYLIZE_OK);
    double sum = 0;
    for (int i = 0; i < plan->stage_count; i++)
        sum += stages[i] = plan->stages[i]->seconds;
    *total = plan->seconds;
    assert_true(fabs(sum - *total) <= 1e-9 * sum);
    const int count = plan->stage_count;
    assert_null(stylize_session_event(session));
    stylize_session_free(session);
    return count;
}

static double total_of(const char *size, const char *scales, const char *iterations) {
    stylize_recipe *recipe = recipes_of("size", size, "upscale", "yes", "scales", scales,
                                        "iterations", iterations, NULL);
    double total, stages[16];
    times_of(&inputs, recipe, &total, stages);
    stylize_recipe_free(recipe);
    return total;
}

static void more_iterations_take_longer(void **state) {
    (void)state;
    const double few = total_of("96", "1", "9"), many = total_of("96", "1", "3000");
    assert_true(few > 0 && few < 60);
    assert_true(many > 20 * few);
}

/* Both sizes timed, a straight line between them. */
static void large_pictures_take_longer(void **state) {
    (void)state;
    const size_t before = allocations_count();
    const double tiny = total_of("96", "1", "0");
    const size_t once = allocations_count() - before;
    const double half = total_of("450", "1", "0");
    const size_t twice = allocations_count() - before - once;
    const double full = total_of("2000", "1", "0");
    assert_true(tiny > 0);
    assert_true(twice >= once + 4); /* blocks of another stage */
    assert_true(half > 0);
    assert_true(full > 2 * half && full < 100 * half);
}

/* Iterations of a coarse stage are cheaper. */
static void each_stage_has_its_time(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "800", "upscale", "yes", "scales", "100,400",
                                        "iterations", "10,10,10", NULL);
    double total, stages[16];
    assert_int_equal(times_of(&inputs, recipe, &total, stages), 3);
    assert_true(stages[0] >= 0 && stages[1] > 0 && stages[2] > stages[1] && stages[1] > stages[0]);
    stylize_recipe_free(recipe);
}

/* Each network is measured, also with an init of another shape, with noise, alpha and luma. */
static void every_kind_of_stage_is_timed(void **state) {
    (void)state;
    image *faded = sessions_pattern(3, 50, 77), *init = sessions_pattern(2, 60, 31);
    sessions_fade(faded);
    for (int i = 0; i < 4; i++) {
        session_inputs some = inputs;
        double total, stages[16];
        some.networks[1] = other;
        some.content = i % 2 ? faded : content;
        some.init = i == 1 ? init : i == 2 ? faded : NULL;
        stylize_recipe *recipe =
            recipes_of("size", "60", "scales", "40,50", "iterations", "4,4,4", "init",
                       i == 3 ? "random" : "content", "color", i / 2 ? "content" : "style",
                       "style-layers", "relu1_1", "content-layers", "relu2_1", NULL);
        assert_int_equal(times_of(&some, recipe, &total, stages), 3);
        assert_true(total > 0);
        stylize_recipe_free(recipe);
    }
    image_free(faded);
    image_free(init);
}

/* A session that was timed paints what it would have painted, with as many threads as before. */
static void leaves_no_trace(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("size", "64", "scales", "40,50", "iterations", "3,2,2", NULL);
    const int before = cpu_set_threads(3), now = cpu_set_threads(0);
    image *outs[2];
    for (int i = 0; i < 2; i++) {
        stylize_session *session = sessions_new(&inputs, recipe);
        stylize_error err;
        if (i)
            assert_non_null(stylize_session_plan(session, true, &err));
        assert_true(stylize_session_run(session, &err));
        outs[i] = stylize_session_result(session, &err);
        assert_non_null(outs[i]);
        stylize_session_free(session);
    }
    assert_int_equal(cpu_set_threads(before), now);
    sessions_expect_same(outs[0], outs[1]);
    image_free(outs[0]);
    image_free(outs[1]);
    stylize_recipe_free(recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_iterations_take_longer),
        cmocka_unit_test(large_pictures_take_longer),
        cmocka_unit_test(each_stage_has_its_time),
        cmocka_unit_test(every_kind_of_stage_is_timed),
        cmocka_unit_test(leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
