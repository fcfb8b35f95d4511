/* SPDX-License-Identifier: MIT
 *
 * Tests of stage.c: each step allocates what was measured, to the byte; what a stage starts from;
 * and what becomes of its factors. Whole stages are the sessions' tests.
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
#include "image/color.h"
#include "image/recolor.h"
#include "recipes.h"
#include "sessions.h"
#include "transfer/plan.h"
#include "transfer/stage.h"
#include "transfer/start.h"

static vgg *network;

static int set_up(void **state) {
    (void)state;
    error err;
    network = vgg_load(SESSIONS_BUNDLED, kernels_best(), &err);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vgg_free(network);
    return 0;
}

/* A stage and the pictures that it paints from. */
typedef struct trial {
    image *content, *style, *init;
    stage_settings settings;
    stage_inputs inputs;
    stage *stage;
} trial;

static image_extent extent_of(const image *picture) {
    return picture ? (image_extent){picture->width, picture->height} : (image_extent){0, 0};
}

/* The only stage of a recipe, whose pictures are these; they and the recipe become the trial's. */
static trial trial_of(stylize_recipe *recipe, image *content, image *style, image *init) {
    trial self = {.content = content, .style = style, .init = init};
    const plan_job job = {.recipe = recipe,
                          .networks = {network},
                          .network_count = 1,
                          .content = extent_of(content),
                          .styles = {extent_of(style)},
                          .style_count = 1,
                          .init = extent_of(init),
                          .content_alpha = content->alpha != NULL,
                          .init_alpha = init && init->alpha};
    plan made;
    error err;
    if (!plan_make(&made, &job, &err))
        fail_msg("%s", err.text);
    assert_int_equal(made.count, 1);
    self.settings = made.stages[0];
    self.inputs = (stage_inputs){.content = content,
                                 .styles = {style},
                                 .start = init ? init : content,
                                 .reference = init ? init : content};
    self.stage = calloc(1, sizeof *self.stage);
    assert_non_null(self.stage);
    assert_true(stage_prepare(self.stage, &self.settings, &err));
    stylize_recipe_free(recipe);
    return self;
}

/* Of patterns of 64 x 48 pixels. */
static trial small_trial(stylize_recipe *recipe) {
    return trial_of(recipe, sessions_pattern(1, 64, 48), sessions_pattern(2, 64, 48), NULL);
}

static void trial_end(trial *self) {
    stage_clear(self->stage);
    free(self->stage);
    image_free(self->content);
    image_free(self->style);
    image_free(self->init);
}

/* Up to the picture to start from. */
static void take_start(const trial *self) {
    error err;
    if (!stage_place(self->stage, &self->inputs, &err) ||
        !stage_analyse_content(self->stage, &self->inputs, &err) ||
        !stage_analyse_style(self->stage, &self->inputs, &err) ||
        !stage_take_start(self->stage, &self->inputs, &err))
        fail_msg("%s", err.text);
}

/* Up to its evaluation. */
static void begin(const trial *self) {
    error err;
    take_start(self);
    if (!stage_start(self->stage, &err))
        fail_msg("%s", err.text);
}

/* ---- memory ---- */

/* What zimg may want for a change of size besides what is foreseen; that depends on its version and
 * on the machine. */
enum { ZIMG_MORE = 1 << 16 };

/* What was allocated since the last call. */
static size_t took(size_t *before) {
    const size_t now = allocations_bytes(), bytes = now - *before;
    *before = now;
    return bytes;
}

static void expect_measured(trial *self) {
    error err;
    size_t before = allocations_bytes();
    const stage_memory m = stage_measure(self->stage);
    assert_int_equal(took(&before), 0); /* measuring takes nothing */
    assert_true(stage_place(self->stage, &self->inputs, &err));
    /* Transparency and the start, one after the other: the start's memory is the greater one. */
    const size_t placing = took(&before) - m.lasting, nothing = memory_block(0, 1);
    const bool transparent = self->settings.content_alpha;
    assert_in_range(placing, nothing, transparent ? m.start + 3 * ZIMG_MORE : nothing);
    assert_true(stage_analyse_content(self->stage, &self->inputs, &err));
    assert_in_range(took(&before), m.content, m.content + ZIMG_MORE);
    assert_true(stage_analyse_style(self->stage, &self->inputs, &err));
    assert_in_range(took(&before), m.style, m.style + ZIMG_MORE);
    assert_true(stage_take_start(self->stage, &self->inputs, &err));
    const size_t starting = took(&before);
    assert_in_range(starting, nothing, m.start + 3 * ZIMG_MORE);
    assert_true(memory_greater(placing, starting) >= m.start);
    assert_true(stage_start(self->stage, &err));
    assert_int_equal(took(&before), m.working);
    for (int i = 0; i < 3; i++)
        stage_step(self->stage);
    const double factors[COST_KINDS] = {[COST_CONTENT] = 2, [COST_GRAM] = 3, [COST_SMOOTHNESS] = 4};
    assert_true(stage_set_factors(self->stage, factors, &err));
    stage_step(self->stage);
    stage_end(self->stage);
    assert_int_equal(took(&before), 0);
}

