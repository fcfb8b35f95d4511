/* SPDX-License-Identifier: MIT
 *
 * The engine as a whole, by every kernel set: activations, Gram matrices, costs and the image
 * gradient against PyTorch's (golden/make.py), some of the terms alone against the reference,
 * finite differences, and the same bits for any number of threads.
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
#include "engine.h"
#include "network_runs.h"

/* Relative; fp32 against double, two to four times what was measured. A convolution by Winograd is
 * good to about 2e-6, and each of up to fifteen layers adds its share; single activations and
 * products of theirs are compared to their root mean square, which the largest exceed several
 * times, and so are the gradient's, which has gone through the layers twice. */
#define ACTIVATIONS 4e-5
#define GRAMS 4e-5
#define COSTS 1e-5
#define GRADIENT 6e-5

/* Finite differences along a direction of norm 1; slopes are relative to the gradient's norm. */
#define STEP 1e-5
#define SMOOTH 1e-5 /* the most that halving the step may change */
#define SLOPE 2e-5

static const char *const goldens[] = {
    "small16-max-gatys", "small16-average-mean",  "small19-max-mean", "small19-average-gatys",
    "bundled-max-mean",  "bundled-average-gatys", "vgg16-max-mean"};
#define GOLDENS (int)(sizeof goldens / sizeof *goldens)
#define SMALL_GOLDENS 4 /* the first ones: of small networks, quick in double */

#define MAX_SETS 8

/* Every golden problem, and the engine set up for it with every kernel set that this processor has.
 */
static golden sources[GOLDENS];
static engine engines[GOLDENS][MAX_SETS];
static const kernel_set *sets[MAX_SETS];
static int set_count;

/* One thread: threads that wait for one another cost more than the small work here. */
static int open_all(void **state) {
    (void)state;
    cpu_set_threads(1);
    for (int k = 0; kernels_at(k) && set_count < MAX_SETS; k++) {
        if (kernels_supported(kernels_at(k)))
            sets[set_count++] = kernels_at(k);
    }
    for (int g = 0; g < GOLDENS; g++) {
        golden_open(&sources[g], goldens[g]);
        for (int k = 0; k < set_count; k++)
            engine_open(&engines[g][k], &sources[g], sets[k]);
    }
    return set_count ? 0 : -1;
}

static int close_all(void **state) {
    (void)state;
    for (int g = 0; g < GOLDENS; g++) {
        for (int k = 0; k < set_count; k++)
            engine_close(&engines[g][k]);
        golden_close(&sources[g]);
    }
    return 0;
}

typedef void case_function(const golden *source, engine *self);

static void for_each(case_function *check) {
    for (int g = 0; g < GOLDENS; g++) {
        for (int k = 0; k < set_count; k++) {
            print_message("# %s, %s\n", goldens[g], sets[k]->name);
            check(&sources[g], &engines[g][k]);
        }
    }
}

static void check_activations(const golden *source, engine *self) {
    const json_t *entries = json_object_get(source->root, "activations");
    run_spec spec = {.network = self->network,
                     .pooling = self->spec.pooling,
                     .height = self->height,
                     .width = self->width,
                     .picture = source->generated.pixels};
    size_t i;
    json_t *entry;
    assert_true(json_array_size(entries) > 5);
    json_array_foreach(entries, i, entry) run_want(&spec, golden_string(entry, "layer"));
    run_result result = run_once(&spec);
    json_array_foreach(entries, i, entry) {
        const int layer = engine_layer(self->network, golden_string(entry, "layer"));
        golden_expect_summary(entry, result.activations[layer], run_count(&spec, layer),
                              ACTIVATIONS);
    }
    run_result_clear(&result);
}

static void check_gram(const golden *source, const engine *self, const json_t *entry) {
    const json_t *number = json_object_get(entry, "image");
    const int layer = engine_layer(self->network, golden_string(entry, "layer"));
    const int channels = self->network->layers[layer].channels;
    const reference_image *image = json_is_integer(number)
                                       ? &source->problem.style[json_integer_value(number)]
                                       : &source->generated;
    cost_target target = {.kind = COST_GRAM, .layer = layer};
    float *planes = engine_planes(image);
    layout memory = targets_make(self->network, self->spec.pooling, &target, 1,
                                 (cost_picture){planes, image->height, image->width});
    golden_expect_summary(entry, target.matrix, channels * channels, GRAMS);
    layout_free(&memory);
    free(planes);
}

static void check_grams(const golden *source, engine *self) {
    const json_t *entries = json_object_get(source->root, "grams");
    size_t i;
    json_t *entry;
    assert_true(json_array_size(entries) > 0);
    json_array_foreach(entries, i, entry) check_gram(source, self, entry);
}

