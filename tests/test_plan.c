/* SPDX-License-Identifier: MIT
 *
 * Tests of plan.c: sizes, what each stage goes by, what is counted of its memory, and sizes that
 * cannot be. How well the bytes are those of a process: test_plan_peak.c.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "image/image.h"
#include "recipes.h"
#include "sessions.h"
#include "transfer/plan.h"

static vgg *network, *other;

static int set_up(void **state) {
    (void)state;
    error err;
    network = vgg_load(SESSIONS_BUNDLED, kernels_best(), &err);
    other = vgg_load("tests/golden/small16.safetensors", kernels_best(), &err);
    return network && other ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vgg_free(network);
    vgg_free(other);
    return 0;
}

/* ---- sizes ---- */

static void expect_size(const stylize_recipe *recipe, int width, int height, int expected_width,
                        int expected_height) {
    int w, h;
    stylize_recipe_result_size(recipe, width, height, &w, &h);
    assert_int_equal(w, expected_width);
    assert_int_equal(h, expected_height);
}

/* For a content of 400 x 300. */
static void expect_style_size(const stylize_recipe *recipe, int width, int height,
                              int expected_width, int expected_height) {
    int result_width, result_height, w, h;
    stylize_recipe_result_size(recipe, 400, 300, &result_width, &result_height);
    stylize_recipe_style_size(recipe, result_width, result_height, width, height, &w, &h);
    assert_int_equal(w, expected_width);
    assert_int_equal(h, expected_height);
}

static void sizes_of_result_and_style(void **state) {
    (void)state;
    stylize_recipe *r = recipes_new();
    recipes_expect(r, "size", "auto");
    expect_size(r, 1024, 768, 512, 384);
    expect_size(r, 300, 200, 300, 200); /* never enlarged ... */
    recipes_set(r, "upscale", "yes");
    expect_size(r, 300, 200, 512, 341); /* ... unless asked to */
    recipes_set(r, "size", "0");
    expect_size(r, 300, 200, 300, 200);
    expect_style_size(r, 640, 480, 400, 300); /* it follows the result */
    recipes_set(r, "style-scale", "0.5");
    expect_style_size(r, 640, 480, 200, 150);
    recipes_set(r, "size", "1000");
    expect_style_size(r, 640, 480, 500, 375);
    recipes_set(r, "upscale", "no");
    expect_style_size(r, 640, 480, 200, 150); /* also where that stays smaller than asked for */
    recipes_set(r, "size", "100");
    expect_style_size(r, 640, 480, 50, 38);
    recipes_set(r, "style-scale", "2");
    expect_style_size(r, 48, 64, 150, 200);
    recipes_set(r, "size", "100x300");
    expect_size(r, 400, 300, 100, 300);
    expect_style_size(r, 48, 64, 450, 600);
    recipes_set(r, "style-scale", "1e300"); /* no overflow; refused when it is to be made */
    expect_style_size(r, 48, 64, 1 << 24, 1 << 24);
    stylize_recipe_free(r);
}

/* ---- stages ---- */

static plan_job job_of(const stylize_recipe *recipe) {
    return (plan_job){
        .recipe = recipe,
        .networks = {network},
        .network_count = 1,
        .content = {900, 600},
        .styles = {{500, 400}},
        .style_count = 1,
    };
}

static plan make(const plan_job *job) {
    plan made;
    error err;
    if (!plan_make(&made, job, &err))
        fail_msg("%s", err.text);
    return made;
}

static void expect_extent(image_extent found, int width, int height) {
    assert_int_equal(found.width, width);
    assert_int_equal(found.height, height);
}