typedef struct kind {
    const char *color, *optimizer, *init, *size, *fit, *layers;
    bool content_alpha, from_init, init_alpha;
    const char *strength; /* of the colour */
} kind;

static void steps_allocate_what_was_measured(void **state) {
    (void)state;
    static const kind kinds[] = {
        {"style", "lbfgs", "content", "0", "crop", "relu4_2", 0, 0, 0, "1"},
        {"style", "adam", "random", "130", "crop", "conv3_2,pool2", 1, 0, 0, "1"},
        {"style", "gd", "content", "64x90", "pad", "relu4_2,relu1_2", 1, 1, 0, "1"},
        {"content", "lbfgs", "content", "90x64", "stretch", "relu4_2", 0, 1, 1, "1"},
        {"content", "adam", "random", "99", "crop", "pool4", 1, 1, 1, "1"},
        {"content", "gd", "content", "333", "pad", "relu4_2", 1, 0, 0, "1"},
        {"content", "lbfgs", "content", "90", "crop", "relu4_2", 0, 0, 0, "0.5"},
        {"match", "lbfgs", "content", "90", "crop", "relu4_2", 1, 0, 0, "1"},
        {"start", "lbfgs", "content", "90", "crop", "relu4_2", 0, 0, 0, "1"},
    };
    for (int threads = 1; threads <= 3; threads++) {
        const int before = cpu_set_threads(threads);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            const kind *k = &kinds[i];
            image *content = sessions_pattern(1, 120, 100), *init = NULL;
            if (k->content_alpha)
                sessions_fade(content);
            if (k->from_init)
                init = sessions_pattern(3, 77, 55);
            if (k->init_alpha)
                sessions_fade(init);
            trial t = trial_of(recipes_of("scales", "1", "upscale", "yes", "color", k->color,
                                          "optimizer", k->optimizer, "init", k->init, "size",
                                          k->size, "fit", k->fit, "content-layers", k->layers,
                                          "color-strength", k->strength, NULL),
                               content, sessions_pattern(2, 90, 111), init);
            expect_measured(&t);
            trial_end(&t);
        }
        cpu_set_threads(before);
    }
}

/* One kind of term alone: the other's analysis has nothing to do. */
static void nothing_to_analyse_takes_little(void **state) {
    (void)state;
    trial t = small_trial(recipes_of("scales", "1", NULL));
    const stage_memory both = stage_measure(t.stage);
    for (int i = 0; i < 2; i++) {
        error err;
        stage_settings less = t.settings;
        *(i ? &less.content_layer_count : &less.style_layer_count) = 0;
        assert_true(stage_prepare(t.stage, &less, &err));
        const stage_memory m = stage_measure(t.stage);
        assert_true(m.lasting <= both.lasting && m.working <= both.working);
        assert_true(i ? m.content < both.content : m.style < both.style);
        begin(&t);
        if (i) /* without a style the start is the best there is */
            assert_int_equal(stage_step(t.stage), OPTIMIZER_STEPPED);
        stage_clear(t.stage);
    }
    trial_end(&t);
}

static void says_what_is_too_small(void **state) {
    (void)state;
    trial t = small_trial(recipes_of("scales", "1", "style-layers", "relu5_1", NULL));
    for (int i = 0; i < 2; i++) {
        stage_settings small = t.settings;
        error err = {0};
        *(i ? &small.styles[0].size.height : &small.frame.height) = 15;
        assert_false(stage_prepare(t.stage, &small, &err));
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_non_null(strstr(err.text, "relu5_1"));
    }
    trial_end(&t);
}

