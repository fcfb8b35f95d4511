/* SPDX-License-Identifier: MIT
 *
 * Tests of start.c: pictures whose tones and whose detail are known.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "transfer/start.h"

#define PIXELS 4

/* Planes of mean +- deviation, half of the pixels each. */
static void fill(float *planes, size_t pixels, const double mean[3], const double deviation[3]) {
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        for (size_t i = 0; i < pixels; i++)
            planes[c * pixels + i] = (float)(mean[c] + (i % 2 ? deviation[c] : -deviation[c]));
    }
}

static void expect_planes(const float *planes, const double mean[3], const double deviation[3]) {
    float wanted[IMAGE_CHANNELS * PIXELS];
    fill(wanted, PIXELS, mean, deviation);
    for (size_t i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        assert_float_equal(planes[i], wanted[i], 1e-6);
}

static void recolor(float *planes, const image *style) {
    start_tones tones = {0};
    start_add_tones(&tones, style, NULL, 1);
    start_recolor(planes, PIXELS, &tones, NULL, 1, 1);
}

/* A style of any size; a contrast that is larger, one that is smaller, and a plane that is flat. */
static void recoloring_gives_the_tones_of_the_style(void **state) {
    (void)state;
    float planes[IMAGE_CHANNELS * PIXELS], style_planes[IMAGE_CHANNELS * 6];
    const double mean[] = {0.2, 0.5, 0.7}, deviation[] = {0.1, 0.2, 0};
    const double style_mean[] = {0.6, 0.4, 0.3}, style_deviation[] = {0.15, 0.11, 0.2};
    const image style = {.width = 3, .height = 2, .planes = style_planes};
    fill(planes, PIXELS, mean, deviation);
    fill(style_planes, 6, style_mean, style_deviation);
    recolor(planes, &style);
    expect_planes(planes, style_mean, (double[]){0.1, 0.11, 0});
}

static void tones_of_several_styles_blend(void **state) {
    (void)state;
    float planes[2][IMAGE_CHANNELS * PIXELS];
    start_tones tones = {0};
    for (int i = 0; i < 2; i++) {
        const image style = {.width = 2, .height = 2, .planes = planes[i]};
        const double mean[] = {0.2 + 0.4 * i, 0.5, 0.7}, deviation[] = {0.1, 0.05 + 0.2 * i, 0};
        fill(planes[i], PIXELS, mean, deviation);
        start_add_tones(&tones, &style, NULL, i ? 0.75 : 0.25);
    }
    const double mean[] = {0.5, 0.5, 0.7}, deviation[] = {0.1, 0.2, 0};
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        assert_true(fabs(tones.mean[c] - mean[c]) < 1e-6);
        assert_true(fabs(tones.deviation[c] - deviation[c]) < 1e-3);
    }
}

/* Where it has weight; all of it where it has none. */
static void tones_are_of_a_region(void **state) {
    (void)state;
    float planes[IMAGE_CHANNELS * PIXELS];
    const float weights[2][PIXELS] = {{0, 1, 0, 0.5f}, {0}};
    const double mean[] = {0.2, 0.5, 0.7}, deviation[] = {0.1, 0.2, 0};
    const image style = {.width = 2, .height = 2, .planes = planes};
    fill(planes, PIXELS, mean, deviation);
    for (int i = 0; i < 2; i++) {
        start_tones tones = {0};
        start_add_tones(&tones, &style, weights[i], 1);
        for (int c = 0; c < IMAGE_CHANNELS; c++) {
            assert_true(fabs(tones.mean[c] - mean[c] - (i ? 0 : deviation[c])) < 1e-6);
            assert_true(fabs(tones.deviation[c] - (i ? deviation[c] : 0)) < 1e-3);
        }
    }
}

/* Each by its own tones, as far as it reaches; outside of all nothing changes. */
static void regions_are_recolored(void **state) {
    (void)state;
    static const float before[PIXELS] = {0.2f, 0.4f, 0.5f, 0.9f};
    static const float where[2 * PIXELS] = {1, 1, 0, 0, 0, 0, 0.5f, 0};
    const double wanted[PIXELS] = {0.6 - 0.06, 0.6 + 0.06, 0.65, 0.9};
    float planes[IMAGE_CHANNELS * PIXELS];
    start_tones tones[2];
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int i = 0; i < PIXELS; i++)
            planes[c * PIXELS + i] = before[i];
        tones[0].mean[c] = 0.6;
        tones[0].deviation[c] = 0.06;
        tones[1].mean[c] = 0.8;
        tones[1].deviation[c] = 0.3;
    }
    start_recolor(planes, PIXELS, tones, where, 2, 1);
    for (int i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        assert_true(fabs((double)planes[i] - wanted[i % PIXELS]) < 1e-4);
}

