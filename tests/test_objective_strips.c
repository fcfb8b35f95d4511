/* SPDX-License-Identifier: MIT
 *
 * Strips of rows change no bit, nor do threads: targets, all values of the cost and its gradient
 * are the same whether blocks of the network run whole or in strips of any height, at widths at
 * which a group of rows that is summed in fp32 is cut by strips, and with masks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "cost_runs.h"
#include "engine.h"
#include "kernel_buffers.h"
#include "network_files.h"
#include "tensors.h"

enum { HEIGHT = 45 };

/* Within the two blocks that run in strips, and beyond. */
static const char *const layers[] = {"relu1_1", "relu2_1", "relu3_1"};
#define LAYERS (sizeof layers / sizeof *layers)

typedef struct problem {
    vgg *network;
    cost_spec spec;
    float *content, *style, *x;
    int width;
    cost_mask masks[LAYERS];
} problem;

static float *planes_of(int k, int width) {
    const reference_image image = reference_pattern_image(k, width, HEIGHT);
    float *planes = engine_planes(&image);
    free(image.pixels);
    return planes;
}

static void make_mask(cost_mask *mask, const vgg *network, int layer, int width) {
    *mask = (cost_mask){.height = vgg_layer_side(network, layer, HEIGHT),
                        .width = vgg_layer_side(network, layer, width)};
    const int count = mask->height * mask->width;
    double *values = random_values(count);
    for (int i = 0; i < count; i++)
        values[i] = values[i] < 0 ? 0 : values[i];
    mask->weights = to_floats(values, count);
    cost_mask_sum(mask);
    free(values);
}

/* At each layer two terms of every kind of style and a content term, some of them with masks; and
 * smoothness. */
static void open_problem(problem *self, const kernel_set *k, int width) {
    const network_file file = {.arch = 19, .convs = 5, .widths = {17, 20, 9}};
    *self = (problem){
        .network = network_file_load(&file, k, NULL),
        .spec = {.factors = {[COST_CONTENT] = 1}},
        .content = planes_of(1, width),
        .style = planes_of(2, width),
        .x = planes_of(3, width),
        .width = width,
    };
    for (size_t i = 0; i < LAYERS; i++) {
        const int layer = engine_layer(self->network, layers[i]);
        make_mask(&self->masks[i], self->network, layer, width);
        for (int kind = COST_GRAM; kind < COST_SMOOTHNESS; kind++) {
            self->spec.factors[kind] = 100;
            spec_add(&self->spec, (cost_kind)kind, layer, 0.5);
            spec_add(&self->spec, (cost_kind)kind, layer, 0.25)->mask = &self->masks[i];
        }
        spec_add(&self->spec, COST_CONTENT, layer, 2)->mask = i % 2 ? &self->masks[i] : NULL;
    }
    spec_add_smoothness(&self->spec, 0.5);
}

static void close_problem(problem *self) {
    for (size_t i = 0; i < LAYERS; i++)
        free(self->masks[i].weights);
    free(self->content);
    free(self->style);
    free(self->x);
    vgg_free(self->network);
}

typedef struct outcome {
    cost_values values;
    float *gradient;
    cost_run run; /* for its targets */
} outcome;

static void evaluate(const problem *self, int strip_rows, outcome *out) {
    out->gradient = planes_of(4, self->width);
    self->network->strip_rows = strip_rows;
    cost_run_open(&out->run, self->network, &self->spec,
                  (cost_picture){self->content, HEIGHT, self->width},
                  (cost_picture){self->style, HEIGHT, self->width});
    const vgg_plan *plan = &out->run.objective.run.plan;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(plan->steps[i].pair, strip_rows > 0);
        if (plan->steps[i].pair)
            assert_int_equal(plan->steps[i].strip_rows, strip_rows);
    }
    objective_eval(&out->run.objective, self->x, out->gradient);
    out->values = *objective_values(&out->run.objective);
}

static void outcome_clear(outcome *self) {
    cost_run_close(&self->run);
    free(self->gradient);
}

static void expect_same_targets(const cost_run *a, const cost_run *b) {
    for (int i = 0; i < a->spec.count; i++) {
        const cost_target *one = a->spec.terms[i].target, *other = b->spec.terms[i].target;
        if (!one)
            continue;
        if (one->kind != COST_CONTENT) {
            const size_t channels = (size_t)one->channels;
            assert_memory_equal(one->matrix, other->matrix,
                                channels * channels * sizeof *one->matrix);
            if (one->means)
                assert_memory_equal(one->means, other->means, channels * sizeof *one->means);
            continue;
        }
        expect_same_rows(&one->features, &other->features);
    }
}

static void check_width(const kernel_set *k, int width) {
    static const int heights[] = {8, 12, 20, 28, 44, 48};
    problem self;
    outcome whole;
    open_problem(&self, k, width);
    evaluate(&self, VGG_STRIPS_NEVER, &whole);
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++) {
        outcome strips;
        evaluate(&self, heights[i], &strips);
        expect_same_targets(&whole.run, &strips.run);
        assert_memory_equal(&whole.values, &strips.values, sizeof whole.values);
        assert_memory_equal(whole.gradient, strips.gradient,
                            (size_t)(3 * HEIGHT * width) * sizeof(float));
        outcome_clear(&strips);
    }
    outcome_clear(&whole);
    close_problem(&self);
}

static void check_set(const kernel_set *k) {
    static const int widths[] = {16, 64, 100, 300, 384, 512, 1000};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        check_width(k, widths[i]);
}

static void test_strips_change_no_bit(void **state) {
    (void)state;
    for_each_set(check_set);
}

static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strips_change_no_bit),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