static void check_costs(const golden *source, engine *self) {
    const json_t *costs = json_object_get(source->root, "costs");
    const double total = objective_eval(self->objective, self->generated, self->gradient);
    const cost_values *values = objective_values(self->objective);
    size_t i;
    json_t *term;
    golden_expect("total", total, golden_number(costs, "total"), COSTS);
    golden_expect("total of values", values->total, total, 0);
    golden_expect("content", values->kinds[COST_CONTENT], golden_number(costs, "content"), COSTS);
    golden_expect("style", values->kinds[COST_GRAM], golden_number(costs, "style"), COSTS);
    golden_expect("tv", values->kinds[COST_SMOOTHNESS], golden_number(costs, "tv"), COSTS);
    json_array_foreach(json_object_get(source->root, "terms"), i, term) {
        golden_expect(golden_string(term, "layer"), values->terms[i], golden_number(term, "cost"),
                      COSTS);
    }
    golden_expect("gradient_norm", values->gradient_norm,
                  golden_number(json_object_get(source->root, "gradient_norms"), "total"),
                  GRADIENT);
}

static void check_gradient(const golden *source, engine *self) {
    const int count = 3 * self->height * self->width;
    double *gradient = malloc((size_t)count * sizeof *gradient);
    assert_non_null(gradient);
    objective_eval(self->objective, self->generated, self->gradient);
    for (int i = 0; i < count; i++)
        gradient[i] = (double)self->gradient[i];
    golden_expect_gradient(source, gradient, GRADIENT);
    free(gradient);
}

static void test_activations(void **state) {
    (void)state;
    for_each(check_activations);
}

static void test_grams(void **state) {
    (void)state;
    for_each(check_grams);
}

static void test_costs(void **state) {
    (void)state;
    for_each(check_costs);
}

static void test_gradient(void **state) {
    (void)state;
    for_each(check_gradient);
}

/* An evaluation leaves nothing behind that the next one sees. */
static void check_repeatable(const golden *source, engine *self) {
    (void)source;
    const size_t count = 3 * (size_t)self->height * (size_t)self->width;
    float *other = calloc(count, sizeof *other), *gradient = calloc(count, sizeof *gradient);
    assert_non_null(other);
    assert_non_null(gradient);
    const double first = objective_eval(self->objective, self->generated, gradient);
    objective_eval(self->objective, other, self->gradient);
    const double again = objective_eval(self->objective, self->generated, self->gradient);
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_equal(gradient, self->gradient, count * sizeof *gradient);
    free(other);
    free(gradient);
}

static void test_repeatable(void **state) {
    (void)state;
    for_each(check_repeatable);
}

/* ---- finite differences ---- */

/* Direction 0 is the gradient itself, the others are random; all have the norm 1. */
static double *make_direction(const float *gradient, size_t count, unsigned number) {
    double *direction = malloc(count * sizeof *direction), squares = 0;
    unsigned seed = number;
    assert_non_null(direction);
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        direction[i] = number ? (seed >> 8) / 8388608.0 - 1 : (double)gradient[i];
        squares += direction[i] * direction[i];
    }
    for (size_t i = 0; i < count; i++)
        direction[i] /= sqrt(squares);
    return direction;
}

/* The reference's cost (double) at the generated picture plus `step` times the direction. */
static double cost_at(const golden *source, const double *direction, size_t count, double step) {
    reference_image moved = source->generated;
    reference_result result;
    moved.pixels = malloc(count * sizeof *moved.pixels);
    assert_non_null(moved.pixels);
    for (size_t i = 0; i < count; i++)
        moved.pixels[i] = source->generated.pixels[i] + step * direction[i];
    reference_objective(&source->problem, &moved, &result, NULL);
    free(moved.pixels);
    return result.total;
}

/* The slope that the engine's gradient states along a direction against central differences of the
 * cost in double. Half the step tells where a ReLU or a maximum changed sides between the points:
 * such a direction is left out. Slopes are measured against the steepest one, the gradient's norm.
 */
static void check_slopes(const golden *source, engine *self) {
    enum { DIRECTIONS = 8 };
    const size_t count = 3 * (size_t)self->height * (size_t)self->width;
    int judged = 0;
    objective_eval(self->objective, self->generated, self->gradient);
    const double norm = objective_values(self->objective)->gradient_norm;
    for (unsigned number = 0; number < DIRECTIONS; number++) {
        double *direction = make_direction(self->gradient, count, number), slope = 0;
        for (size_t i = 0; i < count; i++)
            slope += (double)self->gradient[i] * direction[i];
        const double wide =
            (cost_at(source, direction, count, STEP) - cost_at(source, direction, count, -STEP)) /
            (2 * STEP);
        const double narrow = (cost_at(source, direction, count, STEP / 2) -
                               cost_at(source, direction, count, -STEP / 2)) /
                              STEP;
        if (fabs(wide - narrow) < SMOOTH * norm) {
            golden_expect_near("slope", slope, narrow, SLOPE * norm);
            judged++;
        }
        free(direction);
    }
    assert_true(judged >= DIRECTIONS / 2);
}

static void test_finite_differences(void **state) {
    (void)state;
    for (int g = 0; g < SMALL_GOLDENS; g++)
        check_slopes(&sources[g], &engines[g][0]);
}

