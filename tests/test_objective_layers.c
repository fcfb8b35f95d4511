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
#include "cost_runs.h"
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
    for (int i = 0; i < spec->count; i++)
        deepest = spec->terms[i].layer > deepest ? spec->terms[i].layer : deepest;
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
        .alpha = spec->factors[COST_CONTENT],
        .beta = spec->factors[COST_GRAM],
        .tv = spec->factors[COST_SMOOTHNESS],
        .content = reference_pattern_image(1, s.width, s.height),
        .styles = 1,
        .style = {reference_pattern_image(2, 37, 28)},
        .style_weight = {1},
    };
    for (int i = 0; i < spec->count; i++) {
        const cost_term *from = &spec->terms[i];
        if (from->layer == COST_PICTURE)
            continue;
        reference_term *term = &problem.term[problem.terms++];
        *term =
            (reference_term){.kind = from->kind == COST_GRAM ? REFERENCE_STYLE : REFERENCE_CONTENT,
                             .weight = from->weight};
        snprintf(term->layer, sizeof term->layer, "%s", network->layers[from->layer].name);
    }
    reference_problem_prepare(&problem);
    return problem;
}

static void open_run(cost_run *self, const cost_spec *spec, const reference_problem *problem) {
    const reference_image *content = &problem->content, *style = &problem->style[0];
    float *content_planes = engine_planes(content), *style_planes = engine_planes(style);
    cost_run_open(self, network, spec,
                  (cost_picture){content_planes, content->height, content->width},
                  (cost_picture){style_planes, style->height, style->width});
    free(content_planes);
    free(style_planes);
}

static void expect_costs(const cost_spec *spec, const cost_values *values,
                         const reference_result *expected) {
    golden_expect("total", values->total, expected->total, COSTS);
    golden_expect("content", values->kinds[COST_CONTENT], expected->content, COSTS);
    golden_expect("style", values->kinds[COST_GRAM], expected->style, COSTS);
    golden_expect("tv", values->kinds[COST_SMOOTHNESS], expected->tv, COSTS);
    for (int i = 0; i < spec->count - 1; i++)
        golden_expect("term", values->terms[i], expected->term[i], COSTS);
}

static void check_spec(const cost_spec *spec, size s, const char *what) {
    const int count = 3 * s.height * s.width;
    const reference_vgg part = depth_of(spec);
    reference_problem problem = problem_of(spec, &part, s);
    reference_image picture = reference_pattern_image(3, s.width, s.height);
    reference_result expected;
    cost_run run;
    objective *self = &run.objective;
    open_run(&run, spec, &problem);
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
    cost_run_close(&run);
    reference_problem_clear(&problem);
    free(problem.content.pixels);
    free(problem.style[0].pixels);
    free(picture.pixels);
    free(x);
    free(gradient);
    free(slope);
}

/* Layers separated by blanks, with weights that differ. */
static void add_terms(cost_spec *spec, cost_kind kind, const char *names) {
    char name[16];
    int count = 0;
    for (int used; sscanf(names, " %15s%n", name, &used) == 1; names += used, count++)
        spec_add(spec, kind, engine_layer(network, name), 0.5 + 0.25 * count);
}

static cost_spec spec_of(const char *content, const char *style, int variant) {
    cost_spec spec = {.factors = {[COST_CONTENT] = 2, [COST_GRAM] = variant & 1 ? 30 : 3000},
                      .sum_content = variant & 4,
                      .pooling = variant & 1 ? POOLING_AVG : POOLING_MAX};
    add_terms(&spec, COST_CONTENT, content);
    add_terms(&spec, COST_GRAM, style);
    spec_add_smoothness(&spec, variant & 2 ? 0.5 : 0);
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

/* Rows that are worked on in several pieces. */
static void test_wide(void **state) {
    (void)state;
    const cost_spec spec = spec_of("relu1_1", "relu1_1", 0);
    check_spec(&spec, (size){16, 600}, "wide");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_layer),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_wide),
    };
    return cmocka_run_group_tests(tests, open_network, close_network);
}
