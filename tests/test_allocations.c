/* SPDX-License-Identifier: MIT
 *
 * Memory, by an allocator that counts and can run short: nothing is allocated inside an evaluation
 * or a step, nor while one is planned, and whichever allocation fails, the error says so (and the
 * address sanitizer sees that nothing is left behind).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define BYTES_IN_USE() mallinfo2().uordblks
#else
#define BYTES_IN_USE() ((size_t)0)
#endif

#include <cmocka.h>

#include "allocations.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "cost_runs.h"
#include "engine.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "network_files.h"
#include "optimizing.h"

enum { HEIGHT = 33, WIDTH = 40 };

static vgg *network;
static cost_spec spec;
static reference_image picture;
static float *planes;

static int open_all(void **state) {
    (void)state;
    const network_file file = network_file_narrow(13);
    cpu_set_threads(2);
    network = network_file_load(&file, kernels_best(), NULL);
    spec = (cost_spec){.factors = {[COST_CONTENT] = 1, [COST_GRAM] = 100}};
    spec_add(&spec, COST_CONTENT, engine_layer(network, "relu4_2"), 1);
    spec_add(&spec, COST_GRAM, engine_layer(network, "relu1_1"), 1);
    spec_add(&spec, COST_GRAM, engine_layer(network, "relu4_2"), 1);
    for (int kind = COST_GRAM + 1; kind < COST_SMOOTHNESS; kind++)
        spec_add(&spec, (cost_kind)kind, engine_layer(network, "relu3_1"), 1);
    spec_add_smoothness(&spec, 1);
    picture = reference_pattern_image(1, WIDTH, HEIGHT);
    planes = engine_planes(&picture);
    return 0;
}

static int close_all(void **state) {
    (void)state;
    vgg_free(network);
    free(picture.pixels);
    free(planes);
    return 0;
}

/* ---- none inside ---- */

static void test_evaluations_allocate_nothing(void **state) {
    (void)state;
    float *gradient = engine_planes(&picture);
    cost_run run;
    const cost_picture self = {planes, HEIGHT, WIDTH};
    cost_run_open(&run, network, &spec, self, self);
    objective_eval(&run.objective, planes, gradient); /* OpenMP makes its threads */
    const size_t count = allocations_count(), before = BYTES_IN_USE();
    for (int i = 0; i < 3; i++)
        objective_eval(&run.objective, planes, gradient);
    assert_int_equal(BYTES_IN_USE(), before);
    assert_int_equal(allocations_count(), count);
    cost_run_close(&run);
    free(gradient);
}

static double parabola(void *user, const float *x, float *gradient) {
    const size_t count = *(const size_t *)user;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        gradient[i] = (float)(1 + i % 5) * (x[i] - 0.3f);
        sum += 0.5 * (double)gradient[i] * (double)(x[i] - 0.3f);
    }
    return sum;
}

static void test_steps_allocate_nothing(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        size_t variables = 3 * HEIGHT * WIDTH;
        const optimizer_problem problem = {
            .count = variables, .evaluate = parabola, .user = &variables};
        const optimizer_options options = {.kind = (optimizer_kind)kind, .history = 3};
        optimizer run;
        error err;
        layout memory = optimizing_place(&run, &problem, &options);
        assert_true(optimizer_start(&run, &err));
        optimizer_step(&run); /* OpenMP makes its threads */
        const size_t count = allocations_count(), before = BYTES_IN_USE();
        for (int i = 0; i < 6; i++)
            optimizer_step(&run);
        assert_int_equal(BYTES_IN_USE(), before);
        assert_int_equal(allocations_count(), count);
        assert_true(run.iterations > 2);
        layout_free(&memory);
    }
}

/* ---- nor while planning ---- */

static void test_planning_takes_nothing(void **state) {
    (void)state;
    cost_target targets[COST_MOST_TERMS];
    cost_spec planned = spec;
    const int layers = spec.count - 1;
    analysis content;
    objective cost;
    error err;
    layout measured = layout_measure();
    const size_t count = allocations_count(), before = BYTES_IN_USE();
    for (int i = 0; i < layers; i++) {
        targets[i] = (cost_target){.kind = spec.terms[i].kind, .layer = spec.terms[i].layer};
        planned.terms[i].target = &targets[i];
    }
    assert_true(
        analysis_prepare(&content, network, POOLING_MAX, targets, layers, HEIGHT, WIDTH, &err));
    assert_true(objective_prepare(&cost, network, &planned, HEIGHT, WIDTH, &err));
    analysis_layout(&content, &measured);
    objective_layout(&cost, &measured);
    for (int i = 0; i < layers; i++)
        cost_target_layout(&targets[i], &measured);
    assert_int_equal(BYTES_IN_USE(), before);
    assert_int_equal(allocations_count(), count);
    const size_t plans = content.run.plan.arena_bytes + cost.run.plan.arena_bytes;
    assert_true(layout_bytes(&measured) > plans);
}

