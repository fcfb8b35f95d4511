/* SPDX-License-Identifier: MIT
 *
 * Stages with regions: the derivative by the variables against differences of the cost, through
 * what stays of the content and through several masks; a content that counts in a part alone; and
 * memory, to the byte as it was measured.
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
#include "core/memory.h"
#include "maps.h"
#include "recipes.h"
#include "sessions.h"
#include "transfer/plan.h"
#include "transfer/stage.h"

enum { WIDTH = 64, HEIGHT = 48, PIXELS = WIDTH * HEIGHT, STYLES = 2 };

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

/* A stage of two styles, ready to be placed. */
typedef struct trial {
    image *content, *styles[STYLES];
    regions found;
    stage_inputs inputs;
    stage *stage;
} trial;

static void prepare(trial *self, const region_pictures *pictures, bool rest,
                    stylize_recipe *recipe) {
    plan_job job = {.recipe = recipe,
                    .networks = {network},
                    .network_count = 1,
                    .content = {WIDTH, HEIGHT},
                    .style_count = STYLES,
                    .regions = &self->found};
    plan made;
    error err;
    self->content = sessions_pattern(1, WIDTH, HEIGHT);
    self->inputs = (stage_inputs){
        .content = self->content, .start = self->content, .reference = self->content};
    for (int i = 0; i < STYLES; i++) {
        self->inputs.styles[i] = self->styles[i] = sessions_pattern(2 + i, WIDTH, HEIGHT);
        job.styles[i] = (image_extent){WIDTH, HEIGHT};
    }
    if (!regions_make(&self->found, pictures, rest, job.content, job.styles, STYLES, &err) ||
        !plan_make(&made, &job, &err))
        fail_msg("%s", err.text);
    assert_int_equal(made.count, 1);
    self->stage = calloc(1, sizeof *self->stage);
    assert_non_null(self->stage);
    assert_true(stage_prepare(self->stage, &made.stages[0], &err));
    stylize_recipe_free(recipe);
}

static void begin(const trial *self) {
    error err;
    if (!stage_place(self->stage, &self->inputs, &err) ||
        !stage_analyse_content(self->stage, &self->inputs, &err) ||
        !stage_analyse_style(self->stage, &self->inputs, &err) ||
        !stage_take_start(self->stage, &self->inputs, &err) || !stage_start(self->stage, &err))
        fail_msg("%s", err.text);
}

static void end(trial *self) {
    stage_clear(self->stage);
    free(self->stage);
    image_free(self->content);
    for (int i = 0; i < STYLES; i++)
        image_free(self->styles[i]);
}

/* ---- the start ---- */

/* A region starts in the tones that it has in the style. */
static void regions_start_in_their_own_tones(void **state) {
    (void)state;
    image *map = map_new_halves(WIDTH, HEIGHT, 24), *style_map = map_new_halves(WIDTH, HEIGHT, 40);
    const region_pictures pictures = {
        .content_map = map, .style_maps = {style_map, style_map}, .style_map_count = STYLES};
    trial self = {0};
    prepare(&self, &pictures, false,
            recipes_of("size", "64", "scales", "1", "style-scale", "1", NULL));
    for (int k = 0; k < STYLES; k++) {
        for (int i = 0; i < 3 * PIXELS; i++)
            self.styles[k]->planes[i] = i % WIDTH >= 40 ? 0.75f : 0.25f;
    }
    begin(&self);
    for (int r = 0; r < self.found.count; r++) {
        const double wanted = self.found.colors[r].x >= 24 ? 0.75 : 0.25;
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            assert_true(fabs(self.stage->tones[r].mean[c] - wanted) < 0.02);
    }
    end(&self);
    image_free(map);
    image_free(style_map);
}

/* ---- the derivative ---- */

/* Along the gradient of every third value the cost goes as the gradient says. */
static void expect_derivative(stage *self, const char *what) {
    static float variables[3 * PIXELS], gradient[3 * PIXELS], moved[3 * PIXELS],
        ignored[3 * PIXELS];
    const int count = canvas_channels(&self->canvas) * PIXELS;
    const size_t bytes = (size_t)count * sizeof *variables;
    memcpy(variables, self->optimizer.x, bytes);
    for (int i = 0; i < count;
         i++) /* off the start, where nothing is to be gained of the content */
        variables[i] = 0.8f * variables[i] + 0.02f * (float)(i % 7);
    canvas_evaluate(&self->canvas, &self->objective, variables, gradient);
    for (int k = 0; k < 3; k++) {
        const double step = 2e-3;
        double norm = 0, values[2];
        for (int i = k; i < count; i += 3)
            norm += (double)gradient[i] * (double)gradient[i];
        norm = sqrt(norm);
        assert_true(norm > 0);
        for (int side = 0; side < 2; side++) {
            memcpy(moved, variables, bytes);
            for (int i = k; i < count; i += 3)
                moved[i] += (float)((side ? step : -step) * (double)gradient[i] / norm);
            values[side] = canvas_evaluate(&self->canvas, &self->objective, moved, ignored);
        }
        const double measured = (values[1] - values[0]) / (2 * step);
        if (!(fabs(measured - norm) <= 0.02 * norm))
            fail_msg("%s, direction %d: %g by the gradient, %g by differences", what, k, norm,
                     measured);
    }
}

