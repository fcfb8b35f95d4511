/* SPDX-License-Identifier: MIT
 *
 * Any number of terms at one layer, of every kind, with targets of different pictures and masks:
 * their values against the formulas in double precision on the activations of the reference, and
 * the gradient against central differences of these; factors that change, masks that are empty or
 * full, terms of the picture alone, and what is refused.
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
#include "cost/smoothness.h"
#include "cost_runs.h"
#include "engine.h"
#include "network_files.h"
#include "style_in_double.h"
#include "tensors.h"

/* As in test_objective.c and test_objective_layers.c. */
#define COSTS 4e-5
#define STEP 1e-5
#define SMOOTH 1e-5
#define SLOPE 2e-5
#define AT_TARGET 1e-12
#define AT_TARGET_BURES 1e-5

enum { HEIGHT = 19, WIDTH = 26, COUNT = 3 * HEIGHT * WIDTH };

static vgg *network;
static reference_vgg net;

static int open_network(void **state) {
    (void)state;
    const network_file file = network_file_narrow(6);
    cpu_set_threads(2);
    network = network_file_load(&file, kernels_best(), &net);
    return 0;
}

static int close_network(void **state) {
    (void)state;
    vgg_free(network);
    reference_vgg_clear(&net);
    return 0;
}

/* ---- many terms ---- */

enum { PICTURES = 2, TARGETS = 6, MASKS = 3 };

/* Two content and three style terms at relu2_1, of two pictures, and others elsewhere. */
typedef struct problem {
    cost_kind style; /* of all terms of style */
    cost_target targets[PICTURES][TARGETS];
    layout memory[PICTURES];
    cost_mask masks[MASKS]; /* at relu1_1, relu2_1, of the second picture at relu2_1 */
    cost_spec spec;
    objective objective;
    layout objective_memory;
    reference_image picture;
    float *x, *gradient;
} problem;

static cost_mask new_mask(int layer) {
    cost_mask self = {.height = vgg_layer_side(network, layer, HEIGHT),
                      .width = vgg_layer_side(network, layer, WIDTH)};
    const int count = self.height * self.width;
    double *values = random_values(count);
    for (int i = 0; i < count; i++) /* a third of them zero, some of a run of ones */
        values[i] = i % 7 == 2 || i % 7 == 3 ? 1 : fmax(0, values[i] + 0.3);
    self.weights = to_floats(values, count);
    cost_mask_sum(&self);
    free(values);
    return self;
}

static void make_targets(problem *self) {
    const struct {
        cost_kind kind;
        const char *layer;
    } what[TARGETS] = {
        {COST_CONTENT, "relu2_1"}, {self->style, "relu2_1"},  {self->style, "relu1_1"},
        {self->style, "pool2"},    {COST_CONTENT, "conv3_1"}, {self->style, "relu3_1"},
    };
    for (int k = 0; k < PICTURES; k++) {
        const reference_image image = reference_pattern_image(1 + k, WIDTH, HEIGHT);
        float *planes = engine_planes(&image);
        for (int i = 0; i < TARGETS; i++)
            self->targets[k][i] =
                (cost_target){.kind = what[i].kind, .layer = engine_layer(network, what[i].layer)};
        if (k)
            self->targets[k][1].mask = &self->masks[2];
        self->memory[k] = targets_make(network, self->spec.pooling, self->targets[k], TARGETS,
                                       (cost_picture){planes, HEIGHT, WIDTH});
        free(planes);
        free(image.pixels);
    }
}

static void add(problem *self, int picture, int target, double weight, const cost_mask *mask) {
    const cost_target *of = &self->targets[picture][target];
    cost_term *term = spec_add(&self->spec, of->kind, of->layer, weight);
    term->target = of;
    term->mask = mask;
}

