/* SPDX-License-Identifier: MIT
 *
 * Sessions that are stepped: the same bits in whatever way one is driven and with any number of
 * threads, pictures and results between steps, weights that change on the way, several networks,
 * and steps that fail.
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

static stylize_network *network, *other;
static image *content, *style;
static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    other = sessions_network("tests/golden/small16.safetensors");
    content = sessions_pattern(1, 64, 48);
    style = sessions_pattern(2, 40, 52);
    inputs = (session_inputs){.networks = {network}, .content = content, .style = style};
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

/* A result of a session that was driven by the caller; it is freed. */
static image *finish(stylize_session *self) {
    stylize_error err;
    image *out = stylize_session_result(self, &err);
    if (!out)
        fail_msg("%s", err.text);
    stylize_session_free(self);
    return out;
}

static void step(stylize_session *self, stylize_progress wanted) {
    stylize_error err = {STYLIZE_OK, ""};
    const stylize_progress found = stylize_session_step(self, &err);
    if (found != wanted)
        fail_msg("step gives %d: %s", (int)found, err.text);
}

/* ---- the same bits ---- */

static image *by_steps(const session_inputs *from, const stylize_recipe *recipe, int steps) {
    stylize_session *session = sessions_new(from, recipe);
    for (int i = 1; i < steps; i++)
        step(session, STYLIZE_MORE);
    step(session, STYLIZE_DONE);
    step(session, STYLIZE_DONE);
    return finish(session);
}

static image *in_one(const session_inputs *from, const stylize_recipe *recipe) {
    stylize_error err;
    image *out = stylize_transfer(recipe, from->networks[0], from->content, from->style, &err);
    if (!out)
        fail_msg("%s", err.text);
    return out;
}

static void all_ways_give_the_same_bits(void **state) {
    (void)state;
    static const char *const optimizers[] = {"lbfgs", "adam", "gd"};
    image *faded = sessions_pattern(1, 64, 48);
    sessions_fade(faded);
    for (int i = 0; i < 6; i++) {
        session_inputs from = inputs;
        from.content = i / 3 ? faded : content;
        stylize_recipe *recipe =
            recipes_of("beta", "300", "size", "64", "scales", "32,40", "iterations", "3,2,4",
                       "optimizer", optimizers[i % 3], "color", i % 2 ? "content" : "style", NULL);
        image *run = sessions_run(&from, recipe, NULL);
        image *others[] = {by_steps(&from, recipe, 3 + 2 + 4 + 3), in_one(&from, recipe), NULL,
                           NULL};
        from.threads = 2;
        others[2] = sessions_run(&from, recipe, NULL);
        from.threads = 5;
        others[3] = sessions_run(&from, recipe, NULL);
        for (int k = 0; k < 4; k++) {
            sessions_expect_same(run, others[k]);
            image_free(others[k]);
        }
        image_free(run);
        stylize_recipe_free(recipe);
    }
    image_free(faded);
}

/* To look at a session changes nothing in it. */
static void looking_changes_nothing(void **state) {
    (void)state;
    for (int color = 0; color < 2; color++) {
        stylize_recipe *recipe =
            recipes_of("beta", "300", "size", "64", "scales", "32,40", "iterations", "2,2,3",
                       "color", color ? "content" : "style", NULL);
        image *plain = sessions_run(&inputs, recipe, NULL);
        stylize_session *session = sessions_new(&inputs, recipe);
        static const int widths[] = {32, 32, 32, 40, 40, 40, 64, 64, 64, 64};
        stylize_error err;
        for (int i = 0; i < 10; i++) {
            step(session, i < 9 ? STYLIZE_MORE : STYLIZE_DONE);
            const stylize_image *shown = stylize_session_picture(session);
            assert_non_null(shown);
            assert_int_equal(shown->width, widths[i]);
            assert_int_equal(shown->height, widths[i] * 3 / 4);
            assert_non_null(stylize_session_plan(session, false, &err));
            image *best = stylize_session_result(session, &err);
            assert_non_null(best);
            assert_int_equal(best->width, 64);
            image_free(best);
        }
        image *out = finish(session);
        sessions_expect_same(out, plain);
        image_free(out);
        image_free(plain);
        stylize_recipe_free(recipe);
    }
}

