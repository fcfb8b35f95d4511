/* SPDX-License-Identifier: MIT
 *
 * Tests of canvas.c: what the network sees of light alone and the derivative by it against
 * differences of the cost, a style picture that becomes grey and as light as the content, and the
 * picture that is made of the variables, in colour and in transparency.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "cost_runs.h"
#include "engine.h"
#include "image/color.h"
#include "image/image.h"
#include "sessions.h"
#include "transfer/canvas.h"
#include "transfer/transparency.h"

enum { WIDTH = 24, HEIGHT = 20, PIXELS = WIDTH * HEIGHT };

static void walk(void *part, layout *to) {
    canvas_layout(part, to);
}

/* A canvas with memory, which layout_free releases. */
static layout make_kind(canvas *self, canvas_color color, float strength, bool transparent,
                        bool start_alpha) {
    layout memory;
    error err;
    *self = (canvas){.width = WIDTH,
                     .height = HEIGHT,
                     .color = color,
                     .strength = strength,
                     .luma = color == CANVAS_CONTENT && strength >= 1,
                     .transparent = transparent,
                     .start_alpha = start_alpha};
    assert_true(layout_make(&memory, walk, self, &err));
    return memory;
}

static layout make(canvas *self, bool luma, bool transparent, bool start_alpha) {
    return make_kind(self, luma ? CANVAS_CONTENT : CANVAS_STYLE, 1, transparent, start_alpha);
}

static image *pattern(int k) {
    return sessions_pattern(k, WIDTH, HEIGHT);
}

/* ---- memory ---- */