static void recoloring_lowers_contrast_by_half_at_most(void **state) {
    (void)state;
    float planes[IMAGE_CHANNELS * PIXELS], style_planes[IMAGE_CHANNELS * PIXELS];
    const double mean[] = {0.2, 0.5, 0.7}, deviation[] = {0.05, 0.2, 0.1};
    const image style = {.width = 2, .height = 2, .planes = style_planes};
    fill(planes, PIXELS, mean, deviation);
    fill(style_planes, PIXELS, (double[]){0.5, 0.5, 0.95}, (double[]){0.4, 0.01, 0.05});
    recolor(planes, &style);
    expect_planes(planes, (double[]){0.5, 0.5, 0.95}, (double[]){0.05, 0.1, 0.05});
}

/* What leaves [0,1] is cut off. */
static void recolored_planes_stay_in_the_box(void **state) {
    (void)state;
    float planes[IMAGE_CHANNELS * PIXELS] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    float style_planes[IMAGE_CHANNELS * PIXELS];
    const image style = {.width = 2, .height = 2, .planes = style_planes};
    fill(style_planes, PIXELS, (double[]){0.5, 0.5, 0.5}, (double[]){0.5, 0.5, 0.5});
    recolor(planes, &style);
    for (size_t i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        assert_true(planes[i] >= 0 && planes[i] <= 1);
    assert_true(planes[3] >= 1);
}

/* The same in all planes, less than there is, and nothing of mere colour. */
static void detail_is_a_share_of_the_light(void **state) {
    (void)state;
    float planes[] = {0.5f, 0.5f, 0.5f, 1, 0.2f, 0.2f, 0.2f, 1, 0, 0, 0, 0.5f};
    const float before[] = {0.5f, 0.5f, 0.5f, 1, 0.2f, 0.2f, 0.2f, 1, 0, 0, 0, 0.5f};
    const float coarse[IMAGE_CHANNELS * PIXELS] = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f,
                                                   0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
    float content[IMAGE_CHANNELS * PIXELS];
    for (size_t i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        content[i] = coarse[i];
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        content[c * PIXELS + 1] += c == 0 ? 0.3f : 0; /* light of 0.1 */
        content[c * PIXELS + 2] += c == 0 ? 0.1f : c == 1 ? -0.1f : 0;
        content[c * PIXELS + 3] += 0.5f;
    }
    start_add_detail(planes, content, coarse, PIXELS);
    const float share = (planes[1] - before[1]) / 0.1f;
    assert_true(share > 0.1f && share < 1);
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        const float *now = planes + c * PIXELS, *old = before + c * PIXELS;
        assert_true(!(now[0] < old[0] || now[0] > old[0]));
        assert_float_equal(now[1] - old[1], share * 0.1f, 1e-6);
        assert_float_equal(now[2], old[2], 1e-6);
        assert_true(now[3] >= old[3] && now[3] <= 1);
    }
    assert_float_equal(planes[2 * PIXELS + 3], 0.5f + share * 0.5f, 1e-6);
}

static void noise_comes_from_the_seed(void **state) {
    (void)state;
    float one[IMAGE_CHANNELS * PIXELS] = {0}, same[IMAGE_CHANNELS * PIXELS] = {0},
                               other[IMAGE_CHANNELS * PIXELS] = {0};
    start_mix_noise(one, PIXELS, 0.6, 1);
    start_mix_noise(same, PIXELS, 0.6, 1);
    start_mix_noise(other, PIXELS, 0.6, 2);
    assert_memory_equal(one, same, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
    for (size_t i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        assert_true(one[i] > 0 && one[i] < 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recoloring_gives_the_tones_of_the_style),
        cmocka_unit_test(tones_of_several_styles_blend),
        cmocka_unit_test(tones_are_of_a_region),
        cmocka_unit_test(regions_are_recolored),
        cmocka_unit_test(recoloring_lowers_contrast_by_half_at_most),
        cmocka_unit_test(recolored_planes_stay_in_the_box),
        cmocka_unit_test(detail_is_a_share_of_the_light),
        cmocka_unit_test(noise_comes_from_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