/* ---- stages ---- */

/* A stage goes on from what the one before has made: so two of them are one session of the first
 * and one that begins with its picture, where the content lends no detail. */
static void stages_go_on_from_one_another(void **state) {
    (void)state;
    image *whole = sessions_paint(&inputs, NULL, "beta", "300", "size", "64", "scales", "32,64",
                                  "iterations", "5,4", "alpha", "0", NULL);
    image *first = sessions_paint(&inputs, NULL, "beta", "300", "size", "32", "scales", "1",
                                  "iterations", "5", "alpha", "0", NULL);
    session_inputs from = inputs;
    from.init = first;
    image *second = sessions_paint(&from, NULL, "beta", "300", "size", "64", "iterations", "4",
                                   "alpha", "0", NULL);
    sessions_expect_same(whole, second);
    image_free(whole);
    image_free(first);
    image_free(second);
}

/* One network for each stage, the last for all that remain. The content does not count, or it would
 * lend its detail. */
static void each_stage_has_its_network(void **state) {
    (void)state;
    static const char *const fields[] = {"alpha", "0", "style-layers", "relu1_1"};
    image *outs[3];
    for (int i = 0; i < 3; i++) {
        session_inputs some = inputs;
        some.networks[0] = i == 1 ? other : network;
        some.networks[1] = i == 2 ? other : NULL;
        outs[i] =
            sessions_paint(&some, NULL, "beta", "300", "size", "64", "scales", "32,40",
                           "iterations", "3,2,4", fields[0], fields[1], fields[2], fields[3], NULL);
    }
    session_inputs by_hand = inputs;
    image *first =
        sessions_paint(&by_hand, NULL, "beta", "300", "size", "32", "scales", "1", "iterations",
                       "3", fields[0], fields[1], fields[2], fields[3], NULL);
    by_hand.init = first;
    by_hand.networks[0] = other;
    image *rest =
        sessions_paint(&by_hand, NULL, "beta", "300", "size", "64", "scales", "40,64", "iterations",
                       "2,4", fields[0], fields[1], fields[2], fields[3], NULL);
    sessions_expect_same(rest, outs[2]);
    assert_true(sessions_differ(outs[0], outs[1]) && sessions_differ(outs[0], outs[2]) &&
                sessions_differ(outs[1], outs[2]));
    image_free(first);
    image_free(rest);
    for (int i = 0; i < 3; i++)
        image_free(outs[i]);
}

/* Where there are more networks than stages, it is the first ones that are not used; a stage
 * without iterations has none. */
static void networks_belong_to_the_last_stages(void **state) {
    (void)state;
    static const char *const iterations[] = {"4", "0,4"};
    session_inputs one = inputs, two = inputs;
    one.networks[0] = other;
    two.networks[1] = other;
    for (int i = 0; i < 2; i++) {
        image *a =
            sessions_paint(&one, NULL, "beta", "300", "size", "64", "scales", "1", "iterations",
                           "4", "content-layers", "relu2_1", "style-layers", "relu1_1", NULL);
        image *b = sessions_paint(&two, NULL, "beta", "300", "size", "64", "scales",
                                  i ? "32,64" : "1", "iterations", iterations[i], "content-layers",
                                  "relu2_1", "style-layers", "relu1_1", NULL);
        sessions_expect_same(a, b);
        image_free(a);
        image_free(b);
    }
}

/* ---- changes on the way ---- */

static double total_with(const stylize_event *e, double alpha, double beta, double tv) {
    return alpha * e->content + beta * e->style + tv * e->tv + 350 * e->chroma_tv;
}

static void expect_total(const stylize_session *self, double alpha, double beta, double tv) {
    const stylize_event *e = stylize_session_event(self);
    const double wanted = total_with(e, alpha, beta, tv);
    double sum = 0;
    for (int i = 0; i < e->term_count; i++)
        sum += e->terms[i]->weight * e->terms[i]->value;
    if (!(fabs(e->total - wanted) <= 1e-9 * wanted) || !(fabs(sum - wanted) <= 1e-9 * wanted))
        fail_msg("iteration %d: a total of %g, terms of %g, not %g", e->iteration, e->total, sum,
                 wanted);
}

