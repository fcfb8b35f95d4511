/* SPDX-License-Identifier: MIT
 *
 * Sessions of one stage: pixels that pass untouched, what is refused, stopping, the best picture
 * and its cost, the same picture for the same seed and any number of threads.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recipes.h"
#include "sessions.h"

static session_inputs inputs;

static int set_up(void **state) {
    (void)state;
    inputs.networks[0] = sessions_network(SESSIONS_BUNDLED);
    inputs.content = sessions_pattern(1, 45, 33);
    inputs.style = sessions_pattern(2, 40, 52);
    return 0;
}

static void free_image(const stylize_image *self) {
    stylize_image_free((stylize_image *)(uintptr_t)self);
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free((stylize_network *)(uintptr_t)inputs.networks[0]);
    free_image(inputs.content);
    free_image(inputs.style);
    return 0;
}

/* The size is above the content's, which is not enlarged, and keeps the style small. */
#define QUICK "beta", "300", "size", "64", "scales", "1"

static stylize_image *paint_from(const stylize_image *init, stylize_event *last,
                                 const char *iterations, const char *optimizer) {
    session_inputs from = inputs;
    from.init = init;
    return sessions_paint(&from, last, QUICK, "iterations", iterations, "optimizer", optimizer,
                          NULL);
}

static size_t values(const stylize_image *self) {
    return 3 * (size_t)self->width * (size_t)self->height;
}

static const char *const optimizers[] = {"lbfgs", "adam", "gd"};

/* ---- sizes ---- */

static void test_pixels_pass(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        stylize_event last;
        stylize_image *out = sessions_paint(&inputs, &last, "size", "0", "scales", "1",
                                            "iterations", "0", "optimizer", optimizers[i], NULL);
        sessions_expect_same(out, inputs.content);
        assert_int_equal(last.iteration, 0);
        assert_int_equal(last.evaluations, 1);
        assert_int_equal(last.best_iteration, 0);
        assert_int_equal(last.stop, STYLIZE_STOP_ITERATIONS);
        stylize_image_free(out);
    }
    session_inputs from = inputs; /* a picture that is given goes first */
    stylize_image *init = sessions_pattern(3, 45, 33);
    from.init = init;
    stylize_image *out =
        sessions_paint(&from, NULL, "size", "0", "iterations", "0", "init", "random", NULL);
    sessions_expect_same(out, init);
    stylize_image_free(out);
    stylize_image_free(init);
    from.init = init = sessions_pattern(3, 90, 66); /* of another size: resampled */
    out = sessions_paint(&from, NULL, "size", "0", "iterations", "0", NULL);
    assert_int_equal(out->width, 45);
    assert_int_equal(out->height, 33);
    stylize_image_free(out);
    stylize_image_free(init);
}

/* The least side is that at which the deepest layer still has a pixel: 16 works, 15 does not. */
static void test_least_sizes(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        session_inputs from = inputs;
        image *a = sessions_pattern(1, i == 1 ? 15 : 16, i == 2 ? 15 : 40);
        image *b = sessions_pattern(2, 40, 16);
        from.content = a;
        from.style = b;
        /* 39 scales the pictures to 16 x 39 and 39 x 16 */
        stylize_recipe *recipe =
            recipes_of("size", i < 3 ? "0" : "39", "scales", "1", "iterations", "1", NULL);
        if (i == 1 || i == 2) {
            sessions_expect_refused(&from, recipe, STYLIZE_FAILURE, i == 1 ? "15x40" : "16x15");
        } else {
            stylize_image *out = sessions_run(&from, recipe, NULL);
            assert_int_equal(out->width, 16);
            stylize_image_free(out);
        }
        stylize_recipe_free(recipe);
        image_free(a);
        image_free(b);
    }
}

/* ---- running ---- */

typedef struct watch {
    int calls, stop_at;
    double totals[64];
} watch;

/* The parts of the cost by the terms: kind "style", "content" or "tv". */
static double sum_of(const stylize_event *now, const char *kind) {
    double sum = 0;
    for (int i = 0; i < now->term_count; i++)
        sum += strcmp(now->terms[i]->kind, kind) ? 0 : now->terms[i]->weight * now->terms[i]->value;
    return sum;
}

static int watch_iterations(void *user, stylize_session *session, const stylize_event *now) {
    watch *self = user;
    (void)session;
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    assert_int_equal(now->iteration, self->calls);
    assert_int_equal(now->stage_iteration, self->calls);
    assert_int_equal(now->iterations, 40);
    assert_true(now->evaluations > now->iteration);
    assert_true(now->seconds >= 0);
    assert_true(fabs(now->total - (now->content + 300 * now->style + 350 * now->chroma_tv)) <
                1e-6 * now->total);
    assert_int_equal(now->term_count, 7);
    assert_true(fabs(300 * now->style - sum_of(now, "style")) < 1e-9 * now->total);
    assert_true(now->content == sum_of(now, "content"));
    assert_string_equal(now->terms[0]->layer, "relu3_3");
    assert_string_equal(now->terms[4]->layer, "relu4_1");
    assert_string_equal(now->terms[5]->layer, "");
    assert_true(now->terms[5]->weight == 0 && now->terms[5]->value == now->tv);
    assert_true(now->terms[6]->weight == 350 && now->terms[6]->value == now->chroma_tv);
    assert_true(now->gradient_norm > 0 && now->tv > 0);
    self->totals[self->calls++] = now->total;
    return self->calls > self->stop_at;
}

