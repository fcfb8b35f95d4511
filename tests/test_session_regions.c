/* SPDX-License-Identifier: MIT
 *
 * Sessions of several styles and regions: blends against one style and against the reference, the
 * part of the content that stays, terms of regions against masks and Gram matrices in double
 * precision, weights of the content, and the same bits for any number of threads.
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
#include "image/resample.h"
#include "network_files.h"
#include "recipes.h"
#include "reference.h"
#include "sessions.h"
#include "style_in_double.h"

enum { WIDTH = 64, HEIGHT = 48, PIXELS = WIDTH * HEIGHT, MOST = 3 };

static stylize_network *network;
static image *content, *styles[MOST], *white, *grey;

/* A grey picture that is white from a column on; in `soft` columns before it becomes so. */
static image *new_mask(int from, int soft) {
    image *self = sessions_pattern(0, WIDTH, HEIGHT);
    for (int i = 0; i < 3 * PIXELS; i++) {
        const double value = soft ? (double)(i % WIDTH - from + soft) / soft : i % WIDTH >= from;
        self->planes[i] = (float)fmin(fmax(value, 0), 1);
    }
    return self;
}

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, WIDTH, HEIGHT);
    for (int i = 0; i < MOST; i++)
        styles[i] = sessions_pattern(2 + i, 40 + 8 * i, 52);
    white = new_mask(0, 0);
    grey = new_mask(0, 0);
    for (int i = 0; i < 3 * PIXELS; i++)
        grey->planes[i] = 0.4f;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    for (int i = 0; i < MOST; i++)
        image_free(styles[i]);
    image_free(white);
    image_free(grey);
    return 0;
}

/* ---- sessions ---- */

typedef struct inputs {
    const image *content, *init, *styles[MOST + 1], *masks[MOST + 1], *weight;
    const image *content_map, *style_maps[MOST + 1];
    const stylize_network *network;
    int threads;
    stylize_observer *observer;
    void *user;
} inputs;

/* The event of the last stage's start, with what it points to. */
typedef struct start_event {
    stylize_event event;
    stylize_term terms[32];
} start_event;

static int keep_start(void *user, stylize_session *session, const stylize_event *event) {
    start_event *self = user;
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || event->stage_iteration != 0)
        return 0;
    self->event = *event;
    assert_in_range(event->term_count, 1, 32);
    for (int i = 0; i < event->term_count; i++)
        self->terms[i] = *event->terms[i];
    return 0;
}

static image *run(const inputs *in, start_event *start, stylize_recipe *recipe) {
    const session_inputs some = {.content = in->content ? in->content : content,
                                 .init = in->init,
                                 .networks = {in->network ? in->network : network},
                                 .threads = in->threads,
                                 .observer = in->observer,
                                 .user = in->user};
    stylize_session *session = sessions_new(&some, recipe);
    stylize_error err;
    for (int i = 0; in->styles[i]; i++)
        assert_true(stylize_session_add_style(session, in->styles[i], &err));
    for (int i = 0; in->masks[i]; i++)
        assert_true(stylize_session_add_mask(session, in->masks[i], &err));
    for (int i = 0; in->style_maps[i]; i++)
        assert_true(stylize_session_add_style_map(session, in->style_maps[i], &err));
    stylize_session_set_content_map(session, in->content_map);
    stylize_session_set_content_weight_map(session, in->weight);
    if (start)
        assert_true(stylize_session_observe(session, keep_start, start, 0, &err));
    if (!stylize_session_run(session, &err))
        fail_msg("%s", err.text);
    image *out = stylize_session_result(session, &err);
    if (!out)
        fail_msg("%s", err.text);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return out;
}

#define TWO_STAGES "scales", "32,64", "iterations", "3,4"

static double greatest_difference(const image *a, const image *b) {
    double most = 0;
    assert_int_equal(a->width * a->height, b->width * b->height);
    for (int i = 0; i < 3 * a->width * a->height; i++) { /* gcc 12 fails on fmax here */
        const double off = fabs((double)a->planes[i] - (double)b->planes[i]);
        most = off > most ? off : most;
    }
    return most;
}

static void expect_close(double a, double b, double relative) {
    if (!(fabs(a - b) <= relative * fabs(b)))
        fail_msg("%.9g is not %.9g", a, b);
}

/* ---- several styles ---- */