static void stages_go_by_the_recipe(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("size", "600", "scales", "100,300", "iterations", "7,6,5", "alpha", "2", "beta",
                   "3", "tv", "4", "content-layers", "relu2_1:5,pool1:6", "style-layers",
                   "relu1_1:7", "cost", "gatys", "pool", "avg", "optimizer", "adam", "history", "4",
                   "learning-rate", "0.25", "color", "content", "init", "random", "seed", "9",
                   "style-scale", "0.5", "style-cost", "covariance", NULL);
    const plan_job job = job_of(recipe);
    const size_t blocks = allocations_count();
    plan made = make(&job);
    assert_true(allocations_count() - blocks <= (size_t)made.count); /* one to measure in, each */
    static const int sides[][4] = {{100, 67, 50, 40}, {300, 200, 150, 120}, {600, 400, 300, 240}};
    assert_int_equal(made.count, 3);
    assert_int_equal(made.iterations, 18);
    for (int i = 0; i < 3; i++) {
        const stage_settings *s = &made.stages[i];
        assert_ptr_equal(s->network, network);
        expect_extent((image_extent){s->frame.width, s->frame.height}, sides[i][0], sides[i][1]);
        expect_extent(s->styles[0].size, sides[i][2], sides[i][3]);
        expect_extent(s->content_from, 900, 600);
        expect_extent(s->styles[0].from, 500, 400);
        expect_extent(s->reference_from, 900, 600);
        expect_extent(s->start_from, i ? sides[i - 1][0] : 900, i ? sides[i - 1][1] : 600);
        assert_int_equal(s->start_is_content, i == 0);
        assert_int_equal(s->noise > 0, i == 0);
        assert_int_equal(s->detailed, i > 0);
        assert_false(s->recolored);
        assert_int_equal(s->seed, 9);
        assert_true(s->reference_is_content);
        assert_int_equal(s->iterations, 7 - i);
        assert_int_equal(s->style_kind, COST_COVARIANCE);
        assert_true(s->factors[COST_CONTENT] == 2 && s->factors[COST_COVARIANCE] == 3 &&
                    s->factors[COST_GRAM] == 0 && s->factors[COST_SMOOTHNESS] == 4);
        assert_int_equal(s->content_layer_count, 2);
        assert_int_equal(s->style_layer_count, 1);
        assert_true(s->content_layers[1].weight == 6 &&
                    s->style_layers[0].weight == 7 * 0.5 /* a small network's */);
        assert_string_equal(network->layers[s->content_layers[0].layer].name, "relu2_1");
        assert_string_equal(network->layers[s->content_layers[1].layer].name, "pool1");
        assert_true(s->sum_content && s->luma && s->pooling == POOLING_AVG);
        assert_int_equal(s->optimizer.kind, OPTIMIZER_ADAM);
        assert_int_equal(s->optimizer.history, 4);
        assert_true(s->optimizer.learning_rate == 0.25);
    }
    stylize_recipe_free(recipe);
}

/* Only the content is, in the first stage, where the style's colours are wanted and something is
 * painted; and only a content that counts lends its detail. */
static void starts_in_the_colors_of_the_style(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
        bool recolored, detailed;
    } cases[] = {{"beta", "5", true, true},         {"beta", "0", false, true},
                 {"color", "content", false, true}, {"color", "match", true, true},
                 {"color", "start", true, true},    {"init", "random", false, true},
                 {"alpha", "0", true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stylize_recipe *recipe =
            recipes_of("size", "600", "scales", "2", cases[i].name, cases[i].value, NULL);
        const plan_job job = job_of(recipe);
        const plan made = make(&job);
        assert_int_equal(made.count, 2);
        assert_int_equal(made.stages[0].recolored, cases[i].recolored);
        assert_int_equal(made.stages[1].detailed, cases[i].detailed);
        assert_false(made.stages[0].detailed || made.stages[1].recolored);
        stylize_recipe_free(recipe);
    }
    stylize_recipe *nothing = recipes_of("size", "600", "scales", "1", "iterations", "0", NULL);
    const plan_job job = job_of(nothing);
    assert_false(make(&job).stages[0].recolored);
    stylize_recipe_free(nothing);
}

/* Light alone is painted where the content's colours stay wholly; with no strength at all a word
 * means what style does. */
static void colors_go_by_word_and_strength(void **state) {
    (void)state;
    static const struct {
        const char *word, *strength;
        canvas_color color;
        bool luma;
    } cases[] = {{"style", "1", CANVAS_STYLE, false},       {"content", "1", CANVAS_CONTENT, true},
                 {"content", "0.5", CANVAS_CONTENT, false}, {"content", "0", CANVAS_STYLE, false},
                 {"match", "0.5", CANVAS_MATCH, false},     {"match", "0", CANVAS_STYLE, false},
                 {"start", "1", CANVAS_START, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stylize_recipe *recipe = recipes_of("size", "600", "scales", "2", "color", cases[i].word,
                                            "color-strength", cases[i].strength, NULL);
        const plan_job job = job_of(recipe);
        const plan made = make(&job);
        for (int k = 0; k < 2; k++) {
            const stage_settings *s = &made.stages[k];
            assert_int_equal(s->color, cases[i].color);
            assert_int_equal(s->luma, cases[i].luma);
            assert_int_equal(s->recolored, k == 0 && !cases[i].luma);
            assert_true(s->color == CANVAS_STYLE ||
                        fabs((double)s->color_strength - atof(cases[i].strength)) < 1e-7);
        }
        stylize_recipe_free(recipe);
    }
}

/* A picture to start from is one of its own, and there is no noise in it. */
static void starts_from_an_init(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "600", "scales", "100,300", "init", "random", NULL);
    plan_job job = job_of(recipe);
    job.init = (image_extent){77, 88};
    job.init_alpha = true;
    plan made = make(&job);
    assert_int_equal(made.count, 3);
    for (int i = 0; i < 3; i++) {
        const stage_settings *s = &made.stages[i];
        assert_false(s->noise || s->recolored || s->start_is_content || s->reference_is_content);
        assert_true(s->reference_alpha && !s->content_alpha);
        expect_extent(s->reference_from, 77, 88);
        expect_extent(s->start_from, i ? (i == 1 ? 100 : 300) : 77, i ? (i == 1 ? 67 : 200) : 88);
    }
    recipes_set(recipe, "scales", "auto");
    assert_int_equal(make(&job).count, 1);
    stylize_recipe_free(recipe);
}