static void weights_change_on_the_way(void **state) {
    (void)state;
    static const char *const optimizers[] = {"lbfgs", "adam", "gd"};
    for (int i = 0; i < 3; i++) {
        stylize_recipe *recipe = recipes_of("beta", "300", "size", "64", "scales", "32,64",
                                            "iterations", "6,6", "optimizer", optimizers[i], NULL);
        stylize_session *session = sessions_new(&inputs, recipe);
        stylize_error err;
        assert_true(stylize_session_set(session, "alpha", 2, &err)); /* before it begins */
        for (int k = 0; k < 3; k++)
            step(session, STYLIZE_MORE);
        expect_total(session, 2, 300, 0);
        const stylize_event *e = stylize_session_event(session);
        assert_int_equal(e->iteration, 2);
        const int evaluations = e->evaluations;
        assert_true(stylize_session_set(session, "beta", 50, &err));
        assert_true(stylize_session_set(session, "tv", 3, &err));
        assert_int_equal(e->evaluations, evaluations); /* both are taken up at once, */
        const size_t blocks = allocations_count();
        step(session, STYLIZE_MORE);
        assert_int_equal(allocations_count(), blocks); /* and nothing is analysed */
        expect_total(session, 2, 50, 3);
        assert_int_equal(e->iteration, 3); /* counts go on */
        assert_int_equal(e->stage_iteration, 3);
        assert_true(e->evaluations >= evaluations + 2);
        assert_true(e->best_iteration == 2 || e->best_iteration == 3);
        for (int k = 4; k <= 6; k++)
            step(session, STYLIZE_MORE);
        assert_int_equal(e->stage, 0);
        assert_int_equal(e->stage_iteration, 6);
        step(session, STYLIZE_MORE); /* the next stage has them, too */
        assert_int_equal(e->stage, 1);
        expect_total(session, 2, 50, 3);
        assert_true(stylize_session_set(session, "alpha", 0, &err));
        for (int k = 1; k <= 6; k++)
            step(session, k < 6 ? STYLIZE_MORE : STYLIZE_DONE);
        expect_total(session, 0, 50, 3);
        assert_int_equal(e->iteration, 12);
        assert_int_equal(e->iterations, 12);
        assert_true(stylize_session_set(session, "alpha", 1, &err)); /* too late */
        image_free(finish(session));
        stylize_recipe_free(recipe);
    }
}

/* Between two stages, and after a stage's last step. */
static void weights_change_between_stages(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "32,64", "iterations", "2,2", NULL);
    image *outs[2];
    for (int i = 0; i < 2; i++) {
        stylize_session *session = sessions_new(&inputs, recipe);
        stylize_error err;
        for (int k = 0; k < 3; k++)
            step(session, STYLIZE_MORE);
        assert_true(stylize_session_set(session, "beta", i ? 1000 : 300, &err));
        step(session, STYLIZE_MORE);
        expect_total(session, 1, i ? 1000 : 300, 0);
        step(session, STYLIZE_MORE);
        step(session, STYLIZE_DONE);
        outs[i] = finish(session);
    }
    image *plain = sessions_run(&inputs, recipe, NULL);
    sessions_expect_same(plain, outs[0]);
    assert_true(sessions_differ(plain, outs[1]));
    image_free(plain);
    image_free(outs[0]);
    image_free(outs[1]);
    stylize_recipe_free(recipe);
}

/* By an observer, within a step. */
static int change(void *user, stylize_session *session, const stylize_event *now) {
    stylize_error err;
    (void)user;
    if (now->kind == STYLIZE_EVENT_ITERATION && now->iteration == 1)
        assert_true(stylize_session_set(session, "beta", 50, &err));
    return 0;
}

static void observers_may_change_weights(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "1", "iterations", "3", NULL);
    session_inputs watched = inputs;
    watched.observer = change;
    stylize_session *session = sessions_new(&watched, recipe);
    step(session, STYLIZE_MORE);
    step(session, STYLIZE_MORE);
    expect_total(session, 1, 300, 0);
    step(session, STYLIZE_MORE);
    expect_total(session, 1, 50, 0);
    step(session, STYLIZE_DONE);
    image_free(finish(session));
    stylize_recipe_free(recipe);
}