/* Two of the same are one, whatever their weights; without weight a style is not there at all. */
static void blends_of_one_style_are_it(void **state) {
    (void)state;
    start_event one, two, without;
    image *a = run(&(inputs){.styles = {styles[0]}}, &one, recipes_of(TWO_STAGES, NULL));
    image *b = run(&(inputs){.styles = {styles[0], styles[0]}}, &two,
                   recipes_of(TWO_STAGES, "style-weights", "3,1", NULL));
    image *c = run(&(inputs){.styles = {styles[1], styles[0]}}, &without,
                   recipes_of(TWO_STAGES, "style-weights", "0,2", NULL));
    image *d = run(&(inputs){.styles = {styles[1], styles[0]}}, NULL, recipes_of(TWO_STAGES, NULL));
    expect_close(two.event.total, one.event.total, 1e-4);
    assert_true(greatest_difference(a, b) < 1e-2);
    sessions_expect_same(a, c);
    assert_true(greatest_difference(a, d) > 0.02);
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

static void compare_blend(const reference_vgg *net, const start_event *start) {
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
        expect_close(start->terms[i].value, result.term[i], 4e-5);
    expect_close(start->event.total, result.total, 4e-5);
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
    start_event start;
    image *out = run(&(inputs){.styles = {a, b}, .init = init, .network = narrow}, &start,
                     recipes_of(NARROW, "style-weights", "6,2", NULL));
    compare_blend(&net, &start);
    image_free(out);
    image_free(a);
    image_free(b);
    image_free(init);
    stylize_network_free(narrow);
    reference_vgg_clear(&net);
}

/* ---- a mask ---- */

/* Masks of ones change no sum, and with the rest a region of nothing. Without it the picture is
 * content + 1 * (variable - content), which is rounded once more than the variable. */
static void a_white_mask_is_none(void **state) {
    (void)state;
    start_event plain, masked;
    image *a = run(&(inputs){.styles = {styles[0]}}, &plain,
                   recipes_of(TWO_STAGES, "init", "random", NULL));
    image *b = run(&(inputs){.styles = {styles[0]}, .masks = {white}}, NULL,
                   recipes_of(TWO_STAGES, "init", "random", "mask-rest", "yes", NULL));
    image *c = run(&(inputs){.styles = {styles[0]}, .masks = {white}}, &masked,
                   recipes_of(TWO_STAGES, "init", "random", NULL));
    sessions_expect_same(a, b);
    expect_close(masked.event.total, plain.event.total, 1e-4);
    assert_true(greatest_difference(a, c) < 1e-2);
    image_free(a);
    image_free(b);
    image_free(c);
}

/* What a session should leave as it is: columns [0, WIDTH / 2 - 8) of the content, at any size. */
static void expect_left(const image *found, const image *wanted, double near, const char *what) {
    const int n = found->width * found->height, end = found->width / 2 - 8;
    for (int i = 0; i < 3 * n; i++) {
        const double off = fabs((double)found->planes[i] - (double)wanted->planes[i]);
        if (i % found->width < end && !(off <= near))
            fail_msg("%s: value %d at width %d is %g off", what, i, found->width, off);
    }
}

typedef struct watch {
    const image *content;
    double near;
    int pictures;
} watch;

/* The picture of each iteration at the size of its stage. */
static int look(void *user, stylize_session *session, const stylize_event *event) {
    watch *self = user;
    error err;
    if (event->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    const image *shown = stylize_session_picture(session);
    image *wanted = image_resample(self->content, shown->width, shown->height, &err);
    assert_non_null(wanted);
    if (!self->content->alpha) /* whose colours are not those of the resized planes */
        expect_left(shown, wanted, self->near, "iteration");
    self->pictures++;
    image_free(wanted);
    return 0;
}

/* In all colour modes, from any start, with and without transparency; bits where nothing is
 * computed of it. */
static void what_no_mask_covers_stays(void **state) {
    (void)state;
    image *mask = new_mask(WIDTH / 2, 0), *faded = sessions_pattern(1, WIDTH, HEIGHT);
    image *init = sessions_pattern(4, WIDTH, HEIGHT);
    sessions_fade(faded);
    for (int k = 0; k < 8; k++) {
        const image *from = k & 2 ? faded : content;
        watch seen = {from, k & 1 ? 1e-6 : 0, 0};
        const inputs in = {.content = from,
                           .styles = {styles[0]},
                           .masks = {mask},
                           .init = k & 4 ? init : NULL,
                           .observer = look,
                           .user = &seen};
        image *out = run(&in, NULL,
                         recipes_of("size", "64", "scales", "32,48,64", "iterations", "2,2,3",
                                    "color", k & 1 ? "content" : "style", NULL));
        expect_left(out, from, k & 3 ? 1e-6 : 0, "result");
        assert_int_equal(seen.pictures, 2 + 2 + 3 + 3);
        assert_true(greatest_difference(out, from) > 0.05);
        assert_int_equal(!out->alpha, !from->alpha);
        image_free(out);
    }
    image_free(mask);
    image_free(faded);
    image_free(init);
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
                            const start_event *start) {
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
            expect_close(term->weight, 50 * 0.5 * (i + 1) * shares[r], 1e-6);
            expect_close(term->value, region_cost(&seen, &style, i, planes[r]), 1e-4);
        }
        reference_run_clear(&style);
        free(painter.pixels);
    }
    for (int i = 0; i < start->event.term_count; i++)
        total += start->terms[i].weight * start->terms[i].value;
    expect_close(start->event.total, total, 1e-9);
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
    image *masks[2] = {new_mask(30, 12), new_mask(50, 10)};
    start_event start;
    image *out = run(
        &(inputs){.styles = {a, b}, .init = init, .network = narrow, .masks = {masks[0], masks[1]}},
        &start, recipes_of(NARROW, NULL));
    compare_regions(&net, masks, &start);
    image_free(out);
    image *all[] = {a, b, init, masks[0], masks[1]};
    for (int i = 0; i < 5; i++)
        image_free(all[i]);
    stylize_network_free(narrow);
    reference_vgg_clear(&net);
}

