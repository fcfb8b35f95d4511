/* SPDX-License-Identifier: MIT
 *
 * Noise to start from: its colours, its seeds, its blots, and that it repeats.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "transfer/noise.h"

enum { WIDTH = 150, HEIGHT = 110, PIXELS = WIDTH * HEIGHT };

/* Colours as of a painting: red and blue go against each other. */
static color_moments some_colors(void) {
    color_moments self = {.mean = {0.4, 0.5, 0.55}};
    const double covariance[3][3] = {
        {0.010, 0.003, -0.006}, {0.003, 0.004, 0.001}, {-0.006, 0.001, 0.009}};
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++)
            self.products[a][b] = covariance[a][b] + self.mean[a] * self.mean[b];
    }
    return self;
}

static double mean_product(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++)
        sum += (double)a[i] * (double)b[i];
    return sum / PIXELS;
}

static void noise_has_the_colors(void **state) {
    (void)state;
    static float planes[3 * PIXELS];
    const color_moments colors = some_colors();
    const image view = {.width = WIDTH, .height = HEIGHT, .planes = planes};
    color_moments found = {0};
    noise_fill(planes, WIDTH, HEIGHT, &colors, 1);
    color_moments_add(&found, &view, 1);
    for (int a = 0; a < 3; a++) {
        assert_float_equal(found.mean[a], colors.mean[a], 2e-3);
        for (int b = 0; b < 3; b++) /* channels are not quite independent on so few pixels */
            assert_float_equal(found.products[a][b] - found.mean[a] * found.mean[b],
                               colors.products[a][b] - colors.mean[a] * colors.mean[b], 1.5e-3);
    }
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_true(planes[i] >= 0 && planes[i] <= 1);
}

/* A picture without variance stays flat. */
static void flat_stays_flat(void **state) {
    (void)state;
    static float planes[3 * PIXELS];
    color_moments flat = {0};
    for (int i = 0; i < 3 * PIXELS; i++)
        planes[i] = 0.25f;
    color_moments_add(&flat, &(image){.width = WIDTH, .height = HEIGHT, .planes = planes}, 1);
    noise_fill(planes, WIDTH, HEIGHT, &flat, 1);
    for (int i = 0; i < 3 * PIXELS; i++)
        assert_float_equal(planes[i], 0.25, 1e-5);
}

/* The styles' colours, blended by their shares; grey where the style does not count. */
static void a_start_has_the_colors_of_the_styles(void **state) {
    (void)state;
    static float one[3 * PIXELS], other[3 * PIXELS], out[3 * PIXELS];
    const image styles[] = {{.width = WIDTH, .height = HEIGHT, .planes = one},
                            {.width = WIDTH, .height = HEIGHT, .planes = other}};
    const stage_inputs inputs = {.styles = {&styles[0], &styles[1]}};
    stage_settings settings = {.style_kind = COST_GRAM,
                               .factors = {[COST_GRAM] = 1},
                               .style_count = 2,
                               .styles = {{.share = 0.25}, {.share = 0.75}},
                               .frame = {.width = WIDTH, .height = HEIGHT}};
    const color_moments colors = some_colors();
    noise_fill(one, WIDTH, HEIGHT, &colors, 1);
    for (int i = 0; i < 3 * PIXELS; i++)
        other[i] = 0.5f;
    noise_start(&settings, &inputs, out);
    for (size_t c = 0; c < 3; c++) {
        double mean = 0;
        for (size_t i = 0; i < PIXELS; i++)
            mean += (double)out[c * PIXELS + i] / PIXELS;
        assert_float_equal(mean, 0.25 * colors.mean[c] + 0.75 * 0.5, 3e-3);
    }
    settings.factors[COST_GRAM] = 0;
    noise_start(&settings, &inputs, out);
    for (int i = 0; i < PIXELS; i++)
        assert_float_equal(out[i], out[2 * PIXELS + i], 1e-6);
    assert_float_equal(sqrt(mean_product(out, out) - 0.25), 0.15, 0.01);
}

static void seeds_give_others(void **state) {
    (void)state;
    static float first[3 * PIXELS], again[3 * PIXELS], other[3 * PIXELS];
    const color_moments colors = some_colors();
    noise_fill(first, WIDTH, HEIGHT, &colors, 4);
    noise_fill(again, WIDTH, HEIGHT, &colors, 4);
    noise_fill(other, WIDTH, HEIGHT, &colors, 5);
    assert_memory_equal(first, again, sizeof first);
    double product = mean_product(first, other) - 0.4 * 0.4;
    assert_true(fabs(product) < 0.25 * 0.010); /* of its variance: another, not a shifted one */
}

/* Mean square of the difference to the pixel `step` to the right, beyond the edge the first ones;
 * of columns from `from` on. */
static double difference(const float *plane, int step, int from, int columns) {
    double sum = 0;
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = from; x < from + columns; x++) {
            const double d = (double)plane[y * WIDTH + x % WIDTH] -
                             (double)plane[y * WIDTH + (x + step) % WIDTH];
            sum += d * d;
        }
    }
    return sum / columns / HEIGHT;
}

/* Neighbours differ little, the more the farther they are; and not more across the edge. */
static void blots_have_every_size_and_no_seam(void **state) {
    (void)state;
    static float planes[3 * PIXELS];
    const color_moments colors = some_colors();
    for (uint64_t seed = 0; seed < 4; seed++) {
        noise_fill(planes, WIDTH, HEIGHT, &colors, seed);
        double last = 0;
        for (int step = 1; step <= 16; step *= 2) {
            const double now = difference(planes, step, 0, WIDTH);
            assert_true(now > 1.1 * last);
            last = now;
        }
        assert_true(difference(planes, 1, 0, WIDTH) < 0.5 * 2 * 0.010);
        const double inside = difference(planes, 1, 0, WIDTH - 1);
        assert_true(difference(planes, 1, WIDTH - 1, 1) < 2 * inside);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_has_the_colors),
        cmocka_unit_test(flat_stays_flat),
        cmocka_unit_test(a_start_has_the_colors_of_the_styles),
        cmocka_unit_test(seeds_give_others),
        cmocka_unit_test(blots_have_every_size_and_no_seam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
