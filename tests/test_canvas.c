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
static layout make(canvas *self, bool luma, bool transparent, bool start_alpha) {
    layout memory;
    error err;
    *self = (canvas){.width = WIDTH,
                     .height = HEIGHT,
                     .luma = luma,
                     .transparent = transparent,
                     .start_alpha = start_alpha};
    assert_true(layout_make(&memory, walk, self, &err));
    return memory;
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_it_needs),
        cmocka_unit_test(the_content_becomes_grey),
        cmocka_unit_test(styles_become_grey_and_as_light),
        cmocka_unit_test(derivative_is_that_of_the_cost),
        cmocka_unit_test(paints_the_variables),
        cmocka_unit_test(restores_transparency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