static void test_progress_and_best(void **state) {
    (void)state;
    watch w = {.stop_at = 12};
    session_inputs watched = inputs;
    stylize_event last;
    watched.observer = watch_iterations;
    watched.user = &w;
    stylize_image *out = sessions_paint(&watched, &last, QUICK, "iterations", "40", NULL);
    assert_int_equal(w.calls, 13);
    assert_int_equal(last.kind, STYLIZE_EVENT_END);
    assert_int_equal(last.stop, STYLIZE_STOP_CANCELLED);
    assert_int_equal(last.iteration, 12);
    assert_true(last.best_total == w.totals[last.best_iteration]);
    for (int i = 0; i < w.calls; i++)
        assert_true(last.best_total <= w.totals[i]);
    assert_true(last.best_total < 0.7 * w.totals[0]);
    for (size_t i = 0; i < values(out); i++)
        assert_true(out->planes[i] >= 0 && out->planes[i] <= 1);

    /* What is handed back is that best picture, to the bit. */
    stylize_event again;
    stylize_image *same = paint_from(out, &again, "0", "lbfgs");
    sessions_expect_same(same, out);
    assert_true(again.best_total == last.best_total);
    stylize_image_free(same);
    stylize_image_free(out);
}

/* The cost logged is that of the picture written: through an 8-bit file and back it changes little.
 */
static void test_written_picture_has_the_cost(void **state) {
    (void)state;
    char folder[] = "/tmp/stylize-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.png", folder);
    for (int i = 0; i < 3; i++) {
        stylize_event last, again;
        stylize_error err;
        stylize_image *out = paint_from(NULL, &last, "12", optimizers[i]);
        assert_true(stylize_image_write(out, path, 0, 0, &err));
        stylize_image_free(out);
        stylize_image *init = stylize_image_read(path, 1 << 20, &err);
        assert_non_null(init);
        out = paint_from(init, &again, "0", optimizers[i]);
        assert_true(fabs(again.best_total - last.best_total) < 0.05 * last.best_total);
        stylize_image_free(out);
        stylize_image_free(init);
    }
    unlink(path);
    rmdir(folder);
}

static void test_seeds_and_threads(void **state) {
    (void)state;
    session_inputs from = inputs;
    stylize_image *outs[4];
    for (int i = 0; i < 4; i++) {
        from.threads = i == 3 ? 1 : i + 1;
        outs[i] = sessions_paint(&from, NULL, QUICK, "iterations", "4", "init", "random", "seed",
                                 i == 3 ? "6" : "5", NULL);
    }
    sessions_expect_same(outs[0], outs[1]);
    sessions_expect_same(outs[0], outs[2]);
    assert_true(sessions_differ(outs[0], outs[3]));
    for (int i = 0; i < 4; i++)
        stylize_image_free(outs[i]);
}

/* Every setting reaches the engine: it changes the picture. */
static void test_settings_matter(void **state) {
    (void)state;
    static const char *const settings[][2] = {
        {"alpha", "10"},
        {"beta", "30"},
        {"tv", "5"},
        {"pool", "avg"},
        {"cost", "gatys"},
        {"optimizer", "adam"},
        {"style-scale", "0.7"},
        {"style-layers", "relu1_1:0.2,relu2_1:0.2"},
        {"history", "1"},
        {"content-layers", "relu4_2:2"},
        {"init", "random"},
        {"style-layers", "relu1_1:.2,relu2_1:.2,relu3_1:.2,relu4_1:.4,relu5_1:.2"},
        {"color", "content"},
        {"learning-rate", "0.5"},
        {"size", "40"},
        {"scales", "2"},
        {"size", "40x33"},
    };
    stylize_image *plain = sessions_paint(&inputs, NULL, QUICK, "iterations", "3", NULL);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        stylize_image *out = sessions_paint(&inputs, NULL, QUICK, "iterations", "3", settings[i][0],
                                            settings[i][1], NULL);
        if (out->width == plain->width && !sessions_differ(plain, out))
            fail_msg("%s changes nothing", settings[i][0]);
        stylize_image_free(out);
    }
    stylize_image_free(plain);
}

/* ---- refusals ---- */