static void networks_go_to_their_stages(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "600", "scales", "100,200,300", "content-layers",
                                        "relu2_1", "style-layers", "relu1_1", NULL);
    plan_job job = job_of(recipe);
    job.networks[1] = other;
    job.network_count = 2;
    plan made = make(&job);
    static const int wanted[] = {0, 1, 1, 1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(made.networks[i], wanted[i]);
        assert_ptr_equal(made.stages[i].network, wanted[i] ? other : network);
    }
    recipes_set(recipe, "scales", "1"); /* the first one is not used */
    made = make(&job);
    assert_int_equal(made.networks[0], 1);
    recipes_set(recipe, "style-layers", "relu5_2"); /* nor asked for its layers */
    make(&job);
    error err;
    job.networks[0] = other;
    job.networks[1] = network;
    assert_false(plan_make(&made, &job, &err));
    assert_non_null(strstr(err.text, "relu5_2"));
    stylize_recipe_free(recipe);
}

/* ---- memory ---- */

static stylize_recipe *one_stage(void) {
    return recipes_of("scales", "1", NULL);
}

/* What keeps transparency is there all the time: start, alphas and what is shown. */
static void counts_transparency(void **state) {
    (void)state;
    stylize_recipe *recipe = one_stage();
    plan_job job = job_of(recipe);
    const size_t plane = (size_t)512 * 341 * sizeof(float), slack = (size_t)4 << 20;
    const plan plain = make(&job);
    job.content_alpha = true;
    const plan rich = make(&job);
    assert_in_range(rich.bytes - plain.bytes, 8 * plane - slack, 8 * plane + slack);
    assert_in_range(rich.without_style - plain.without_style, 8 * plane - slack, 8 * plane + slack);
    stylize_recipe_free(recipe);
}

/* What the result takes over from the content is there when the work is done. */
static void counts_what_is_taken_over(void **state) {
    (void)state;
    stylize_recipe *recipe = one_stage();
    plan_job job = job_of(recipe);
    const plan plain = make(&job);
    job.properties = 12345; /* less than the work took */
    assert_int_equal(make(&job).bytes, plain.bytes);
    job.properties = plain.bytes;
    const plan rich = make(&job);
    assert_true(rich.bytes > plain.bytes + image_memory(512, 341));
    job.properties += 54321;
    assert_int_equal(make(&job).bytes, rich.bytes + 54321);
    stylize_recipe_free(recipe);
}

static void counts_what_observers_take(void **state) {
    (void)state;
    stylize_recipe *recipe = one_stage();
    plan_job job = job_of(recipe);
    const size_t pixels = (size_t)512 * 341;
    size_t bytes[3];
    for (size_t i = 0; i < 3; i++) {
        job.observers = i ? 10000 * i : 0; /* so much that it decides */
        bytes[i] = make(&job).bytes;
    }
    assert_true(bytes[1] > bytes[0]);
    assert_in_range(bytes[2] - bytes[1], 10000 * pixels - (2 << 20), 10000 * pixels + (2 << 20));
    stylize_recipe_free(recipe);
}

