/* SPDX-License-Identifier: MIT
 *
 * Memory, by an allocator that counts and can run short: nothing is allocated inside an evaluation,
 * what a plan or a Gram matrix forecasts is what it takes, and whichever allocation fails, the
 * error says so (and the address sanitizer sees that nothing is left behind).
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
#include "cost/gram.h"
#include "cost/objective.h"
#include "engine.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "network_files.h"
#include "network_runs.h"

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
    spec = (cost_spec){.alpha = 1, .beta = 100, .tv = 1};
    spec.content[spec.content_count++] = (cost_layer){engine_layer(network, "relu4_2"), 1};
    spec.style[spec.style_count++] = (cost_layer){engine_layer(network, "relu1_1"), 1};
    spec.style[spec.style_count++] = (cost_layer){engine_layer(network, "relu4_2"), 1};
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
    style_target target;
    error err;
    float *gradient = engine_planes(&picture);
    assert_true(style_target_init(&target, network, &spec, planes, HEIGHT, WIDTH, &err));
    objective *self = objective_new(network, &spec, planes, HEIGHT, WIDTH, &target, &err);
    assert_non_null(self);
    objective_eval(self, planes, gradient); /* OpenMP makes its threads */
    const size_t count = allocations_count(), before = BYTES_IN_USE();
    for (int i = 0; i < 3; i++)
        objective_eval(self, planes, gradient);
    assert_int_equal(BYTES_IN_USE(), before);
    assert_int_equal(allocations_count(), count);
    objective_free(self);
    style_target_clear(&target);
    free(gradient);
}

/* ---- forecasts ---- */

/* What memory_alloc asks for a block of so many bytes that is not large. */
static size_t rounded(size_t size) {
    return (size / MEMORY_ALIGNMENT + 1) * MEMORY_ALIGNMENT;
}

static void test_plan_is_what_is_allocated(void **state) {
    (void)state;
    for (int backward = 0; backward < 2; backward++) {
        run_spec run = {.network = network, .height = HEIGHT, .width = WIDTH};
        run.backward = backward;
        run_want(&run, "relu1_1 relu3_1");
        const size_t before = allocations_bytes();
        vgg_run *self = run_new(&run);
        const vgg_plan *plan = &self->plan;
        assert_int_equal(allocations_bytes() - before,
                         rounded(sizeof *self) + rounded(plan->arena_bytes) +
                             rounded(plan->scratch_floats * sizeof(float)));
        assert_int_equal(vgg_plan_bytes(plan),
                         plan->arena_bytes + plan->scratch_floats * sizeof(float));
        vgg_run_free(self);
    }
}

static void test_gram_is_what_is_allocated(void **state) {
    (void)state;
    for (int channels = 1; channels <= 300; channels += 50) {
        gram g;
        error err;
        const size_t before = allocations_bytes();
        assert_true(gram_init(&g, network->kernels, channels, &err));
        assert_int_equal(allocations_bytes() - before, gram_memory(channels));
        gram_clear(&g);
    }
}

/* ---- short memory ---- */

typedef bool attempt(error *err);

static bool try_target(error *err) {
    style_target target;
    const bool ok = style_target_init(&target, network, &spec, planes, HEIGHT, WIDTH, err);
    assert_true(ok || !target.matrices);
    style_target_clear(&target);
    return ok;
}

/* The matrices are not looked at before an evaluation. */
static bool try_objective(error *err) {
    double matrices[17 * 17 + 33 * 33] = {0};
    const style_target target = {matrices};
    objective *self = objective_new(network, &spec, planes, HEIGHT, WIDTH, &target, err);
    objective_free(self);
    return self != NULL;
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
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_non_null(strstr(err.text, "not enough memory"));
    }
    assert_in_range(failures, least, 200);
}

static void test_short_memory(void **state) {
    (void)state;
    expect_failures(try_filter, 2);
    expect_failures(try_first_conv, 3);
    expect_failures(try_target, 8);
    expect_failures(try_objective, 10);
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

/* Reading pictures: rows of a whole one, alpha, profile, scratch to turn it. */
static const char *picture_path;

static bool try_read(error *err) {
    image *self = picture_file_read(picture_path, 1000000, err);
    image_free(self);
    return self != NULL;
}

static void test_reading_with_short_memory(void **state) {
    (void)state;
    picture_path = "tests/images/rgba16-interlaced.png";
    expect_failures(try_read, 3);
    picture_path = "tests/images/profile.png";
    expect_failures(try_read, 3);
    picture_path = "tests/images/profile-parts.jpg";
    expect_failures(try_read, 3);
    picture_path = "tests/images/orientation-6-alpha.png";
    expect_failures(try_read, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluations_allocate_nothing),
        cmocka_unit_test(test_plan_is_what_is_allocated),
        cmocka_unit_test(test_gram_is_what_is_allocated),
        cmocka_unit_test(test_short_memory),
        cmocka_unit_test(test_loading_with_short_memory),
        cmocka_unit_test(test_reading_with_short_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