/* ---- the start ---- */

/* The content comes into the frame, in the colours of the style; a picture to start from fills it
 * as it is. */
static void starts_where_it_is_to(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        image *init = i ? sessions_pattern(3, 90, 60) : NULL;
        trial t = trial_of(recipes_of("scales", "1", "size", "40x40", "fit", "pad", NULL),
                           sessions_pattern(1, 100, 50), sessions_pattern(2, 50, 50), init);
        error err;
        image *wanted = image_new(40, 40, &err);
        assert_non_null(wanted);
        const image_view to = image_view_of(wanted->planes, 40, 40, 3);
        if (i)
            assert_true(
                image_view_resample(image_view_of(init->planes, 90, 60, 3), to, false, &err));
        else
            assert_true(frame_bring(&t.settings.frame, image_view_of(t.content->planes, 100, 50, 3),
                                    to, &err));
        if (!i) {
            image *style = image_resample(t.style, 40, 40, &err);
            assert_non_null(style);
            start_tones tones = {0};
            start_add_tones(&tones, style, NULL, 1);
            image_free(style);
            start_recolor(wanted->planes, 40 * 40, &tones, NULL, 1, 1);
        }
        take_start(&t);
        assert_memory_equal(t.stage->optimizer.x, wanted->planes, 3 * 40 * 40 * sizeof(float));
        image_free(wanted);
        trial_end(&t);
    }
}

/* What the stage before painted, enlarged, and the detail of the content that it had not: a picture
 * that was left as the content becomes sharper. Where the content is recoloured, so is its detail.
 */
static void start_further(const char *color) {
    enum { COUNT = 3 * 64 * 48 };
    trial t = small_trial(recipes_of("scales", "1", "size", "0", "color", color, NULL));
    static float coarse[COUNT], wanted[COUNT];
    error err;
    image *content = image_resample(t.content, 64, 48, &err);
    assert_non_null(content);
    if (!strcmp(color, "start")) {
        color_moments from = {0}, to = {0};
        color_moments_add(&from, content, 1);
        color_moments_add(&to, t.style, 1);
        const recoloring map = recoloring_between(&from, &to, 1);
        recoloring_apply(&map, content);
    }
    image *before = image_resample(content, 40, 30, &err);
    assert_non_null(before);
    stage_settings further = t.settings;
    further.start_from = (image_extent){40, 30};
    further.start_is_content = false;
    further.recolored = 0;
    further.detailed = true;
    t.inputs.start = before;
    assert_true(stage_prepare(t.stage, &further, &err));
    take_start(&t);
    assert_true(image_view_resample(image_view_of(before->planes, 40, 30, 3),
                                    image_view_of(coarse, 64, 48, 3), false, &err));
    memcpy(wanted, coarse, sizeof wanted);
    start_add_detail(wanted, content->planes, coarse, 64 * 48);
    assert_memory_equal(t.stage->optimizer.x, wanted, sizeof wanted);
    assert_memory_not_equal(wanted, coarse, sizeof wanted);
    image_free(content);
    image_free(before);
    trial_end(&t);
}

static void a_further_stage_starts_with_detail(void **state) {
    (void)state;
    start_further("style");
    start_further("start");
}

/* Noise lies around mid-grey over the content, faint as that is then, and goes by the seed. */
static void noise_lies_over_the_content(void **state) {
    (void)state;
    static const char *const seeds[] = {"3", "3", "4"};
    enum { COUNT = 3 * 64 * 48 };
    static float starts[3][COUNT];
    for (int i = 0; i < 3; i++) {
        trial t = small_trial(
            recipes_of("scales", "1", "size", "0", "init", "random", "seed", seeds[i], NULL));
        take_start(&t);
        memcpy(starts[i], t.stage->optimizer.x, sizeof starts[i]);
        double mean = 0, square = 0;
        for (int k = 0; k < COUNT; k++) {
            const double noise = (double)starts[i][k] - 0.4 * (double)t.content->planes[k];
            assert_true(noise >= 0.6 * 0.35 - 1e-6 && noise <= 0.6 * 0.65 + 1e-6);
            mean += noise / COUNT;
            square += noise * noise / COUNT;
        }
        assert_true(fabs(mean - 0.3) < 0.005);
        assert_true(fabs(sqrt(square - mean * mean) - 0.6 * 0.3 / sqrt(12)) < 0.002);
        trial_end(&t);
    }
    assert_memory_equal(starts[0], starts[1], sizeof starts[0]);
    assert_memory_not_equal(starts[0], starts[2], sizeof starts[0]);
}

