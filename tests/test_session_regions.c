/* SPDX-License-Identifier: MIT
 *
 * Sessions of several styles and regions: blends against one style and against the reference, and
 * terms of regions against masks and Gram matrices in double precision.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "maps.h"
#include "network_files.h"
#include "recipes.h"
#include "reference.h"
#include "sessions.h"
#include "style_in_double.h"

enum { WIDTH = 64, HEIGHT = 48, PIXELS = WIDTH * HEIGHT, MOST = 3 };

static stylize_network *network;
static image *content, *styles[MOST];

/* A session of this content with this network. */
#define HERE .content = content, .networks = {network}

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, WIDTH, HEIGHT);
    for (int i = 0; i < MOST; i++)
        styles[i] = sessions_pattern(2 + i, 40 + 8 * i, 52);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    for (int i = 0; i < MOST; i++)
        image_free(styles[i]);
    return 0;
}

#define TWO_STAGES "scales", "32,64", "iterations", "3,4"

/* ---- several styles ---- */

/* Two of the same are one, whatever their weights; without weight a style is not there at all. */
static void blends_of_one_style_are_it(void **state) {
    (void)state;
    session_start one, two, without;
    image *a = sessions_run_start(&(session_inputs){HERE, .styles = {styles[0]}}, &one,
                                  recipes_of(TWO_STAGES, NULL));
    image *b = sessions_run_start(&(session_inputs){HERE, .styles = {styles[0], styles[0]}}, &two,
                                  recipes_of(TWO_STAGES, "style-weights", "3,1", NULL));
    image *c = sessions_run_start(&(session_inputs){HERE, .styles = {styles[1], styles[0]}},
                                  &without, recipes_of(TWO_STAGES, "style-weights", "0,2", NULL));
    image *d = sessions_run_start(&(session_inputs){HERE, .styles = {styles[1], styles[0]}}, NULL,
                                  recipes_of(TWO_STAGES, NULL));
    sessions_expect_close(two.event.total, one.event.total, 1e-4);
    assert_true(sessions_greatest_difference(a, b) < 1e-2);
    sessions_expect_same(a, c);
    assert_true(sessions_greatest_difference(a, d) > 0.02);
    image_free(a);
    image_free(b);
    image_free(c);
    image_free(d);
}

/* A network that the reference has, too. */
static stylize_network *narrow_network(reference_vgg *net) {
    const network_file file = network_file_narrow(6);
    return network_file_load(&file, kernels_best(), net);
}

#define NARROW                                                                                     \
    "scales", "1", "size", "0", "iterations", "1", "style-scale", "1", "content-layers",           \
        "relu2_1", "style-layers", "relu1_1:1,relu2_2:2,relu3_1:3", "chroma-tv", "0", "alpha",     \
        "2", "beta", "50"

enum { LAYERS = 3 };
static const char *const layers[LAYERS] = {"relu1_1", "relu2_2", "relu3_1"};
static const int steps[LAYERS] = {1, 2, 4};

static void compare_blend(const reference_vgg *net, const session_start *start) {
    reference_problem problem = {
        .net = net, .alpha = 2, .beta = 25, .styles = 2, .style_weight = {3, 1}, .terms = 4};
    reference_result result;
    problem.content = reference_pattern_image(1, WIDTH, HEIGHT);
    problem.style[0] = reference_pattern_image(2, WIDTH, HEIGHT);
    problem.style[1] = reference_pattern_image(5, WIDTH, HEIGHT);
    problem.term[0] = (reference_term){.layer = "relu2_1", .kind = REFERENCE_CONTENT, .weight = 1};
    for (int i = 0; i < LAYERS; i++) {
        problem.term[1 + i] = (reference_term){.kind = REFERENCE_STYLE, .weight = i + 1};
        strcpy(problem.term[1 + i].layer, layers[i]);
    }
    reference_problem_prepare(&problem);
    reference_image picture = reference_pattern_image(3, WIDTH, HEIGHT);
    reference_objective(&problem, &picture, &result, NULL);
    for (int i = 0; i < 4; i++)
        sessions_expect_close(start->terms[i].value, result.term[i], 4e-5);
    sessions_expect_close(start->event.total, result.total, 4e-5);
    reference_problem_clear(&problem);
    for (int i = 0; i < 2; i++)
        free(problem.style[i].pixels);
    free(problem.content.pixels);
    free(picture.pixels);
}