static void open_problem(problem *self, cost_kind style, bool average, bool sum) {
    const int relu1_1 = engine_layer(network, "relu1_1");
    const int relu2_1 = engine_layer(network, "relu2_1");
    error err;
    *self = (problem){.style = style,
                      .masks = {new_mask(relu1_1), new_mask(relu2_1), new_mask(relu2_1)}};
    self->spec = (cost_spec){.factors = {[COST_CONTENT] = sum ? 0.01 : 2},
                             .sum_content = sum,
                             .pooling = average ? POOLING_AVG : POOLING_MAX};
    self->spec.factors[style] = 300;
    make_targets(self);
    add(self, 0, 1, 0.5, NULL);
    add(self, 0, 0, 1, NULL);
    add(self, 1, 1, 0.25, &self->masks[1]);
    add(self, 1, 0, 0.75, &self->masks[1]);
    spec_add_smoothness(&self->spec, 0.5);
    add(self, 1, 1, 1.5, NULL); /* joins the first */
    add(self, 0, 2, 1, &self->masks[0]);
    add(self, 1, 3, 0.5, NULL);
    add(self, 0, 4, 1, NULL);
    add(self, 1, 4, 0.3, NULL);
    add(self, 1, 5, 0.7, NULL);
    if (!objective_make(&self->objective, network, &self->spec, HEIGHT, WIDTH,
                        &self->objective_memory, &err))
        fail_msg("%s", err.text);
    self->picture = reference_pattern_image(3, WIDTH, HEIGHT);
    self->x = engine_planes(&self->picture);
    self->gradient = engine_planes(&self->picture);
}

static void close_problem(problem *self) {
    layout_free(&self->objective_memory);
    for (int k = 0; k < PICTURES; k++)
        layout_free(&self->memory[k]);
    for (int i = 0; i < MASKS; i++)
        free(self->masks[i].weights);
    free(self->picture.pixels);
    free(self->x);
    free(self->gradient);
}

/* ---- the formulas ---- */

static double mask_at(const cost_mask *mask, int pixel) {
    return mask ? (double)mask->weights[pixel] : 1;
}

static double content_in_double(const cost_term *term, const double *a, bool sum_content) {
    const cost_target *target = term->target;
    const int n = target->height * target->width;
    double *expected = tensor_planar(&target->features), sum = 0, area = 0;
    for (int p = 0; p < n; p++) {
        double square = 0;
        for (int c = 0; c < target->channels; c++)
            square += (a[c * n + p] - expected[c * n + p]) * (a[c * n + p] - expected[c * n + p]);
        sum += mask_at(term->mask, p) * square;
        area += mask_at(term->mask, p);
    }
    free(expected);
    return sum_content ? sum / 2 : sum / 2 / area / target->channels;
}

/* The total and J of each term. */
static double cost_in_double(const problem *self, double *pixels, double *terms) {
    const cost_spec *spec = &self->spec;
    const reference_image image = {.width = WIDTH, .height = HEIGHT, .pixels = pixels};
    reference_run run;
    double total = 0;
    reference_run_init(&run, &net, spec->pooling == POOLING_AVG ? REFERENCE_AVERAGE : REFERENCE_MAX,
                       &image);
    for (int i = 0; i < spec->count; i++) {
        const cost_term *term = &spec->terms[i];
        if (term->kind == COST_SMOOTHNESS) {
            terms[i] = reference_tv(pixels, HEIGHT, WIDTH, 1, NULL);
        } else {
            const reference_layer *layer =
                reference_run_find(&run, network->layers[term->layer].name);
            terms[i] = term->kind == COST_CONTENT
                           ? content_in_double(term, layer->values, spec->sum_content)
                           : style_in_double(term, layer->values, layer->h * layer->w);
        }
        total += spec->factors[term->kind] * term->weight * terms[i];
    }
    reference_run_clear(&run);
    return total;
}

static double moved_cost(const problem *self, const double *direction, double step) {
    double moved[COUNT], terms[COST_MOST_TERMS];
    for (int i = 0; i < COUNT; i++)
        moved[i] = self->picture.pixels[i] + step * direction[i];
    return cost_in_double(self, moved, terms);
}

/* Like check_slopes in test_objective.c. */
static void check_slopes(const problem *self) {
    enum { DIRECTIONS = 8 };
    const double norm = objective_values(&self->objective)->gradient_norm;
    int judged = 0;
    for (int number = 0; number < DIRECTIONS; number++) {
        double *direction = number ? random_values(COUNT) : to_doubles(self->gradient, COUNT);
        const double length = sqrt(dot(direction, direction, COUNT));
        double slope = 0;
        for (int i = 0; i < COUNT; i++) {
            direction[i] /= length;
            slope += (double)self->gradient[i] * direction[i];
        }
        const double wide =
            (moved_cost(self, direction, STEP) - moved_cost(self, direction, -STEP)) / (2 * STEP);
        const double narrow =
            (moved_cost(self, direction, STEP / 2) - moved_cost(self, direction, -STEP / 2)) / STEP;
        if (fabs(wide - narrow) < SMOOTH * norm) {
            golden_expect_near("slope", slope, narrow, SLOPE * norm);
            judged++;
        }
        free(direction);
    }
    assert_true(judged >= DIRECTIONS / 2);
}