/* ---- some of the terms ---- */

/* What is left of a golden problem: the terms up to a layer, of one kind or both. */
typedef struct selection {
    bool content, style;
    const char *deepest;
} selection;

/* Leaves of `spec` and `problem`, whose terms are in one order, what is selected. */
static void select_terms(selection which, const vgg *network, cost_spec *spec,
                         reference_problem *problem) {
    const int deepest = engine_layer(network, which.deepest), terms = problem->terms;
    spec->count = problem->terms = 0;
    for (int i = 0; i < terms; i++) {
        const bool style = problem->term[i].kind == REFERENCE_STYLE;
        if (spec->terms[i].layer > deepest || !(style ? which.style : which.content))
            continue;
        problem->term[problem->terms++] = problem->term[i];
        spec->terms[spec->count++] = spec->terms[i];
    }
    spec_add_smoothness(spec, problem->tv);
}

static void check_selection(const golden *source, const engine *self, selection which, bool sum) {
    const size_t count = 3 * (size_t)self->height * (size_t)self->width;
    reference_problem problem = source->problem; /* borrows its targets */
    cost_spec spec = self->run.spec;             /* with targets */
    reference_result expected;
    double *slope = malloc(count * sizeof *slope), squares = 0, errors = 0;
    cost_run run;
    assert_non_null(slope);
    spec.sum_content = sum;
    problem.content_cost = sum ? REFERENCE_GATYS : REFERENCE_MEAN;
    select_terms(which, self->network, &spec, &problem);
    const cost_picture unused = {self->generated, self->height, self->width};
    cost_run_open(&run, self->network, &spec, unused, unused);
    const double total = objective_eval(&run.objective, self->generated, self->gradient);
    const cost_values *values = objective_values(&run.objective);
    reference_objective(&problem, &source->generated, &expected, slope);
    golden_expect("total", total, expected.total, COSTS);
    golden_expect("content", values->kinds[COST_CONTENT], expected.content, COSTS);
    golden_expect("style", values->kinds[COST_GRAM], expected.style, COSTS);
    for (size_t i = 0; i < count; i++) {
        const double off = (double)self->gradient[i] - slope[i];
        squares += slope[i] * slope[i];
        errors += off * off;
    }
    golden_expect_near("gradient", sqrt(errors), 0, GRADIENT * sqrt(squares));
    cost_run_close(&run);
    free(slope);
}

static void test_some_of_the_terms(void **state) {
    (void)state;
    static const selection which[] = {
        {true, true, "relu2_1"},  {true, false, "relu5_1"}, {false, true, "relu5_1"},
        {false, true, "relu1_1"}, {true, false, "relu2_1"},
    };
    const int g = 1; /* small16-average-mean: content at relu2_1 and conv4_1, style at all blocks */
    for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
        for (int k = 0; k < 2 * set_count; k++)
            check_selection(&sources[g], &engines[g][k / 2], which[i], k % 2);
    }
}

/* ---- threads ---- */

/* Made with any number of threads and evaluated with any, at a size that has several strips. */
static void test_threads(void **state) {
    (void)state;
    enum { HEIGHT = 75, WIDTH = 118, COUNT = 3 * HEIGHT * WIDTH };
    static const int threads[] = {1, 2, 3, 16};
    const engine *self = &engines[4][0]; /* bundled-max-mean */
    static float first[COUNT], gradient[COUNT];
    const reference_image image = reference_pattern_image(1, WIDTH, HEIGHT);
    const reference_image generated = reference_pattern_image(3, WIDTH, HEIGHT);
    float *content = engine_planes(&image), *x = engine_planes(&generated);
    cost_values expected = {0};
    cost_spec spec = self->spec;
    spec.factors[COST_SMOOTHNESS] = 1;
    for (int kind = COST_GRAM + 1; kind < COST_SMOOTHNESS; kind++) {
        spec.factors[kind] = 1;
        spec_add(&spec, (cost_kind)kind, engine_layer(self->network, "relu3_1"), 1);
    }
    for (int i = 0; i < 8; i++) {
        cost_run run;
        const objective *o = &run.objective;
        cpu_set_threads(threads[i / 2]);
        cost_run_open(&run, self->network, &spec, (cost_picture){content, HEIGHT, WIDTH},
                      (cost_picture){content, HEIGHT, WIDTH});
        if (i % 2)
            cpu_set_threads(threads[3 - i / 2]);
        objective_eval(&run.objective, x, gradient);
        if (!i) {
            expected = *objective_values(o);
            memcpy(first, gradient, sizeof first);
        }
        assert_memory_equal(objective_values(o), &expected, sizeof expected);
        assert_memory_equal(gradient, first, sizeof first);
        cost_run_close(&run);
    }
    cpu_set_threads(1);
    free(content);
    free(x);
    free(image.pixels);
    free(generated.pixels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_grams),
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_some_of_the_terms),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
