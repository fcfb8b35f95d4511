/* SPDX-License-Identifier: MIT
 *
 * The cost and its gradient in bf16, by every kernel set that has it, against those in fp32, which
 * are compared with the mathematics elsewhere: golden problems up to the real width, and every kind
 * of term, with masks and without. The same bits for any number of threads.
 */
#include <math.h>
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

/* What activations are off after a dozen convolutions, of their norm (network_errors.h). */
#define OFF .0125

/* Of all terms together, whose errors are of either sign. */
#define TOTAL .02

/* The gradient differs for the most part by the choices of maxima and the sides of ReLUs, the more
 * the fewer pixels there are in deep layers. */
#define COSINE .98
#define NORM .03
#define COSINE_OF_FEW .93
#define NORM_OF_FEW .15

/* The most that the square of a distance is off, relative to it, of which each end is off by a
 * share of its length; the one end's is known. */
static double distance_off(double square, double length, double share) {
    const double distance = sqrt(square), off = share * (2 * length + distance) / distance;
    return 2 * off + off * off;
}

/* The same of the J of a term: content is the distance of two activations, a Gram term that of two
 * matrices, which are off by twice as much. The other kinds of style compare much the same, as far
 * apart as they are large. */
static double term_off(const cost_term *term, double value) {
    const cost_target *target = term->target;
    if (term->kind == COST_CONTENT) {
        double *a = tensor_planar(&target->features);
        const int count = target->channels * target->height * target->width;
        const double length = sqrt(dot(a, a, count));
        free(a);
        return distance_off(2 * value * count, length, OFF);
    }
    const int c = target->channels;
    const double length = sqrt(dot(target->matrix, target->matrix, c * c));
    return distance_off(term->kind == COST_GRAM ? 4 * value * c * c : length * length, length,
                        2 * OFF);
}

/* A term without a target is one of the picture, which is the same in either precision. */
static void expect_same_cost(const kernel_set *k, const objective *a, const objective *b) {
    const cost_values *in_bf16 = objective_values(a), *in_fp32 = objective_values(b);
    for (int i = 0; i < a->spec.count; i++) {
        const cost_term *term = &b->spec.terms[i];
        const double value = in_bf16->terms[i], expected = in_fp32->terms[i];
        const double off = term->target ? term_off(term, expected) : 1e-6;
        expect_near("term", k, value, expected, off * expected);
    }
    expect_near("total", k, in_bf16->total, in_fp32->total, TOTAL * in_fp32->total);
}

static void expect_same_gradient(const kernel_set *k, const float *in_bf16, const float *in_fp32,
                                 int count, bool few) {
    double *a = to_doubles(in_bf16, count), *b = to_doubles(in_fp32, count);
    const double norms[2] = {sqrt(dot(a, a, count)), sqrt(dot(b, b, count))};
    expect_near("cosine", k, dot(a, b, count) / norms[0] / norms[1], 1,
                1 - (few ? COSINE_OF_FEW : COSINE));
    expect_near("norm", k, norms[0], norms[1], (few ? NORM_OF_FEW : NORM) * norms[1]);
    free(a);
    free(b);
}

/* ---- golden problems ---- */

/* With every set of bf16, after `in_fp32` has the answer. */
static void check_golden(const golden *source, const engine *in_fp32) {
    for (int i = 0; kernels_of(PRECISION_BF16, i); i++) {
        const kernel_set *k = kernels_of(PRECISION_BF16, i);
        engine self;
        if (!kernels_supported(k))
            continue;
        engine_open(&self, source, k);
        objective_eval(self.objective, self.generated, self.gradient);
        expect_same_cost(k, self.objective, in_fp32->objective);
        expect_same_gradient(k, self.gradient, in_fp32->gradient, 3 * self.height * self.width,
                             true);
        engine_close(&self);
    }
}

static void test_goldens(void **state) {
    (void)state;
    static const char *const goldens[] = {"small16-average-mean", "small19-max-mean",
                                          "bundled-max-mean", "vgg16-max-mean"};
    for (size_t g = 0; g < sizeof goldens / sizeof *goldens; g++) {
        golden source;
        engine self;
        golden_open(&source, goldens[g]);
        engine_open(&self, &source, kernels_best());
        objective_eval(self.objective, self.generated, self.gradient);
        check_golden(&source, &self);
        engine_close(&self);
        golden_close(&source);
    }
}