static void check_many_terms(cost_kind style) {
    for (int variant = 0; variant < 4; variant++) {
        problem self;
        double terms[COST_MOST_TERMS];
        open_problem(&self, style, variant & 1, variant & 2);
        assert_int_equal(self.objective.work_count, self.spec.count - 1); /* two share one */
        const double total = objective_eval(&self.objective, self.x, self.gradient);
        const cost_values *values = objective_values(&self.objective);
        golden_expect("total", total, cost_in_double(&self, self.picture.pixels, terms), COSTS);
        for (int i = 0; i < self.spec.count; i++)
            golden_expect("term", values->terms[i], terms[i], COSTS);
        if (style != COST_WASSERSTEIN) /* its roots end early, but not its derivative's */
            check_slopes(&self);
        close_problem(&self);
    }
}

static void test_many_terms(void **state) {
    (void)state;
    for (int style = COST_GRAM; style < COST_SMOOTHNESS; style++)
        check_many_terms((cost_kind)style);
}

/* The target that has a mask, of a kind that compares means. */
static void test_masked_targets(void **state) {
    (void)state;
    problem self;
    open_problem(&self, COST_COVARIANCE, false, false);
    const cost_target *target = &self.targets[1][1];
    const int c = target->channels;
    const reference_image image = reference_pattern_image(2, WIDTH, HEIGHT);
    reference_run run;
    double *matrix = random_values(c * c), *means = random_values(c);
    reference_run_init(&run, &net, REFERENCE_MAX, &image);
    const double *a = reference_run_find(&run, "relu2_1")->values;
    gram_in_double(target->mask, a, c, target->height * target->width, matrix);
    means_in_double(target->mask, a, c, target->height * target->width, means);
    assert_true(relative_error(target->matrix, matrix, c * c) < COSTS);
    assert_true(relative_error(target->means, means, c) < COSTS);
    reference_run_clear(&run);
    free(image.pixels);
    free(matrix);
    free(means);
    close_problem(&self);
}

/* ---- factors and masks that change ---- */

static void expect_same(objective *a, objective *b, const float *x) {
    static float first[COUNT], second[COUNT];
    objective_eval(a, x, first);
    objective_eval(b, x, second);
    assert_memory_equal(objective_values(a), objective_values(b), sizeof(cost_values));
    assert_memory_equal(first, second, sizeof first);
}

static void test_factors_change(void **state) {
    (void)state;
    static const double factors[COST_KINDS] = {0.25, 4000, 3};
    problem self;
    objective other;
    layout memory;
    error err;
    open_problem(&self, COST_GRAM, false, false);
    objective_eval(&self.objective, self.x, self.gradient);
    objective_set_factors(&self.objective, factors);
    memcpy(self.spec.factors, factors, sizeof factors);
    assert_true(objective_make(&other, network, &self.spec, HEIGHT, WIDTH, &memory, &err));
    expect_same(&self.objective, &other, self.x);
    layout_free(&memory);
    close_problem(&self);
}

static void fill(cost_mask *mask, float value) {
    for (int i = 0; i < mask->height * mask->width; i++)
        mask->weights[i] = value;
    cost_mask_sum(mask);
}

/* Masks of ones are none; an empty one leaves a content term nothing to compare, and a Gram term
 * the matrix zero, neither of which has a gradient. */
static void test_masks_change(void **state) {
    (void)state;
    problem self;
    open_problem(&self, COST_GRAM, false, false);
    fill(&self.masks[0], 0);
    fill(&self.masks[1], 0);
    objective_eval(&self.objective, self.x, self.gradient);
    const cost_values empty = *objective_values(&self.objective);
    assert_true(empty.terms[3] == 0);
    golden_expect("norm of the target", empty.terms[2] * 4 * pow(self.targets[1][1].channels, 2),
                  dot(self.targets[1][1].matrix, self.targets[1][1].matrix,
                      (int)pow(self.targets[1][1].channels, 2)),
                  1e-12);
    cost_spec without = {.pooling = POOLING_MAX};
    memcpy(without.factors, self.spec.factors, sizeof without.factors);
    for (int i = 0; i < self.spec.count; i++) {
        if (!self.spec.terms[i].mask)
            without.terms[without.count++] = self.spec.terms[i];
    }
    objective other;
    layout memory;
    error err;
    float gradient[COUNT];
    assert_true(objective_make(&other, network, &without, HEIGHT, WIDTH, &memory, &err));
    objective_eval(&other, self.x, gradient);
    for (int i = 0; i < COUNT; i++)
        golden_expect_near("gradient", (double)self.gradient[i], (double)gradient[i],
                           1e-6 * objective_values(&other)->gradient_norm);
    layout_free(&memory);
    fill(&self.masks[0], 1);
    fill(&self.masks[1], 1);
    objective_eval(&self.objective, self.x, self.gradient);
    const cost_values full = *objective_values(&self.objective);
    assert_true(full.terms[2] == full.terms[5]); /* the same target without a mask */
    close_problem(&self);
}

