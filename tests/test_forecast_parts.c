/* SPDX-License-Identifier: MIT
 *
 * What each floor says that it will allocate, against what it does allocate, to the byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "allocations.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "cost/objective.h"
#include "engine.h"
#include "image/image.h"
#include "image/resample.h"
#include "network/vgg.h"
#include "optimize/optimizer.h"
#include "transfer/luminance.h"
#include "transfer/preconditioner.h"

static vgg *network;

static int set_up(void **state) {
    (void)state;
    error err;
    network = vgg_load("weights/vgg19-slim.safetensors", kernels_best(), &err);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vgg_free(network);
    return 0;
}

static cost_layer at(const char *name) {
    return (cost_layer){engine_layer(network, name), 1};
}

/* The terms that set the plan apart: the usual ones; a convolution before its ReLU and a pooling;
 * one kind alone. */
static cost_spec make_spec(int kind) {
    cost_spec spec = {.alpha = 1, .beta = 1};
    if (kind != 2) {
        spec.content[spec.content_count++] = at(kind == 1 ? "conv3_2" : "relu4_2");
        spec.content[spec.content_count++] = at(kind == 1 ? "pool2" : "relu1_2");
    }
    if (kind != 3) {
        spec.style[spec.style_count++] = at("relu1_1");
        spec.style[spec.style_count++] = at(kind == 1 ? "pool4" : "relu3_1");
        spec.style[spec.style_count++] = at("relu5_1");
    }
    return spec;
}

static void expect_planned(const cost_spec *spec, int height, int width) {
    error err;
    size_t planned;
    style_target style;
    image *picture = image_new(width, height, &err);
    assert_non_null(picture);

    size_t before = allocations_bytes();
    assert_true(style_analysis_memory(network, spec, height, width, &planned, &err));
    assert_int_equal(allocations_bytes(), before); /* planning takes nothing */
    assert_true(style_target_init(&style, network, spec, picture->planes, height, width, &err));
    assert_int_equal(allocations_bytes() - before, planned);
    if (style.matrices) {
        const size_t part = style_target_memory(network, spec);
        assert_in_range(part, 3 * 3 * sizeof(double), planned);
    } else {
        assert_int_equal(style_target_memory(network, spec), 0);
    }

    before = allocations_bytes();
    assert_true(objective_memory(network, spec, height, width, &planned, &err));
    objective *cost = objective_new(network, spec, picture->planes, height, width, &style, &err);
    assert_non_null(cost);
    assert_int_equal(allocations_bytes() - before, planned);
    objective_free(cost);
    style_target_clear(&style);
    image_free(picture);
}

static void plans_networks(void **state) {
    (void)state;
    static const int sizes[][2] = {{32, 32}, {47, 99}, {130, 64}, {200, 333}};
    for (int threads = 1; threads <= 3; threads++) {
        const int before = cpu_set_threads(threads);
        for (int kind = 0; kind < 4; kind++) {
            const cost_spec spec = make_spec(kind);
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
                expect_planned(&spec, sizes[i][0], sizes[i][1]);
        }
        cpu_set_threads(before);
    }
}

static void plans_say_what_is_too_small(void **state) {
    (void)state;
    error err;
    size_t bytes;
    cost_spec spec = make_spec(0);
    assert_false(objective_memory(network, &spec, 15, 64, &bytes, &err));
    assert_false(style_analysis_memory(network, &spec, 64, 15, &bytes, &err));
}

/* ---- optimisers ---- */

static double valley(void *user, const float *x, float *gradient) {
    const size_t count = *(const size_t *)user;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        gradient[i] = x[i] - 0.5f;
        sum += 0.5 * (double)gradient[i] * (double)gradient[i];
    }
    return sum;
}