static void other_fields_stay(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double value;
    } wrong[] = {{"size", 64},  {"history", 3}, {"nothing", 1},
                 {"alpha", -1}, {"beta", NAN},  {"tv", INFINITY}};
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "1", "iterations", "2", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    step(session, STYLIZE_MORE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        stylize_error err = {STYLIZE_OK, ""};
        assert_false(stylize_session_set(session, wrong[i].name, wrong[i].value, &err));
        assert_int_equal(err.status, STYLIZE_USAGE);
        assert_non_null(strstr(err.text, wrong[i].name));
    }
    step(session, STYLIZE_MORE);
    expect_total(session, 1, 300, 0);
    step(session, STYLIZE_DONE);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* ---- failing ---- */

/* With weights that overflow the next step fails, and the session with it. */
static void a_second_step_can_fail(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("beta", "300", "size", "64", "scales", "1", "iterations", "3", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err = {STYLIZE_OK, ""};
    step(session, STYLIZE_MORE);
    assert_true(stylize_session_set(session, "beta", 1e300, &err));
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_FAILED);
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_FAILED);
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_non_null(strstr(err.text, "already failed"));
    assert_false(stylize_session_run(session, &err));
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

/* Whatever allocation gets nothing, a step fails in so many words, and nothing leaks; none is done
 * without. */
static void short_memory_fails_a_step(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("size", "32", "scales", "24,32", "iterations", "1,1", "content-layers",
                   "relu2_1", "style-layers", "relu1_1", "color", "content", NULL);
    int failures = 0;
    for (;; failures++) {
        stylize_session *session = sessions_new(&inputs, recipe);
        stylize_error err = {STYLIZE_OK, ""};
        const size_t before = allocations_count();
        allocations_fail((size_t)failures);
        const bool ok = stylize_session_run(session, &err);
        allocations_fail(SIZE_MAX);
        const size_t asked = allocations_count() - before;
        stylize_session_free(session);
        assert_int_equal(ok, asked <= (size_t)failures);
        if (ok)
            break;
        assert_int_equal(err.status, STYLIZE_MEMORY);
        assert_non_null(strstr(err.text, "not enough memory"));
    }
    assert_in_range(failures, 10, 100);
    stylize_recipe_free(recipe);
}

/* ---- converging ---- */

/* No step lowers the cost of a start that has nothing to gain, nor with a step too large. */
static void no_step_is_a_failure_at_the_end(void **state) {
    (void)state;
    stylize_error err = {STYLIZE_OK, ""};
    stylize_recipe *recipe = recipes_of("beta", "300", "size", "64", "scales", "1", "iterations",
                                        "1", "optimizer", "adam", "learning-rate", "1e300", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    assert_true(stylize_session_run(session, &err));
    if (stylize_session_event(session)->best_iteration == 0) {
        assert_null(stylize_session_result(session, &err));
        assert_int_equal(err.status, STYLIZE_FAILURE);
        assert_non_null(strstr(err.text, "no step lowers the cost"));
    }
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    stylize_event last;
    image *out =
        sessions_paint(&inputs, &last, "beta", "300", "size", "64", "scales", "32,64", "iterations",
                       "5,5", "alpha", "0", "beta", "0", "chroma-tv", "0", NULL);
    assert_int_equal(last.stop, STYLIZE_STOP_CONVERGED);
    assert_int_equal(last.iteration, 0);
    assert_int_equal(last.iterations, 10);
    image_free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_give_the_same_bits),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(stages_go_on_from_one_another),
        cmocka_unit_test(each_stage_has_its_network),
        cmocka_unit_test(networks_belong_to_the_last_stages),
        cmocka_unit_test(weights_change_on_the_way),
        cmocka_unit_test(weights_change_between_stages),
        cmocka_unit_test(observers_may_change_weights),
        cmocka_unit_test(other_fields_stay),
        cmocka_unit_test(a_second_step_can_fail),
        cmocka_unit_test(short_memory_fails_a_step),
        cmocka_unit_test(no_step_is_a_failure_at_the_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