/* A picture that is its own target: nothing is left, up to the digits that sums of squares lose, or
 * the roots of matrices in fp32. */
static void test_at_the_target(void **state) {
    (void)state;
    const reference_image image = reference_pattern_image(3, WIDTH, HEIGHT);
    const reference_image other = reference_pattern_image(1, WIDTH, HEIGHT);
    float *x = engine_planes(&image), *y = engine_planes(&other), gradient[COUNT];
    const cost_picture own = {x, HEIGHT, WIDTH};
    for (int style = COST_GRAM; style < COST_SMOOTHNESS; style++) {
        cost_spec spec = {.count = 0};
        cost_run run;
        if (style == COST_WASSERSTEIN) /* roots that end early are not those of the target */
            continue;
        spec.factors[style] = 1;
        spec_add(&spec, (cost_kind)style, engine_layer(network, "relu2_1"), 1);
        spec_add(&spec, (cost_kind)style, engine_layer(network, "relu3_1"), 1);
        cost_run_open(&run, network, &spec, own, own);
        const double off = objective_eval(&run.objective, y, gradient);
        const double slope = objective_values(&run.objective)->gradient_norm;
        const double digits = style == COST_BURES ? AT_TARGET_BURES : AT_TARGET;
        golden_expect_near("J", objective_eval(&run.objective, x, gradient), 0, digits * off);
        golden_expect_near("gradient", objective_values(&run.objective)->gradient_norm, 0,
                           digits * slope);
        cost_run_close(&run);
    }
    free(x);
    free(y);
    free(other.pixels);
    free(image.pixels);
}

/* ---- the picture alone, and nothing at all ---- */

static void test_without_layers(void **state) {
    (void)state;
    const reference_image image = reference_pattern_image(3, WIDTH, HEIGHT);
    float *x = engine_planes(&image), gradient[COUNT], expected[COUNT] = {0};
    double rows[3 * HEIGHT];
    cost_run run;
    cost_spec spec = {.count = 0};
    const cost_picture picture = {x, HEIGHT, WIDTH};
    cost_run_open(&run, network, &spec, picture, picture);
    assert_true(objective_eval(&run.objective, x, gradient) == 0);
    assert_memory_equal(gradient, expected, sizeof gradient);
    cost_run_close(&run);
    spec_add_smoothness(&spec, 2);
    cost_run_open(&run, network, &spec, picture, picture);
    const double total = objective_eval(&run.objective, x, gradient);
    assert_true(total == 2 * smoothness_eval(x, HEIGHT, WIDTH, 0, 2, expected, rows));
    assert_memory_equal(gradient, expected, sizeof gradient);
    cost_run_close(&run);
    free(x);
    free(image.pixels);
}

static void test_too_small(void **state) {
    (void)state;
    cost_target target = {.kind = COST_GRAM, .layer = engine_layer(network, "relu3_1")};
    cost_spec spec = {.count = 0};
    objective cost;
    analysis work;
    error err;
    spec_add(&spec, COST_GRAM, target.layer, 1)->target = &target;
    assert_false(objective_prepare(&cost, network, &spec, 3, 64, &err));
    assert_non_null(strstr(err.text, "64x3 is too small for relu3_1"));
    assert_false(analysis_prepare(&work, network, POOLING_MAX, &target, 1, 64, 3, &err));
    assert_non_null(strstr(err.text, "3x64 is too small for relu3_1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_terms),     cmocka_unit_test(test_masked_targets),
        cmocka_unit_test(test_factors_change), cmocka_unit_test(test_masks_change),
        cmocka_unit_test(test_at_the_target),  cmocka_unit_test(test_without_layers),
        cmocka_unit_test(test_too_small),
    };
    return cmocka_run_group_tests(tests, open_network, close_network);
}