static void plans_optimizers(void **state) {
    (void)state;
    static optimizer_minimize *const methods[] = {lbfgs_minimize, adam_minimize,
                                                  gradient_descent_minimize};
    static const size_t counts[] = {3, 3 * 16 * 16, 3 * 500 * 501};
    for (int i = 0; i < 18; i++) {
        size_t count = counts[i / 3 % 3];
        const int history = i < 9 ? 3 : 20;
        const size_t planned[] = {lbfgs_memory(count, history), adam_memory(count),
                                  gradient_descent_memory(count)};
        const optimizer_problem problem = {.count = count, .evaluate = valley, .user = &count};
        const optimizer_options options = {.iterations = 3, .history = history};
        optimizer_result result;
        error err;
        float *x = calloc(count, sizeof *x);
        assert_non_null(x);
        size_t before = allocations_bytes();
        assert_true(methods[i % 3](&problem, &options, x, &result, &err));
        assert_int_equal(allocations_bytes() - before, planned[i % 3]);
        free(x);
    }
}

static void plans_preconditioners(void **state) {
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        const int former = cpu_set_threads(threads);
        preconditioner one;
        error err;
        const size_t before = allocations_bytes();
        assert_true(preconditioner_init(&one, 3, 70, 333, kernels_best(), &err));
        assert_int_equal(allocations_bytes() - before, preconditioner_memory(3, 70, 333));
        preconditioner_clear(&one);
        cpu_set_threads(former);
    }
}

static void plans_luminance(void **state) {
    (void)state;
    error err;
    luminance one;
    image *content = image_new(333, 70, &err);
    assert_non_null(content);
    const size_t before = allocations_bytes();
    assert_true(luminance_init(&one, content, &err));
    assert_int_equal(allocations_bytes() - before, luminance_memory(333, 70));
    luminance_clear(&one);
    image_free(content);
}

/* ---- pictures ---- */

static void plans_pictures(void **state) {
    (void)state;
    static const int sizes[][4] = {
        {100, 80, 100, 80}, {100, 80, 50, 40}, {90, 70, 333, 201}, {1500, 9, 500, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int *s = sizes[i];
        error err;
        size_t before = allocations_bytes();
        image *from = image_new(s[0], s[1], &err);
        assert_int_equal(allocations_bytes() - before, image_memory(s[0], s[1]));
        before = allocations_bytes();
        image *to = image_resample(from, s[2], s[3], &err);
        const size_t took = allocations_bytes() - before;
        const size_t planned = image_resample_memory(s[0], s[1], s[2], s[3]);
        assert_in_range(planned, took, took + took / 8 + 131072);
        assert_true(image_add_alpha(from, &err));
        before = allocations_bytes();
        assert_true(image_resample_alpha(to, from, &err));
        assert_true(allocations_bytes() - before <= took);
        before = allocations_bytes();
        memory_free(to->alpha);
        assert_true(image_add_alpha(to, &err));
        assert_int_equal(allocations_bytes() - before, image_alpha_memory(s[2], s[3]));
        image_free(from);
        image_free(to);
    }
    /* In several passes, each of which releases what it no longer needs. */
    assert_true(image_resample_memory(20000, 100, 100, 100) > image_memory(312, 100));
    assert_true(image_resample_memory(20000, 100, 100, 100) < 20100 * 100 * 6);
}

static void blocks_are_as_announced(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 64, 65, 100000, (2 << 20) - 1, 2 << 20, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        error err;
        const size_t before = allocations_bytes();
        void *block = memory_alloc(sizes[i], 1, &err);
        assert_int_equal(allocations_bytes() - before, memory_block(sizes[i], 1));
        memory_free(block);
    }
    assert_int_equal(memory_gaps(1000), 0);
    assert_true(memory_gaps(SIZE_MAX / 2) < (size_t)100 << 20);
    assert_in_range(memory_resident(), 1 << 20, memory_peak_resident());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_networks),          cmocka_unit_test(plans_say_what_is_too_small),
        cmocka_unit_test(plans_optimizers),        cmocka_unit_test(plans_preconditioners),
        cmocka_unit_test(plans_luminance),         cmocka_unit_test(plans_pictures),
        cmocka_unit_test(blocks_are_as_announced),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