/* ---- every kind ---- */

enum { HEIGHT = 61, WIDTH = 70, COUNT = 3 * HEIGHT * WIDTH, LAYERS = 3 };

/* Two terms of every kind at each of some layers, one of them with a mask. */
typedef struct problem {
    vgg *network;
    cost_spec spec;
    cost_mask masks[LAYERS];
    cost_run run;
    float *content, *style, *x, gradient[COUNT];
} problem;

static float *planes_of(int k) {
    const reference_image image = reference_pattern_image(k, WIDTH, HEIGHT);
    float *planes = engine_planes(&image);
    free(image.pixels);
    return planes;
}

static void make_mask(cost_mask *mask, const vgg *network, int layer) {
    *mask = (cost_mask){.height = vgg_layer_side(network, layer, HEIGHT),
                        .width = vgg_layer_side(network, layer, WIDTH)};
    const int count = mask->height * mask->width;
    mask->weights = malloc((size_t)count * sizeof *mask->weights);
    assert_non_null(mask->weights);
    for (int i = 0; i < count; i++)
        mask->weights[i] = (float)(i % mask->width) / (float)mask->width;
    cost_mask_sum(mask);
}

static void open_problem(problem *self, const kernel_set *k) {
    static const char *const layers[LAYERS] = {"relu1_1", "relu2_1", "relu3_1"};
    const network_file file = network_file_narrow(6);
    *self = (problem){.network = network_file_load(&file, k, NULL),
                      .spec = {.factors = {[COST_CONTENT] = 1}},
                      .content = planes_of(1),
                      .style = planes_of(2),
                      .x = planes_of(3)};
    for (int i = 0; i < LAYERS; i++) {
        const int layer = engine_layer(self->network, layers[i]);
        make_mask(&self->masks[i], self->network, layer);
        for (int kind = COST_CONTENT; kind < COST_SMOOTHNESS; kind++) {
            self->spec.factors[kind] = kind == COST_CONTENT ? 1 : 100;
            spec_add(&self->spec, (cost_kind)kind, layer, 0.5);
            spec_add(&self->spec, (cost_kind)kind, layer, 0.25)->mask = &self->masks[i];
        }
    }
    spec_add_smoothness(&self->spec, 0.5);
    cost_run_open(&self->run, self->network, &self->spec,
                  (cost_picture){self->content, HEIGHT, WIDTH},
                  (cost_picture){self->style, HEIGHT, WIDTH});
    objective_eval(&self->run.objective, self->x, self->gradient);
}

static void close_problem(problem *self) {
    cost_run_close(&self->run);
    for (int i = 0; i < LAYERS; i++)
        free(self->masks[i].weights);
    free(self->content);
    free(self->style);
    free(self->x);
    vgg_free(self->network);
}

static void check_kinds(const kernel_set *k) {
    static problem self, in_fp32;
    if (k->precision == PRECISION_FP32)
        return;
    open_problem(&self, k);
    open_problem(&in_fp32, kernels_best());
    expect_same_cost(k, &self.run.objective, &in_fp32.run.objective);
    expect_same_gradient(k, self.gradient, in_fp32.gradient, COUNT, false);
    close_problem(&self);
    close_problem(&in_fp32);
}

static void test_kinds(void **state) {
    (void)state;
    for_each_set(check_kinds);
}

/* ---- threads ---- */

static void check_threads(const kernel_set *k) {
    static const int threads[] = {1, 2, 5, 16};
    static problem first, again;
    for (int i = 0; i < 4; i++) {
        problem *self = i ? &again : &first;
        cpu_set_threads(threads[i]);
        open_problem(self, k);
        if (!i)
            continue;
        assert_memory_equal(self->gradient, first.gradient, sizeof first.gradient);
        assert_memory_equal(objective_values(&self->run.objective),
                            objective_values(&first.run.objective), sizeof(cost_values));
        close_problem(self);
    }
    close_problem(&first);
    cpu_set_threads(2);
}

static void test_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
}

static int two_threads(void **state) {
    (void)state;
    cpu_set_threads(2);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, two_threads, NULL);
}