/* Planes of three and of one for each purpose, and none for nothing. */
static void takes_what_it_needs(void **state) {
    (void)state;
    static const int planes[8] = {0, 9, 0, 9, 7, 13, 8, 14}; /* luma, start alpha, transparent */
    for (int i = 0; i < 8; i++) {
        canvas self;
        layout memory = make(&self, i & 1, i & 4, i & 2);
        const size_t plane = PIXELS * sizeof(float), bytes = layout_bytes(&memory);
        const size_t wanted = (size_t)planes[i] * plane;
        assert_in_range(bytes, wanted, wanted + 7 * 2 * MEMORY_ALIGNMENT);
        assert_int_equal(canvas_channels(&self), i & 1 ? 1 : 3);
        assert_int_equal(self.colors != NULL, i & 1);
        assert_int_equal(self.shown != NULL, (i & 4) && !(i & 1));
        layout_free(&memory);
    }
    static const struct {
        canvas_color color;
        float strength;
        int planes;
    } kinds[] = {{CANVAS_CONTENT, 0.5f, 6}, {CANVAS_MATCH, 1, 0}, {CANVAS_START, 1, 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        canvas self;
        layout memory = make_kind(&self, kinds[i].color, kinds[i].strength, false, false);
        const size_t wanted = (size_t)kinds[i].planes * PIXELS * sizeof(float);
        assert_in_range(layout_bytes(&memory), wanted, wanted + 2 * 2 * MEMORY_ALIGNMENT);
        assert_int_equal(canvas_channels(&self), 3);
        layout_free(&memory);
    }
}

/* ---- light alone ---- */

static void expect_grey(const float *planes) {
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_true(planes[i] == planes[i % PIXELS]);
}

static void the_content_becomes_grey(void **state) {
    (void)state;
    image *content = pattern(1), *before = pattern(1);
    float luma[PIXELS];
    canvas self;
    layout memory = make(&self, true, false, false);
    color_luma(content, luma);
    canvas_take_content(&self, content->planes);
    expect_grey(content->planes);
    assert_memory_equal(content->planes, luma, sizeof luma);
    assert_memory_equal(self.colors, before->planes, 3 * sizeof luma);
    layout_free(&memory);
    memory = make(&self, false, true, false); /* in colour it is as it is */
    memcpy(content->planes, before->planes, 3 * sizeof luma);
    canvas_take_content(&self, content->planes);
    assert_memory_equal(content->planes, before->planes, 3 * sizeof luma);
    layout_free(&memory);
    image_free(content);
    image_free(before);
}

static void styles_become_grey_and_as_light(void **state) {
    (void)state;
    image *content = pattern(1), *style = pattern(2);
    for (int i = 0; i < 3 * PIXELS; i++) {
        content->planes[i] = 0.4f + 0.2f * content->planes[i];
        style->planes[i] = 0.5f + 0.3f * style->planes[i];
    }
    const color_tone to = color_tone_of(content), from = color_tone_of(style);
    canvas self;
    layout memory = make(&self, true, false, false);
    canvas_take_content(&self, content->planes);
    canvas_adapt_style(&self, style->planes, WIDTH, HEIGHT);
    const color_tone now = color_tone_of(style);
    assert_true(fabs(now.mean - to.mean) < 1e-5);
    assert_true(fabs(now.deviation - sqrt(from.deviation * to.deviation)) < 1e-5);
    expect_grey(style->planes);
    layout_free(&memory);
    memory = make(&self, false, false, false);
    image *plain = pattern(2), *same = pattern(2);
    canvas_adapt_style(&self, plain->planes, WIDTH, HEIGHT);
    sessions_expect_same(plain, same);
    layout_free(&memory);
    image_free(content);
    image_free(style);
    image_free(plain);
    image_free(same);
}

/* ---- colours in part ---- */

/* Pictures of little contrast in the middle of [0,1], so that colours fit. */
static image *calm(int k) {
    image *self = pattern(k);
    for (int i = 0; i < 3 * PIXELS; i++)
        self->planes[i] = 0.4f + 0.2f * self->planes[i];
    return self;
}

static double luma_of(const image *self, int i) {
    return (double)color_luma_of(self->planes[i], self->planes[PIXELS + i],
                                 self->planes[2 * PIXELS + i]);
}

/* The network sees so much less colour, of the style in between its light and the content's. */
static void pictures_become_paler(void **state) {
    (void)state;
    image *content = calm(1), *seen = calm(1), *style = calm(2), *adapted = calm(2);
    canvas self;
    layout memory = make_kind(&self, CANVAS_CONTENT, 0.25f, false, false);
    canvas_take_content(&self, seen->planes);
    canvas_adapt_style(&self, adapted->planes, WIDTH, HEIGHT);
    const color_tone from = color_tone_of(style), to = color_tone_of(content);
    const double gain = 1 + 0.25 * (sqrt(to.deviation / from.deviation) - 1);
    const double mean = from.mean + 0.25 * (to.mean - from.mean);
    for (int i = 0; i < PIXELS; i++) {
        const double light = luma_of(content, i), old = luma_of(style, i);
        for (int c = 0; c < 3; c++) {
            const int at = c * PIXELS + i;
            assert_float_equal(seen->planes[at],
                               light + 0.75 * ((double)content->planes[at] - light), 1e-5);
            assert_float_equal(
                adapted->planes[at],
                mean + gain * (old - from.mean) + 0.75 * ((double)style->planes[at] - old), 1e-5);
        }
    }
    layout_free(&memory);
    image_free(content);
    image_free(seen);
    image_free(style);
    image_free(adapted);
}

/* What is painted gets the content's colours on top: the content becomes itself, and any picture
 * that a stage has made is what the next one starts with. */
static void colors_are_laid_over(void **state) {
    (void)state;
    image *content = calm(1), *seen = calm(1), *start = calm(3);
    float variables[3 * PIXELS], out[3 * PIXELS], again[3 * PIXELS];
    canvas self;
    layout memory = make_kind(&self, CANVAS_CONTENT, 0.5f, false, false);
    canvas_take_content(&self, seen->planes);
    canvas_paint(&self, seen->planes, out);
    canvas_take_start(&self, content->planes, variables);
    for (int i = 0; i < 3 * PIXELS; i++) {
        assert_float_equal(out[i], content->planes[i], 1e-5);
        assert_float_equal(variables[i], seen->planes[i], 1e-5);
    }
    canvas_take_start(&self, start->planes, variables);
    canvas_paint(&self, variables, out);
    canvas_take_start(&self, out, again);
    const image shown = canvas_show(&self, variables);
    assert_memory_equal(shown.planes, out, sizeof out);
    for (int i = 0; i < 3 * PIXELS; i++) {
        assert_float_equal(out[i], start->planes[i], 1e-5);
        assert_float_equal(again[i], variables[i], 1e-5);
    }
    layout_free(&memory);
    image_free(content);
    image_free(seen);
    image_free(start);
}

/* ---- colours matched ---- */

static void expect_moments(const image *picture, const color_moments *to) {
    color_moments found = {0};
    color_moments_add(&found, picture, 1);
    for (int i = 0; i < 9; i++)
        assert_float_equal(found.products[i / 3][i % 3], to->products[i / 3][i % 3], 2e-4);
    for (int c = 0; c < 3; c++)
        assert_float_equal(found.mean[c], to->mean[c], 1e-4);
}

/* The style gets the content's colours, the content stays; at half the strength half of it. */
static void styles_match_the_content(void **state) {
    (void)state;
    for (int half = 0; half < 2; half++) {
        image *content = calm(1), *same = calm(1), *style = calm(2), *plain = calm(2);
        color_moments to = {0}, from = {0};
        canvas self;
        layout memory = make_kind(&self, CANVAS_MATCH, half ? 0.5f : 1, false, false);
        canvas_take_content(&self, content->planes);
        sessions_expect_same(content, same);
        canvas_adapt_style(&self, style->planes, WIDTH, HEIGHT);
        color_moments_add(&to, content, 1);
        color_moments_add(&from, plain, 1);
        if (!half)
            expect_moments(style, &to);
        color_moments now = {0};
        color_moments_add(&now, style, 1);
        for (int c = 0; half && c < 3; c++)
            assert_float_equal(now.mean[c], (from.mean[c] + to.mean[c]) / 2, 1e-4);
        layout_free(&memory);
        image_free(content);
        image_free(same);
        image_free(style);
        image_free(plain);
    }
}

/* The content gets the colours of the styles together, whenever it comes; the styles stay. Where
 * it is transparent it stays as it is. */
static void the_content_gets_the_styles_colors(void **state) {
    (void)state;
    for (int transparent = 0; transparent < 2; transparent++) {
        image *content = calm(1), *again = calm(1), *styles[] = {calm(2), calm(3), calm(3)};
        color_moments to = {0};
        canvas self;
        layout memory = make_kind(&self, CANVAS_START, 1, transparent, false);
        for (int i = 0; transparent && i < PIXELS; i++)
            self.alpha[i] = i % WIDTH < WIDTH / 2;
        for (int i = 0; i < 2; i++) {
            canvas_take_palette(&self, styles[i], i ? 0.75 : 0.25);
            color_moments_add(&to, styles[i], i ? 0.75 : 0.25);
        }
        canvas_take_content(&self, content->planes);
        canvas_recolor_content(&self, again->planes);
        sessions_expect_same(content, again);
        image seen = *content;
        seen.alpha = self.alpha;
        expect_moments(&seen, &to);
        image *plain = calm(1);
        for (int i = 0; transparent && i < PIXELS; i++)
            assert_true(self.alpha[i] > 0 || fabsf(content->planes[i] - plain->planes[i]) < 1e-6f);
        canvas_adapt_style(&self, styles[1]->planes, WIDTH, HEIGHT);
        sessions_expect_same(styles[1], styles[2]);
        layout_free(&memory);
        image_free(plain);
        image_free(content);
        image_free(again);
        for (int i = 0; i < 3; i++)
            image_free(styles[i]);
    }
}

/* ---- the cost ---- */

/* The objective of a canvas: content, style and smoothness. */
static void open_cost(cost_run *cost, const vgg *network, const float *content,
                      const float *style) {
    const cost_picture from = {content, HEIGHT, WIDTH}, like = {style, HEIGHT, WIDTH};
    cost_spec spec = {.factors = {[COST_CONTENT] = 1, [COST_GRAM] = 100}};
    spec_add(&spec, COST_CONTENT, engine_layer(network, "relu3_1"), 1);
    spec_add(&spec, COST_GRAM, engine_layer(network, "relu1_1"), 1);
    spec_add_smoothness(&spec, 1);
    cost_run_open(cost, network, &spec, from, like);
}

/* Along the gradient of every third value the cost goes as the gradient says. */
static void expect_derivative(canvas *self, objective *cost, const float *variables, int count) {
    float *gradient = calloc((size_t)count, sizeof *gradient);
    float *ignored = calloc((size_t)count, sizeof *ignored);
    float *moved = calloc((size_t)count, sizeof *moved);
    assert_true(gradient && ignored && moved);
    canvas_evaluate(self, cost, variables, gradient);
    for (int k = 0; k < 3; k++) {
        const double step = 2e-3;
        double norm = 0, values[2];
        for (int i = k; i < count; i += 3)
            norm += (double)gradient[i] * (double)gradient[i];
        norm = sqrt(norm);
        for (int side = 0; side < 2; side++) {
            memcpy(moved, variables, (size_t)count * sizeof *moved);
            for (int i = k; i < count; i += 3)
                moved[i] += (float)((side ? step : -step) * (double)gradient[i] / norm);
            values[side] = canvas_evaluate(self, cost, moved, ignored);
        }
        const double measured = (values[1] - values[0]) / (2 * step);
        if (!(fabs(measured - norm) <= 0.02 * norm))
            fail_msg("direction %d: %g by the gradient, %g by differences", k, norm, measured);
    }
    free(gradient);
    free(ignored);
    free(moved);
}

static void derivative_is_that_of_the_cost(void **state) {
    (void)state;
    error err;
    vgg *network = vgg_load(SESSIONS_BUNDLED, kernels_best(), &err);
    assert_non_null(network);
    static cost_run cost;
    for (int luma = 0; luma < 2; luma++) {
        image *content = pattern(1), *style = pattern(2), *start = pattern(3);
        float variables[3 * PIXELS];
        canvas self;
        layout memory = make(&self, luma, false, false);
        canvas_take_content(&self, content->planes);
        canvas_take_start(&self, start->planes, variables);
        open_cost(&cost, network, content->planes, style->planes);
        expect_derivative(&self, &cost.objective, variables, canvas_channels(&self) * PIXELS);
        /* What is shown in between does not matter. */
        float first[3 * PIXELS], second[3 * PIXELS];
        const double value = canvas_evaluate(&self, &cost.objective, variables, first);
        canvas_show(&self, variables);
        assert_true(canvas_evaluate(&self, &cost.objective, variables, second) == value);
        assert_memory_equal(first, second, (size_t)canvas_channels(&self) * PIXELS * sizeof *first);
        cost_run_close(&cost);
        layout_free(&memory);
        image_free(content);
        image_free(style);
        image_free(start);
    }
    vgg_free(network);
}

/* ---- pictures ---- */

/* A start that is painted at once is the start in the content's colours, or as it is. */
static void paints_the_variables(void **state) {
    (void)state;
    for (int luma = 0; luma < 2; luma++) {
        image *content = pattern(1), *start = pattern(3);
        float variables[3 * PIXELS], expected[3 * PIXELS], out[3 * PIXELS];
        canvas self;
        layout memory = make(&self, luma, false, false);
        if (luma) {
            color_luma(start, variables);
            color_paint(content, variables, expected);
        } else {
            memcpy(expected, start->planes, sizeof expected);
        }
        canvas_take_content(&self, content->planes);
        canvas_take_start(&self, start->planes, variables);
        canvas_paint(&self, variables, out);
        assert_memory_equal(out, expected, sizeof out);
        canvas_finish(&self, variables, out); /* nothing to restore */
        assert_memory_equal(out, expected, sizeof out);
        const image shown = canvas_show(&self, variables);
        assert_memory_equal(shown.planes, expected, sizeof out);
        assert_int_equal(shown.width, WIDTH);
        assert_int_equal(shown.height, HEIGHT);
        assert_null(shown.alpha);
        layout_free(&memory);
        image_free(content);
        image_free(start);
    }
}

/* What is finished and shown has its transparency restored by the start, with or without an alpha
 * of its own; what goes on to another stage has not. */
static void restores_transparency(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool luma = i & 1, start_alpha = i & 2;
        image *content = pattern(1), *start = pattern(3), *expected = pattern(2);
        float variables[3 * PIXELS], plain[3 * PIXELS], out[3 * PIXELS];
        error err;
        canvas self;
        layout memory = make(&self, luma, true, start_alpha);
        sessions_fade(content);
        if (start_alpha) {
            assert_true(image_add_alpha(start, &err));
            for (int k = 0; k < PIXELS; k++)
                start->alpha[k] = (float)(k % 7) / 6;
            memcpy(self.start_a, start->alpha, PIXELS * sizeof(float));
        }
        memcpy(self.start, start->planes, 3 * PIXELS * sizeof(float));
        memcpy(self.alpha, content->alpha, PIXELS * sizeof(float));
        canvas_take_content(&self, content->planes);
        canvas_take_start(&self, expected->planes, variables); /* a painting */
        canvas_paint(&self, variables, plain);
        memcpy(expected->planes, plain, sizeof plain);
        assert_true(image_add_alpha(expected, &err));
        memcpy(expected->alpha, content->alpha, PIXELS * sizeof(float));
        transparency_restore(expected, start);
        canvas_finish(&self, variables, out);
        assert_memory_equal(out, expected->planes, sizeof out);
        assert_memory_not_equal(out, plain, sizeof out);
        const image shown = canvas_show(&self, variables);
        assert_memory_equal(shown.planes, expected->planes, sizeof out);
        assert_memory_equal(shown.alpha, content->alpha, PIXELS * sizeof(float));
        canvas_paint(&self, variables, out); /* showing has not changed what is painted */
        assert_memory_equal(out, plain, sizeof out);
        layout_free(&memory);
        image_free(content);
        image_free(start);
        image_free(expected);
    }
}

