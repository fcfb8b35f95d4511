/* SPDX-License-Identifier: MIT
 *
 * The objective with terms at any layers of a narrow network, against the reference: every layer as
 * content, as style and as both at once, alone and in groups, either kind of pooling and of content
 * cost, at sizes down to the least and of several strips.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "cost/objective.h"
#include "engine.h"
#include "network_files.h"
#include "network_runs.h"
#include "tensors.h"

/* Relative. The cost of a single layer, which may have no more than a pixel, is the square of small
 * differences between values that are much alike: they lose digits, and no sum of many evens it
 * out. */
#define COSTS 4e-5
#define GRADIENT 2e-5 /* of the norm */

static vgg *network;
static reference_vgg net;

static int open_network(void **state) {
    (void)state;
    const network_file file = network_file_narrow(13);
    cpu_set_threads(1);
    network = network_file_load(&file, kernels_best(), &net);
    return 0;
}

static int close_network(void **state) {
    (void)state;
    vgg_free(network);
    reference_vgg_clear(&net);
    return 0;
}

typedef struct size {
    int height, width;
} size;

/* The reference's network up to its last convolution that a term of the spec depends on. */
static reference_vgg depth_of(const cost_spec *spec) {
    reference_vgg part = net;
    int deepest = 0;
    for (int i = 0; i < spec->content_count; i++)
        deepest = spec->content[i].layer > deepest ? spec->content[i].layer : deepest;
    for (int i = 0; i < spec->style_count; i++)
        deepest = spec->style[i].layer > deepest ? spec->style[i].layer : deepest;
    part.convs = 0;
    for (int i = 0; i <= deepest; i++)
        part.convs += network->layers[i].kind == VGG_CONV;
    return part;
}

/* The problem of a spec for the reference, on pictures of its own. */
static reference_problem problem_of(const cost_spec *spec, const reference_vgg *part, size s) {
    reference_problem problem = {
        .net = part,
        .pooling = spec->pooling == POOLING_MAX ? REFERENCE_MAX : REFERENCE_AVERAGE,
        .content_cost = spec->sum_content ? REFERENCE_GATYS : REFERENCE_MEAN,
        .alpha = spec->alpha,
        .beta = spec->beta,
        .tv = spec->tv,
        .content = reference_pattern_image(1, s.width, s.height),
        .styles = 1,
        .style = {reference_pattern_image(2, 37, 28)},
        .style_weight = {1},
    };
    for (int i = 0; i < spec->content_count + spec->style_count; i++) {
        const bool style = i >= spec->content_count;
        const cost_layer layer = style ? spec->style[i - spec->content_count] : spec->content[i];
        reference_term *term = &problem.term[problem.terms++];
        *term = (reference_term){.kind = style ? REFERENCE_STYLE : REFERENCE_CONTENT,
                                 .weight = layer.weight};
        snprintf(term->layer, sizeof term->layer, "%s", network->layers[layer.layer].name);
    }
    reference_problem_prepare(&problem);
    return problem;
}

static objective *new_objective(const cost_spec *spec, const reference_problem *problem,
                                style_target *target) {
    const reference_image *content = &problem->content, *style = &problem->style[0];
    float *content_planes = engine_planes(content), *style_planes = engine_planes(style);
    error err;
    assert_true(
        style_target_init(target, network, spec, style_planes, style->height, style->width, &err));
    objective *self =
        objective_new(network, spec, content_planes, content->height, content->width, target, &err);
    assert_non_null(self);
    free(content_planes);
    free(style_planes);
    return self;
}

static void expect_costs(const cost_spec *spec, const cost_values *values,
                         const reference_result *expected) {
    golden_expect("total", values->total, expected->total, COSTS);
    golden_expect("content", values->content, expected->content, COSTS);
    golden_expect("style", values->style, expected->style, COSTS);
    golden_expect("tv", values->tv, expected->tv, COSTS);
    for (int i = 0; i < spec->content_count; i++)
        golden_expect("content layer", values->content_layers[i], expected->term[i], COSTS);
    for (int i = 0; i < spec->style_count; i++)
        golden_expect("style layer", values->style_layers[i],
                      expected->term[spec->content_count + i], COSTS);
}