static void greys_start_as_the_luma(void **state) {
    (void)state;
    trial t = small_trial(recipes_of("scales", "1", "size", "0", "color", "content", NULL));
    float luma[64 * 48];
    color_luma(t.content, luma);
    take_start(&t);
    assert_memory_equal(t.stage->optimizer.x, luma, sizeof luma);
    trial_end(&t);
}

/* ---- terms and factors ---- */

static void terms_stand_as_they_were_given(void **state) {
    (void)state;
    trial t = small_trial(recipes_of("scales", "1", "content-layers", "relu4_2:2,relu1_1:3",
                                     "style-layers", "relu3_1:4,relu2_1:5", "beta", "300", NULL));
    const cost_spec *spec = &t.stage->objective.spec;
    static const struct {
        cost_kind kind;
        const char *layer;
        double weight;
    } wanted[] = {
        {COST_CONTENT, "relu4_2", 2}, {COST_CONTENT, "relu1_1", 3},
        {COST_GRAM, "relu3_1", 2},    {COST_GRAM, "relu2_1", 2.5}, /* of a small network: half */
        {COST_SMOOTHNESS, NULL, 1},   {COST_CHROMA, NULL, 1}};
    assert_int_equal(spec->count, 6);
    for (int i = 0; i < 6; i++) {
        const cost_term *term = &spec->terms[i];
        assert_int_equal(term->kind, wanted[i].kind);
        assert_true(term->weight == wanted[i].weight);
        if (wanted[i].layer)
            assert_string_equal(network->layers[term->layer].name, wanted[i].layer);
        else
            assert_int_equal(term->layer, COST_PICTURE);
    }
    trial_end(&t);
}

/* With other factors it goes on from where it is, and so do its counts; the best so far was another
 * cost's. */
static void other_factors_begin_afresh(void **state) {
    (void)state;
    static const char *const optimizers[] = {"lbfgs", "adam", "gd"};
    for (int i = 0; i < 3; i++) {
        trial t =
            small_trial(recipes_of("scales", "1", "size", "0", "optimizer", optimizers[i], NULL));
        optimizer *const method = &t.stage->optimizer;
        enum { COUNT = 3 * 64 * 48 };
        static float before[COUNT];
        error err;
        begin(&t);
        for (int k = 0; k < 4; k++)
            assert_int_equal(stage_step(t.stage), OPTIMIZER_STEPPED);
        const int evaluations = method->evaluations;
        memcpy(before, method->x, sizeof before);
        const double factors[COST_KINDS] = {
            [COST_CONTENT] = 20, [COST_GRAM] = 10, [COST_SMOOTHNESS] = 1};
        assert_true(stage_set_factors(t.stage, factors, &err));
        assert_memory_equal(before, method->x, sizeof before);
        assert_memory_equal(before, optimizer_best(method), sizeof before);
        assert_int_equal(method->iterations, 4);
        assert_int_equal(method->best_iteration, 4);
        assert_int_equal(method->evaluations, evaluations + 1);
        const cost_values *values = objective_values(&t.stage->objective);
        const double total = 20 * values->kinds[COST_CONTENT] + 10 * values->kinds[COST_GRAM] +
                             values->kinds[COST_SMOOTHNESS];
        assert_true(fabs(method->value - total) <= 1e-9 * total);
        assert_true(method->best_value == method->value);
        assert_int_equal(stage_step(t.stage), OPTIMIZER_STEPPED);
        assert_int_equal(method->iterations, 5);
        trial_end(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_allocate_what_was_measured),
        cmocka_unit_test(nothing_to_analyse_takes_little),
        cmocka_unit_test(says_what_is_too_small),
        cmocka_unit_test(starts_where_it_is_to),
        cmocka_unit_test(a_further_stage_starts_with_detail),
        cmocka_unit_test(noise_lies_over_the_content),
        cmocka_unit_test(greys_start_as_the_luma),
        cmocka_unit_test(terms_stand_as_they_were_given),
        cmocka_unit_test(other_factors_begin_afresh),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