/* Where the cover is 0 the content is shown, where it is 1 what is shown without a cover; also from
 * another picture than the content, with or without an alpha of its own. */
static void what_is_not_covered_is_the_content(void **state) {
    (void)state;
    float cover[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        cover[i] = i % WIDTH >= WIDTH / 2;
    for (int k = 0; k < 4; k++) {
        image *content = pattern(1), *start = pattern(3), *painting = pattern(2),
              *grey = pattern(1);
        float variables[3 * PIXELS], out[2][3 * PIXELS];
        sessions_fade(content);
        for (int covered = 0; covered < 2; covered++) {
            canvas self = {.width = WIDTH,
                           .height = HEIGHT,
                           .color = k & 1 ? CANVAS_CONTENT : CANVAS_STYLE,
                           .strength = 1,
                           .luma = k & 1,
                           .transparent = true,
                           .start_alpha = k & 2,
                           .covered = covered};
            layout memory;
            error err;
            assert_true(layout_make(&memory, walk, &self, &err));
            self.cover = cover;
            memcpy(self.start, start->planes, 3 * PIXELS * sizeof(float));
            memcpy(self.alpha, content->alpha, PIXELS * sizeof(float));
            for (int i = 0; self.start_alpha && i < PIXELS; i++)
                self.start_a[i] = (float)(i % 7) / 6;
            memcpy(grey->planes, content->planes, 3 * PIXELS * sizeof(float));
            canvas_take_content(&self, grey->planes);
            canvas_take_cover(&self);
            canvas_take_start(&self, painting->planes, variables);
            canvas_finish(&self, variables, out[covered]);
            layout_free(&memory);
        }
        for (int i = 0; i < 3 * PIXELS; i++)
            assert_float_equal(out[1][i], cover[i % PIXELS] > 0 ? out[0][i] : content->planes[i],
                               1e-6);
        image_free(content);
        image_free(start);
        image_free(painting);
        image_free(grey);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_it_needs),
        cmocka_unit_test(the_content_becomes_grey),
        cmocka_unit_test(styles_become_grey_and_as_light),
        cmocka_unit_test(pictures_become_paler),
        cmocka_unit_test(colors_are_laid_over),
        cmocka_unit_test(styles_match_the_content),
        cmocka_unit_test(the_content_gets_the_styles_colors),
        cmocka_unit_test(derivative_is_that_of_the_cost),
        cmocka_unit_test(paints_the_variables),
        cmocka_unit_test(restores_transparency),
        cmocka_unit_test(what_is_not_covered_is_the_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