static void check_spec(const cost_spec *spec, size s, const char *what) {
    const int count = 3 * s.height * s.width;
    const reference_vgg part = depth_of(spec);
    reference_problem problem = problem_of(spec, &part, s);
    reference_image picture = reference_pattern_image(3, s.width, s.height);
    reference_result expected;
    style_target target;
    objective *self = new_objective(spec, &problem, &target);
    float *x = engine_planes(&picture), *gradient = engine_planes(&picture);
    double *slope = random_values(count);
    reference_objective(&problem, &picture, &expected, slope);
    for (int round = 0; round < 2; round++) {
        objective_eval(self, x, gradient);
        expect_costs(spec, objective_values(self), &expected);
        double *values = to_doubles(gradient, count);
        const double off = relative_error(values, slope, count);
        if (!(off < GRADIENT))
            fail_msg("%s at %dx%d: gradient off by %g", what, s.width, s.height, off);
        golden_expect("norm", objective_values(self)->gradient_norm,
                      sqrt(dot(values, values, count)), 1e-12);
        free(values);
    }
    objective_free(self);
    style_target_clear(&target);
    reference_problem_clear(&problem);
    free(problem.content.pixels);
    free(problem.style[0].pixels);
    free(picture.pixels);
    free(x);
    free(gradient);
    free(slope);
}

/* Layers separated by blanks, with weights that differ. */
static int layers_of(const char *names, cost_layer layers[VGG_MAX_LAYERS]) {
    char name[16];
    int count = 0;
    for (int used; sscanf(names, " %15s%n", name, &used) == 1; names += used, count++)
        layers[count] = (cost_layer){engine_layer(network, name), 0.5 + 0.25 * count};
    return count;
}

static cost_spec spec_of(const char *content, const char *style, int variant) {
    cost_spec spec = {.alpha = 2,
                      .beta = variant & 1 ? 30 : 3000,
                      .tv = variant & 2 ? 0.5 : 0,
                      .sum_content = variant & 4,
                      .pooling = variant & 1 ? POOLING_AVG : POOLING_MAX};
    spec.content_count = layers_of(content, spec.content);
    spec.style_count = layers_of(style, spec.style);
    return spec;
}

/* Every layer by itself: content, style, both. */
static void test_each_layer(void **state) {
    (void)state;
    for (int i = 0; i < network->layer_count; i++) {
        const char *name = network->layers[i].name;
        for (int kind = 1; kind <= 3; kind++) {
            const cost_spec spec = spec_of(kind & 1 ? name : "", kind & 2 ? name : "", i + kind);
            check_spec(&spec, (size){18, 23}, name);
        }
    }
}

static const struct {
    const char *content, *style;
} groups[] = {
    {"relu4_2", "relu1_1 relu2_1 relu3_1 relu4_1 relu5_1"},
    {"relu1_1", "relu1_1 relu2_1"},
    {"relu2_1 relu1_1", "relu3_1 relu1_1"}, /* in any order */
    {"conv1_2 relu1_2 pool1", "relu1_2 pool1 conv2_1"},
    {"pool2", "pool2 pool1"},
    {"", "relu1_1 pool2"},
    {"relu2_1", ""},
};

/* The least size, an odd one, and tall ones whose strips end anywhere. */
static void test_groups(void **state) {
    (void)state;
    static const size sizes[] = {{16, 16}, {33, 27}, {75, 17}, {130, 16}};
    for (size_t i = 0; i < 2 * sizeof groups / sizeof *groups; i++) {
        for (int k = 0; k < 4; k++) {
            const cost_spec spec =
                spec_of(groups[i / 2].content, groups[i / 2].style, (int)i % 2 * 5 + k % 2 * 2);
            check_spec(&spec, sizes[k], groups[i / 2].style);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_layer),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, open_network, close_network);
}