/* J of a blend is J against the mean of the Gram matrices by the weights. */
static void blends_are_means_of_matrices(void **state) {
    (void)state;
    reference_vgg net;
    stylize_network *narrow = narrow_network(&net);
    image *a = sessions_pattern(2, WIDTH, HEIGHT), *b = sessions_pattern(5, WIDTH, HEIGHT);
    image *init = sessions_pattern(3, WIDTH, HEIGHT);
    session_start start;
    image *out = sessions_run_start(
        &(session_inputs){.content = content, .networks = {narrow}, .styles = {a, b}, .init = init},
        &start, recipes_of(NARROW, "style-weights", "6,2", NULL));
    compare_blend(&net, &start);
    image_free(out);
    image_free(a);
    image_free(b);
    image_free(init);
    stylize_network_free(narrow);
    reference_vgg_clear(&net);
}

/* ---- terms of regions ---- */

/* The root of the mean of the plane over what a place stands for. */
static cost_mask mask_of(const double *plane, int step) {
    cost_mask self = {.width = WIDTH / step, .height = HEIGHT / step};
    self.weights = malloc((size_t)(self.width * self.height) * sizeof(float));
    assert_non_null(self.weights);
    for (int i = 0; i < self.width * self.height; i++) {
        double sum = 0;
        for (int k = 0; k < step * step; k++)
            sum += plane[(i / self.width * step + k / step) * WIDTH + i % self.width * step +
                         k % step];
        self.weights[i] = (float)sqrt(sum / step / step);
    }
    return self;
}

/* J of a style's Gram matrix at a layer, under a mask of the picture. */
static double region_cost(const reference_run *picture, const reference_run *style, int layer,
                          const double *plane) {
    const reference_layer *a = reference_run_find(picture, layers[layer]);
    const reference_layer *s = reference_run_find(style, layers[layer]);
    cost_mask mask = mask_of(plane, steps[layer]);
    cost_target target = {.kind = COST_GRAM, .channels = a->c};
    target.matrix = malloc((size_t)(a->c * a->c) * sizeof *target.matrix);
    assert_non_null(target.matrix);
    gram_in_double(NULL, s->values, s->c, s->h * s->w, target.matrix);
    const cost_term term = {.kind = COST_GRAM, .target = &target, .mask = &mask};
    const double value = style_in_double(&term, a->values, a->h * a->w);
    free(target.matrix);
    free(mask.weights);
    return value;
}