/* ---- short memory ---- */

typedef bool attempt(error *err);

static bool try_target(error *err) {
    cost_target target = {.kind = COST_GRAM, .layer = spec.terms[1].layer};
    layout memory;
    const bool ok =
        analysis_make(network, POOLING_MAX, &target, 1, planes, HEIGHT, WIDTH, &memory, err);
    assert_true(ok || !memory.base);
    layout_free(&memory);
    return ok;
}

static bool try_objective(error *err) {
    cost_spec one = {.count = 1, .terms = {{.kind = COST_SMOOTHNESS, .layer = COST_PICTURE}}};
    objective cost;
    layout memory;
    const bool ok = objective_make(&cost, network, &one, HEIGHT, WIDTH, &memory, err);
    assert_true(ok || !memory.base);
    layout_free(&memory);
    return ok;
}

static bool try_filter(error *err) {
    static const float weights[20 * 20 * 9] = {0};
    winograd_filter filter;
    const bool ok = winograd_filter_init(&filter, network->kernels, WINOGRAD_OWN, 20, 20, weights,
                                         weights, err);
    if (ok)
        winograd_filter_clear(&filter);
    return ok;
}

static bool try_first_conv(error *err) {
    static const float weights[20 * 27] = {0};
    first_conv conv;
    const bool ok = first_conv_init(&conv, network->kernels, 20, weights, weights, err);
    if (ok)
        first_conv_clear(&conv);
    return ok;
}

static void expect_failures(attempt *attempt_it, int least) {
    int failures = 0;
    for (;; failures++) {
        error err = {0};
        allocations_fail((size_t)failures);
        const bool ok = attempt_it(&err);
        allocations_fail(SIZE_MAX);
        if (ok)
            break;
        assert_int_equal(err.code, ERROR_MEMORY);
        assert_non_null(strstr(err.text, "not enough memory"));
    }
    assert_in_range(failures, least, 200);
}

static void test_short_memory(void **state) {
    (void)state;
    expect_failures(try_filter, 2);
    expect_failures(try_first_conv, 3);
    expect_failures(try_target, 2);
    expect_failures(try_objective, 1);
}

/* What no memory could hold is refused, and leaves nothing to release. */
static void test_too_large(void **state) {
    (void)state;
    enum { SIDE = 1 << 28 };
    error err = {0};
    cost_target target = {.kind = COST_GRAM, .layer = spec.terms[1].layer};
    cost_spec one = {.count = 1, .terms = {spec.terms[1]}};
    layout memory;
    one.terms[0].target = &target;
    memset(&memory, 0xff, sizeof memory);
    const size_t count = allocations_count();
    assert_false(
        analysis_make(network, POOLING_MAX, &target, 1, planes, SIDE, SIDE, &memory, &err));
    assert_non_null(strstr(err.text, "too large"));
    assert_null(memory.base);
    objective cost;
    err = (error){0};
    memset(&memory, 0xff, sizeof memory);
    assert_false(objective_make(&cost, network, &one, SIDE, SIDE, &memory, &err));
    assert_non_null(strstr(err.text, "too large"));
    assert_null(memory.base);
    assert_int_equal(allocations_count(), count);
}

/* Reading a network. */
static bool try_load(error *err) {
    vgg *self = vgg_load("tests/golden/small16.safetensors", kernels_best(), err);
    vgg_free(self);
    return self != NULL;
}

static void test_loading_with_short_memory(void **state) {
    (void)state;
    expect_failures(try_load, 20);
}

/* Reading pictures: the pixels, a profile, the pixels turned. */
static const char *picture_path;

static bool try_read(error *err) {
    image *self = picture_file_read(picture_path, 1000000, err);
    image_free(self);
    return self != NULL;
}

static void test_reading_with_short_memory(void **state) {
    (void)state;
    picture_path = "tests/images/rgba16-interlaced.png";
    expect_failures(try_read, 1);
    picture_path = "tests/images/profile.png";
    expect_failures(try_read, 2);
    picture_path = "tests/images/profile-parts.jpg";
    expect_failures(try_read, 2);
    picture_path = "tests/images/orientation-6-alpha.png";
    expect_failures(try_read, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluations_allocate_nothing),
        cmocka_unit_test(test_steps_allocate_nothing),
        cmocka_unit_test(test_planning_takes_nothing),
        cmocka_unit_test(test_short_memory),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_loading_with_short_memory),
        cmocka_unit_test(test_reading_with_short_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