/* More of anything takes more, and what is kept free grows with it. */
static void counts_all_that_grows(void **state) {
    (void)state;
    static const char *const more[][2] = {{"history", "40"}, {"style-scale", "3"}, {"size", "700"}};
    stylize_recipe *recipe = recipes_of("scales", "1", "optimizer", "lbfgs", NULL);
    const plan_job job = job_of(recipe);
    const plan plain = make(&job);
    assert_true(plain.needed > plain.bytes + plain.bytes / 33 + (8 << 20));
    for (size_t i = 0; i < 3; i++) {
        stylize_recipe *changed = recipes_of("scales", "1", more[i][0], more[i][1], NULL);
        const plan_job larger = job_of(changed);
        const plan made = make(&larger);
        assert_true(made.bytes > plain.bytes &&
                    made.needed - made.bytes >= plain.needed - plain.bytes);
        stylize_recipe_free(changed);
    }
    const int threads = cpu_set_threads(1);
    const plan one = make(&job);
    cpu_set_threads(40);
    const plan forty = make(&job);
    cpu_set_threads(threads);
    assert_true(stylize_thread_count(40) == 1 || forty.bytes > one.bytes);
    stylize_recipe_free(recipe);
}

/* Coarse stages come and go, and what they take is not added up. */
static void stages_take_turns(void **state) {
    (void)state;
    stylize_recipe *single = one_stage(),
                   *several = recipes_of("scales", "128,256", "beta", "300", NULL);
    recipes_set(single, "beta", "300"); /* no content is watched */
    const plan_job one = job_of(single), three = job_of(several);
    const plan alone = make(&one), made = make(&three);
    assert_int_equal(made.count, 3);
    assert_true(made.stage_bytes[0] < made.stage_bytes[1]);
    assert_true(made.stage_bytes[1] < made.stage_bytes[2]);
    /* The last has in addition what the one before it made, and no less than a stage alone. */
    const size_t carried = image_memory(256, 171);
    assert_in_range(made.bytes, alone.bytes, alone.bytes + carried);
    recipes_set(single, "style-scale", "3"); /* the style's analysis decides */
    recipes_set(several, "style-scale", "3");
    const plan large = make(&one);
    assert_true(large.bytes > large.without_style);
    assert_int_equal(make(&three).bytes, large.bytes + carried);
    stylize_recipe_free(single);
    stylize_recipe_free(several);
}

/* ---- what cannot be ---- */

static void expect_refused(const plan_job *job, const char *words, bool large) {
    plan made;
    error err = {0};
    assert_false(plan_make(&made, job, &err));
    assert_int_equal(err.code, ERROR_FAILURE);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
    assert_int_equal(plan_too_large(job), large);
}

static void keeps_to_the_limit_of_pixels(void **state) {
    (void)state;
    stylize_recipe *recipe = one_stage();
    plan_job job = job_of(recipe);
    job.styles[0] = (image_extent){500, 500};
    recipes_set(recipe, "max-pixels", "262144"); /* 512 x 512, the style's */
    make(&job);
    recipes_set(recipe, "max-pixels", "262143");
    expect_refused(&job, "the style picture at 512x512", true);
    recipes_set(recipe, "max-pixels", "174591"); /* 512 x 341 has one more */
    expect_refused(&job, "512x341", true);
    expect_refused(&job, "raise --max-pixels", true);
    /* The network has a limit of its own. */
    recipes_set(recipe, "max-pixels", "2147483647");
    recipes_set(recipe, "size", "40000");
    recipes_set(recipe, "upscale", "yes");
    expect_refused(&job, "40000x26667", true);
    plan made;
    error err;
    assert_false(plan_make(&made, &job, &err));
    assert_null(strstr(err.text, "--max-pixels"));
    stylize_recipe_free(recipe);
}

static void says_what_is_too_small(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "20", NULL);
    plan_job job = job_of(recipe);
    expect_refused(&job, "20x13", false);
    recipes_set(recipe, "size", "30");
    job.styles[0] = (image_extent){1000, 400};
    expect_refused(&job, "the style picture at 30x12", false);
    stylize_recipe_free(recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_result_and_style),
        cmocka_unit_test(stages_go_by_the_recipe),
        cmocka_unit_test(starts_in_the_colors_of_the_style),
        cmocka_unit_test(colors_go_by_word_and_strength),
        cmocka_unit_test(starts_from_an_init),
        cmocka_unit_test(networks_go_to_their_stages),
        cmocka_unit_test(counts_transparency),
        cmocka_unit_test(counts_what_is_taken_over),
        cmocka_unit_test(counts_what_observers_take),
        cmocka_unit_test(counts_all_that_grows),
        cmocka_unit_test(stages_take_turns),
        cmocka_unit_test(keeps_to_the_limit_of_pixels),
        cmocka_unit_test(says_what_is_too_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
