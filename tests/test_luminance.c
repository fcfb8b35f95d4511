/* SPDX-License-Identifier: MIT
 *
 * Tests of luminance.c: the derivative by luma against differences of the cost, the grey that the
 * network sees, and a style picture that becomes grey and as light as the content.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "image/color.h"
#include "image/image.h"
#include "reference.h"
#include "transfer/luminance.h"

enum { WIDTH = 24, HEIGHT = 20, PIXELS = WIDTH * HEIGHT };

static image *pattern(int k) {
    error err;
    const reference_image from = reference_pattern_image(k, WIDTH, HEIGHT);
    float *planes = engine_planes(&from);
    image *self = image_new(WIDTH, HEIGHT, &err);
    assert_non_null(self);
    memcpy(self->planes, planes, 3 * PIXELS * sizeof *planes);
    free(from.pixels);
    free(planes);
    return self;
}

static void derivative_is_that_of_the_cost(void **state) {
    (void)state;
    error err;
    vgg *network = vgg_load("weights/vgg19-slim.safetensors", kernels_best(), &err);
    assert_non_null(network);
    cost_spec spec = {.alpha = 1, .beta = 100, .tv = 1};
    spec.content[spec.content_count++] = (cost_layer){engine_layer(network, "relu3_1"), 1};
    spec.style[spec.style_count++] = (cost_layer){engine_layer(network, "relu1_1"), 1};
    image *content = pattern(1), *style = pattern(2), *start = pattern(3);
    style_target target;
    luminance self;
    float luma[PIXELS], gradient[PIXELS], ignored[PIXELS];
    assert_true(style_target_init(&target, network, &spec, style->planes, HEIGHT, WIDTH, &err));
    assert_true(luminance_init(&self, content, &err));
    for (int i = 0; i < 3 * PIXELS; i++) /* greys of the content */
        assert_true(self.sheet[i] == self.sheet[i % PIXELS]);
    objective *cost = objective_new(network, &spec, self.sheet, HEIGHT, WIDTH, &target, &err);
    assert_non_null(cost);
    color_luma(start, luma);
    luminance_eval(&self, cost, luma, gradient);
    for (int k = 0; k < 3; k++) { /* along the gradient of every third value */
        const double step = 2e-3;
        double norm = 0, values[2];
        for (int i = k; i < PIXELS; i += 3)
            norm += (double)gradient[i] * (double)gradient[i];
        norm = sqrt(norm);
        for (int side = 0; side < 2; side++) {
            float moved[PIXELS];
            memcpy(moved, luma, sizeof moved);
            for (int i = k; i < PIXELS; i += 3)
                moved[i] += (float)((side ? step : -step) * (double)gradient[i] / norm);
            values[side] = luminance_eval(&self, cost, moved, ignored);
        }
        const double measured = (values[1] - values[0]) / (2 * step);
        if (!(fabs(measured - norm) <= 0.02 * norm))
            fail_msg("direction %d: %g by the gradient, %g by differences", k, norm, measured);
    }
    objective_free(cost);
    luminance_clear(&self);
    style_target_clear(&target);
    image_free(content);
    image_free(style);
    image_free(start);
    vgg_free(network);
}

static void pictures_have_the_last_luma(void **state) {
    (void)state;
    error err;
    image *content = pattern(1);
    luminance self;
    float expected[3 * PIXELS];
    assert_true(luminance_init(&self, content, &err));
    color_paint(content, self.sheet, expected);
    assert_memory_equal(luminance_picture(&self, content), expected, sizeof expected);
    luminance_clear(&self);
    image_free(content);
}

static void styles_become_grey_and_as_light(void **state) {
    (void)state;
    image *content = pattern(1), *style = pattern(2);
    for (int i = 0; i < 3 * PIXELS; i++) {
        content->planes[i] = 0.4f + 0.2f * content->planes[i];
        style->planes[i] = 0.5f + 0.3f * style->planes[i];
    }
    const color_tone to = color_tone_of(content), from = color_tone_of(style);
    luminance_match(style, content);
    const color_tone now = color_tone_of(style);
    assert_true(fabs(now.mean - to.mean) < 1e-5);
    assert_true(fabs(now.deviation - sqrt(from.deviation * to.deviation)) < 1e-5);
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_true(style->planes[i] == style->planes[i % PIXELS]);
    image_free(content);
    image_free(style);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivative_is_that_of_the_cost),
        cmocka_unit_test(pictures_have_the_last_luma),
        cmocka_unit_test(styles_become_grey_and_as_light),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