/* A map in two colours, one from a column on. */
static image *new_map(int width, int from) {
    image *self = sessions_pattern(0, width, width * 3 / 4);
    const int n = width * self->height;
    for (int i = 0; i < 3 * n; i++)
        self->planes[i] = i / n == (i % width >= from) ? 1 : 0;
    return self;
}

/* Where all styles that paint a region have weight 0, they are blended as if all were equal. */
static void regions_without_weight_are_painted(void **state) {
    (void)state;
    image *map = new_map(WIDTH, 40), *left = new_map(WIDTH, WIDTH), *right = new_map(WIDTH, 0);
    image *like[MOST];
    start_event starts[2];
    static const char *const weights[] = {"1,0,0", "1,2,2"};
    for (int i = 0; i < MOST; i++)
        like[i] = sessions_pattern(2 + i, WIDTH, HEIGHT);
    for (int i = 0; i < 2; i++)
        image_free(
            run(&(inputs){.styles = {like[0], like[1], like[2]},
                          .content_map = map,
                          .style_maps = {left, right, right},
                          .init = styles[0]},
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

/* ---- threads, weights of the content ---- */

static void threads_change_no_bit(void **state) {
    (void)state;
    image *mask = new_mask(20, 9), *other = new_mask(40, 0), *map = new_map(WIDTH, 40);
    image *style_map = new_map(48, 11), *square = sessions_pattern(3, 48, 36);
    const inputs kinds[] = {
        {.styles = {styles[0], styles[1]}, .masks = {mask, other}},
        {.styles = {styles[0], styles[1]}, .masks = {mask}, .weight = other},
        {.styles = {square}, .content_map = map, .style_maps = {style_map}, .weight = mask},
    };
    for (int k = 0; k < 6; k++) {
        image *first = NULL;
        for (int threads = 1; threads <= 3; threads++) {
            inputs in = kinds[k / 2];
            in.threads = threads;
            image *out = run(&in, NULL,
                             recipes_of(TWO_STAGES, "color", k == 4 ? "content" : "style",
                                        "mask-rest", k == 1 ? "yes" : "no", NULL));
            if (first)
                sessions_expect_same(first, out);
            if (first)
                image_free(out);
            else
                first = out;
        }
        image_free(first);
    }
    image_free(mask);
    image_free(other);
    image_free(map);
    image_free(style_map);
    image_free(square);
}

/* One that is the same everywhere is none; only its shape counts. */
static void even_content_weights_are_none(void **state) {
    (void)state;
    start_event plain, even;
    image *a = run(&(inputs){.styles = {styles[0]}}, &plain, recipes_of(TWO_STAGES, NULL));
    image *b =
        run(&(inputs){.styles = {styles[0]}, .weight = white}, NULL, recipes_of(TWO_STAGES, NULL));
    image *c =
        run(&(inputs){.styles = {styles[0]}, .weight = grey}, &even, recipes_of(TWO_STAGES, NULL));
    sessions_expect_same(a, b);
    expect_close(even.event.content, plain.event.content, 1e-4);
    assert_true(greatest_difference(a, c) < 1e-2);
    image_free(a);
    image_free(b);
    image_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blends_of_one_style_are_it),
        cmocka_unit_test(blends_are_means_of_matrices),
        cmocka_unit_test(a_white_mask_is_none),
        cmocka_unit_test(what_no_mask_covers_stays),
        cmocka_unit_test(regions_count_by_their_share),
        cmocka_unit_test(regions_without_weight_are_painted),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(even_content_weights_are_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