static void derivatives_go_through_regions(void **state) {
    (void)state;
    image *first = map_new_ramp(WIDTH, HEIGHT, 10, 30),
          *second = map_new_ramp(WIDTH, HEIGHT, 45, 5), *map = map_new_halves(WIDTH, HEIGHT, 24);
    image *style_map = map_new_halves(WIDTH, HEIGHT, 40);
    const struct {
        const char *what;
        region_pictures pictures;
        bool rest;
    } kinds[] = {
        {"one mask", {.masks = {first}, .mask_count = 1}, false},
        {"two masks", {.masks = {first, second}, .mask_count = 2}, false},
        {"two masks and the rest", {.masks = {first, second}, .mask_count = 2}, true},
        {"maps and weights",
         {.content_map = map,
          .style_maps = {style_map, style_map},
          .style_map_count = 2,
          .content_weight = first},
         false},
    };
    static const char *const costs[] = {"gram", "moments"};
    for (size_t k = 0; k < 4 * sizeof kinds / sizeof *kinds; k++) {
        trial t;
        prepare(&t, &kinds[k / 4].pictures, kinds[k / 4].rest,
                recipes_of("scales", "1", "size", "0", "color", k & 1 ? "content" : "style",
                           "style-cost", costs[k >> 1 & 1], NULL));
        begin(&t);
        expect_derivative(t.stage, kinds[k / 4].what);
        end(&t);
    }
    image_free(first);
    image_free(second);
    image_free(map);
    image_free(style_map);
}

/* Where the content does not count it pulls at nothing, beyond what a layer's places see. */
static void content_without_weight_is_free(void **state) {
    (void)state;
    enum { FROM = 32, SEEN = 2 }; /* relu1_2 sees two pixels to each side */
    image *weight = map_new_ramp(WIDTH, HEIGHT, FROM - 1, 1);
    static float x[3 * PIXELS], gradient[3 * PIXELS];
    trial t;
    prepare(&t, &(region_pictures){.content_weight = weight}, false,
            recipes_of("scales", "1", "size", "0", "content-layers", "relu1_2", "beta", "0",
                       "chroma-tv", "0", NULL));
    begin(&t);
    for (int i = 0; i < 3 * PIXELS; i++)
        x[i] = 1 - t.content->planes[i];
    canvas_evaluate(&t.stage->canvas, &t.stage->objective, x, gradient);
    double pulled[2] = {0, 0};
    for (int i = 0; i < 3 * PIXELS; i++) {
        const double size = fabs((double)gradient[i]);
        if (i % WIDTH < FROM - SEEN)
            pulled[0] += size;
        else if (i % WIDTH >= FROM)
            pulled[1] += size;
    }
    assert_true(pulled[0] == 0 && pulled[1] > 0);
    end(&t);
    image_free(weight);
}

/* ---- memory ---- */

/* What zimg may want for a change of size besides what is foreseen. */
enum { ZIMG_MORE = 1 << 16 };

/* What was allocated since the last call. */
static size_t took(size_t *before) {
    const size_t now = allocations_bytes(), bytes = now - *before;
    *before = now;
    return bytes;
}

static void regions_allocate_what_was_measured(void **state) {
    (void)state;
    image *mask = map_new_ramp(WIDTH, HEIGHT, 10, 30), *map = map_new_halves(WIDTH, HEIGHT, 24),
          *large = sessions_pattern(0, 640, 480);
    memset(large->planes, 0, 640 * 480 * sizeof(float));
    const region_pictures kinds[] = {
        {.masks = {mask, large}, .mask_count = 2, .content_weight = large},
        {.content_map = map, .style_maps = {map, map}, .style_map_count = 2},
    };
    for (int k = 0; k < 4; k++) {
        trial t;
        error err;
        size_t before = 0;
        prepare(&t, &kinds[k / 2], k == 1,
                recipes_of("scales", "1", "size", "48x48", "style-scale", "1,0.7", NULL));
        took(&before);
        const stage_memory m = stage_measure(t.stage);
        assert_int_equal(took(&before), 0); /* measuring takes nothing */
        assert_true(stage_place(t.stage, &t.inputs, &err));
        assert_int_equal(took(&before), m.lasting + memory_block(0, 1));
        assert_true(stage_analyse_content(t.stage, &t.inputs, &err));
        assert_in_range(took(&before), m.content, m.content + ZIMG_MORE);
        assert_true(stage_analyse_style(t.stage, &t.inputs, &err));
        assert_in_range(took(&before), m.style, m.style + 4 * STYLES * ZIMG_MORE);
        assert_true(stage_take_start(t.stage, &t.inputs, &err));
        assert_in_range(took(&before), m.start, m.start + 4 * ZIMG_MORE);
        assert_true(stage_start(t.stage, &err));
        assert_int_equal(took(&before), m.working);
        for (int i = 0; i < 3; i++)
            stage_step(t.stage);
        assert_int_equal(took(&before), 0);
        end(&t);
    }
    image_free(mask);
    image_free(map);
    image_free(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_start_in_their_own_tones),
        cmocka_unit_test(derivatives_go_through_regions),
        cmocka_unit_test(content_without_weight_is_free),
        cmocka_unit_test(regions_allocate_what_was_measured),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