static void test_values_out_of_range(void **state) {
    (void)state;
    static const char *const settings[][3] = {
        {"alpha", "-1", "alpha"},
        {"beta", "nan", "beta"},
        {"tv", "inf", "tv"},
        {"iterations", "-1", "iterations"},
        {"size", "7", "size"},
        {"history", "0", "history"},
        {"style-scale", "0", "style-scale"},
        {"style-scale", "inf", "style-scale"},
        {"learning-rate", "-1", "learning-rate"},
        {"learning-rate", "nan", "learning-rate"},
        {"optimizer", "sgd", "optimizer"},
        {"pool", "min", "pool"},
        {"color", "both", "color"},
        {"max-pixels", "0", "max-pixels"},
        {"content-layers", "relu4_2:nan", "content-layers"},
        {"style-layers", "relu1_1:-1", "style-layers"},
        {"style-layers", "relu1_1,relu1_1", "twice"},
        {"style-layers", "relu9_9", "relu9_9"},
        {"style-layers", "", "style-layers"},
    };
    stylize_recipe *recipe = recipes_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        stylize_error err = {STYLIZE_OK, ""};
        if (stylize_recipe_set(recipe, settings[i][0], settings[i][1], &err))
            fail_msg("accepted: %s=%s", settings[i][0], settings[i][1]);
        recipes_expect_error(&err, settings[i][1], settings[i][2], "");
    }
    stylize_recipe_free(recipe);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
        stylize_status status;
        const char *words;
    } settings[] = {
        {"style-layers", "relu5_4", STYLIZE_FAILURE, "deepest is relu5_1"},
        {"content-layers", "relu5_4", STYLIZE_FAILURE, "deepest is relu5_1"},
        {"size", "16", STYLIZE_FAILURE, "result"},
        {"style-scale", "0.01", STYLIZE_FAILURE, "style"},
        {"style-scale", "1e300", STYLIZE_FAILURE, "pixels"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        stylize_recipe *recipe =
            recipes_of(QUICK, "iterations", "1", settings[i].name, settings[i].value, NULL);
        sessions_expect_refused(&inputs, recipe, settings[i].status, settings[i].words);
        stylize_recipe_free(recipe);
    }
}

/* What a session was not given, and more of what there may be some of only. */
static void test_inputs(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of(QUICK, "iterations", "0", NULL);
    for (int i = 0; i < 3; i++) {
        session_inputs less = inputs;
        static const char *const words[] = {"no content", "no style", "no network"};
        *(i == 0 ? &less.content : i == 1 ? &less.style : &less.init) = NULL;
        less.networks[0] = i == 2 ? NULL : inputs.networks[0];
        sessions_expect_refused(&less, recipe, STYLIZE_USAGE, words[i]);
    }
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err = {STYLIZE_OK, ""};
    assert_false(stylize_session_add_network(session, NULL, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    int networks = 1;
    while (stylize_session_add_network(session, inputs.networks[0], &err))
        networks++;
    assert_in_range(networks, 8, 64);
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_false(stylize_session_observe(session, watch_iterations, NULL, -1, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_false(stylize_session_observe(session, NULL, NULL, 0, &err));
    assert_null(stylize_session_event(session));
    assert_null(stylize_session_picture(session));
    assert_null(stylize_session_result(session, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    stylize_session_free(session);
    stylize_session_free(NULL);
    stylize_recipe_free(recipe);
}

static void test_extreme_weights(void **state) {
    (void)state;
    /* the cost overflows: an error or a picture, never a broken one */
    stylize_recipe *recipe = recipes_of(QUICK, "iterations", "3", "beta", "1e300", NULL);
    stylize_error err;
    stylize_image *out =
        stylize_transfer(recipe, inputs.networks[0], inputs.content, inputs.style, &err);
    for (size_t i = 0; out && i < values(out); i++)
        assert_true(out->planes[i] >= 0 && out->planes[i] <= 1);
    stylize_image_free(out);
    stylize_recipe_free(recipe);
    out = sessions_paint(&inputs, NULL, QUICK, "iterations", "3", "alpha", "0", "beta", "0",
                         "chroma-tv", "0", NULL);
    sessions_expect_same(out, inputs.content); /* nothing to do */
    stylize_image_free(out);
}

static void test_names(void **state) {
    (void)state;
    assert_true(stylize_layer_known("relu4_2"));
    assert_false(stylize_layer_known("relu4_5"));
    assert_string_equal(stylize_stop_name(STYLIZE_STOP_ITERATIONS), "iterations");
    assert_string_equal(stylize_stop_name(STYLIZE_STOP_CONVERGED), "converged");
    assert_string_equal(stylize_stop_name(STYLIZE_STOP_CANCELLED), "interrupted");
    assert_true(strlen(stylize_instruction_set()) > 0);
    stylize_image_free(NULL);
    stylize_network_free(NULL);
    stylize_error err;
    assert_null(stylize_network_load("no/such/file.safetensors", &err));
    assert_non_null(strstr(err.text, "no/such/file.safetensors"));
    assert_null(stylize_image_read("no/such/picture.png", 100, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_pass),
        cmocka_unit_test(test_least_sizes),
        cmocka_unit_test(test_progress_and_best),
        cmocka_unit_test(test_written_picture_has_the_cost),
        cmocka_unit_test(test_seeds_and_threads),
        cmocka_unit_test(test_settings_matter),
        cmocka_unit_test(test_values_out_of_range),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_extreme_weights),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