/* Of two soft masks that overlap: of the picture with the content where no mask is. */
static void compare_regions(const reference_vgg *net, image *const masks[2],
                            const session_start *start) {
    static double planes[2][PIXELS];
    reference_image from = reference_pattern_image(1, WIDTH, HEIGHT);
    reference_image picture = reference_pattern_image(3, WIDTH, HEIGHT);
    reference_run style, seen;
    double shares[2] = {0, 0}, total = 0;
    for (int i = 0; i < PIXELS; i++) {
        const double a = (double)masks[0]->planes[i], b = (double)masks[1]->planes[i];
        planes[0][i] = a / fmax(1, a + b);
        planes[1][i] = b / fmax(1, a + b);
        shares[0] += planes[0][i] / PIXELS;
        shares[1] += planes[1][i] / PIXELS;
        for (int c = 0; c < 3; c++) {
            const double plain = from.pixels[c * PIXELS + i];
            double *pixel = &picture.pixels[c * PIXELS + i];
            *pixel = plain + fmin(1, a + b) * (*pixel - plain);
        }
    }
    reference_run_init(&seen, net, REFERENCE_MAX, &picture);
    for (int r = 0; r < 2; r++) {
        reference_image painter = reference_pattern_image(r ? 5 : 2, WIDTH, HEIGHT);
        reference_run_init(&style, net, REFERENCE_MAX, &painter);
        for (int i = 0; i < LAYERS; i++) {
            const stylize_term *term = &start->terms[1 + r * LAYERS + i];
            assert_string_equal(term->layer, layers[i]);
            assert_int_equal(term->region, r);
            sessions_expect_close(term->weight, 50 * 0.5 * (i + 1) * shares[r], 1e-6);
            sessions_expect_close(term->value, region_cost(&seen, &style, i, planes[r]), 1e-4);
        }
        reference_run_clear(&style);
        free(painter.pixels);
    }
    for (int i = 0; i < start->event.term_count; i++)
        total += start->terms[i].weight * start->terms[i].value;
    sessions_expect_close(start->event.total, total, 1e-9);
    assert_true(start->event.term_count == 1 + 2 * LAYERS + 2);
    reference_run_clear(&seen);
    free(from.pixels);
    free(picture.pixels);
}

static void regions_count_by_their_share(void **state) {
    (void)state;
    reference_vgg net;
    stylize_network *narrow = narrow_network(&net);
    image *a = sessions_pattern(2, WIDTH, HEIGHT), *b = sessions_pattern(5, WIDTH, HEIGHT);
    image *init = sessions_pattern(3, WIDTH, HEIGHT);
    image *masks[2] = {map_new_ramp(WIDTH, HEIGHT, 18, 12), map_new_ramp(WIDTH, HEIGHT, 40, 10)};
    session_start start;
    image *out = sessions_run_start(&(session_inputs){.content = content,
                                                      .networks = {narrow},
                                                      .styles = {a, b},
                                                      .init = init,
                                                      .masks = {masks[0], masks[1]}},
                                    &start, recipes_of(NARROW, NULL));
    compare_regions(&net, masks, &start);
    image_free(out);
    image *all[] = {a, b, init, masks[0], masks[1]};
    for (int i = 0; i < 5; i++)
        image_free(all[i]);
    stylize_network_free(narrow);
    reference_vgg_clear(&net);
}

/* Where all styles that paint a region have weight 0, they are blended as if all were equal. */
static void regions_without_weight_are_painted(void **state) {
    (void)state;
    image *map = map_new_halves(WIDTH, HEIGHT, 40), *left = map_new_halves(WIDTH, HEIGHT, WIDTH),
          *right = map_new_halves(WIDTH, HEIGHT, 0);
    image *like[MOST];
    session_start starts[2];
    static const char *const weights[] = {"1,0,0", "1,2,2"};
    for (int i = 0; i < MOST; i++)
        like[i] = sessions_pattern(2 + i, WIDTH, HEIGHT);
    for (int i = 0; i < 2; i++)
        image_free(sessions_run_start(
            &(session_inputs){HERE, .styles = {like[0], like[1], like[2]}, .content_map = map,
                              .style_maps = {left, right, right}, .init = styles[0]},
            &starts[i],
            recipes_of("scales", "1", "iterations", "1", "style-weights", weights[i], NULL)));
    for (int i = 0; i < starts[0].event.term_count; i++) {
        assert_true(starts[0].terms[i].value == starts[1].terms[i].value);
        assert_true(starts[0].terms[i].weight == starts[1].terms[i].weight);
    }
    for (int i = 0; i < MOST; i++)
        image_free(like[i]);
    image_free(map);
    image_free(left);
    image_free(right);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blends_of_one_style_are_it),
        cmocka_unit_test(blends_are_means_of_matrices),
        cmocka_unit_test(regions_count_by_their_share),
        cmocka_unit_test(regions_without_weight_are_painted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
