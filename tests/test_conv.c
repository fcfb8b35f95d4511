/* SPDX-License-Identifier: MIT
 *
 * Tensors, and convolutions and pooling of whole tensors, by every kernel set, on odd sizes and
 * channel counts that are no multiple of 16: against the reference, the adjoint identity
 * <conv x, y> = <x, conv^T y>, and the same bits for any number of threads.
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
#include "core/memory.h"
#include "engine.h"
#include "network/conv3x3.h"
#include "network/pool.h"

static unsigned seed = 7;

static double next_random(void) {
    seed = seed * 1664525u + 1013904223u;
    return (double)(float)((seed >> 8) / 8388608.0 - 1);
}

/* The work is tiny and this machine may be busy: threads that wait for one another cost the most.
 */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

/* `count` random values that fp32 holds exactly. */
static double *random_values(int count) {
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < count; i++)
        values[i] = next_random();
    return values;
}

static tensor tensor_of(const double *values, int channels, int height, int width) {
    tensor self;
    error err;
    assert_true(tensor_init(&self, channels, height, width, &err));
    for (int i = 0; values && i < channels * height * width; i++) {
        const int c = i / (height * width), y = i / width % height, x = i % width;
        tensor_row(&self, y, c / CHANNEL_BLOCK)[x * CHANNEL_BLOCK + c % CHANNEL_BLOCK] =
            (float)values[i];
    }
    return self;
}

/* The ring and the lanes past the last channel are zero. */
static void expect_padding(const tensor *t) {
    for (int y = -1; y <= t->height; y++) {
        for (int b = 0; b < t->blocks; b++) {
            const float *row = tensor_row(t, y, b);
            for (int i = -CHANNEL_BLOCK; i < (t->width + 1) * CHANNEL_BLOCK; i++) {
                const int lane = (i + CHANNEL_BLOCK) % CHANNEL_BLOCK;
                const bool inside = y >= 0 && y < t->height && i >= 0 &&
                                    i < t->width * CHANNEL_BLOCK &&
                                    b * CHANNEL_BLOCK + lane < t->channels;
                assert_true(inside || row[i] == 0);
            }
        }
    }
}

static void expect_values(const tensor *t, const double *expected, double tolerance) {
    double *values = engine_planar(t);
    for (int i = 0; i < t->channels * t->height * t->width; i++)
        golden_expect_near("value", values[i], expected[i], tolerance);
    free(values);
    expect_padding(t);
}

static double dot(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static float *to_float(const double *values, int count) {
    float *floats = malloc((size_t)count * sizeof *floats);
    assert_non_null(floats);
    for (int i = 0; i < count; i++)
        floats[i] = (float)values[i];
    return floats;
}

typedef struct shape {
    int in, out, height, width;
} shape;

static const shape shapes[] = {
    {3, 5, 16, 16}, {3, 33, 17, 19}, {16, 16, 1, 1},  {20, 12, 2, 31}, {33, 48, 5, 9},
    {48, 20, 9, 3}, {12, 33, 7, 30}, {64, 64, 3, 61}, {5, 20, 6, 27},  {17, 3, 8, 15},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

typedef void shape_check(const kernel_set *kernels, shape s);

static void for_each(shape_check *check) {
    for (int k = 0; kernels_at(k); k++) {
        for (size_t i = 0; kernels_supported(kernels_at(k)) && i < SHAPES; i++)
            check(kernels_at(k), shapes[i]);
    }
}

/* Scratch for either, with the threads of the moment. */
static void scratch_init(winograd_scratch *self, const conv3x3 *a, const conv3x3 *b) {
    const int threads = cpu_set_threads(0);
    const size_t for_a = conv3x3_scratch_floats(a, threads);
    const size_t for_b = conv3x3_scratch_floats(b, threads);
    error err;
    assert_true(winograd_scratch_init(self, for_a > for_b ? for_a : for_b, threads, &err));
}

/* Forward with bias and ReLU, the adjoint with add and mask, and the adjoint identity. */
static void check_conv(const kernel_set *kernels, shape s, conv3x3_method method) {
    const int area = s.height * s.width, weight_count = s.out * s.in * 9;
    double *weights = random_values(weight_count), *bias = random_values(s.out);
    double *x = random_values(s.in * area), *y = random_values(s.out * area);
    double *forward = random_values(s.out * area), *back = random_values(s.in * area);
    float *packed = to_float(weights, weight_count), *float_bias = to_float(bias, s.out);
    const double tolerance = 1e-6 * 9 * (s.in > s.out ? s.in : s.out);
    conv3x3 filter, plain, adjoint;
    winograd_scratch scratch;
    error err;
    assert_true(conv3x3_init(&filter, method, kernels, s.in, s.out, packed, float_bias, &err) &&
                conv3x3_init(&plain, method, kernels, s.in, s.out, packed, NULL, &err) &&
                conv3x3_init_adjoint(&adjoint, method, kernels, s.out, s.in, packed, &err));
    scratch_init(&scratch, &filter, &adjoint);
    tensor tx = tensor_of(x, s.in, s.height, s.width), ty = tensor_of(y, s.out, s.height, s.width);
    tensor out = tensor_of(NULL, s.out, s.height, s.width);
    tensor masked = tensor_of(x, s.in, s.height, s.width);

    conv3x3_run(&filter, &tx, &out, (conv_epilogue){.relu = true}, &scratch);
    reference_conv3x3(x, s.in, s.height, s.width, weights, bias, s.out, forward);
    reference_relu(forward, s.out * area, forward);
    expect_values(&out, forward, tolerance);

    conv3x3_run(&adjoint, &ty, &masked, (conv_epilogue){.add = &tx, .mask = &masked}, &scratch);
    reference_conv3x3_backward(y, s.out, s.height, s.width, weights, s.in, back);
    for (int i = 0; i < s.in * area; i++)
        back[i] = x[i] > 0 ? back[i] + x[i] : 0;
    expect_values(&masked, back, tolerance);

    /* <conv x, y> = <x, conv^T y>, both sides by the engine: no bias. */
    tensor xt = tensor_of(NULL, s.in, s.height, s.width);
    conv3x3_run(&plain, &tx, &out, (conv_epilogue){0}, &scratch);
    conv3x3_run(&adjoint, &ty, &xt, (conv_epilogue){0}, &scratch);
    double *conv_x = engine_planar(&out), *conv_t_y = engine_planar(&xt);
    const double scale = sqrt(dot(conv_x, conv_x, s.out * area) * dot(y, y, s.out * area));
    golden_expect_near("adjoint", dot(conv_x, y, s.out * area), dot(x, conv_t_y, s.in * area),
                       1e-6 * scale);
    free(conv_x);
    free(conv_t_y);

    tensor *const tensors[] = {&tx, &ty, &out, &masked, &xt};
    for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++)
        tensor_clear(tensors[i]);
    conv3x3_clear(&filter);
    conv3x3_clear(&plain);
    conv3x3_clear(&adjoint);
    winograd_scratch_clear(&scratch);
    free(weights);
    free(bias);
    free(x);
    free(y);
    free(forward);
    free(back);
    free(packed);
    free(float_bias);
}

static void check_direct(const kernel_set *kernels, shape s) {
    check_conv(kernels, s, CONV3X3_DIRECT);
}

static void check_winograd(const kernel_set *kernels, shape s) {
    check_conv(kernels, s, CONV3X3_WINOGRAD);
}

static void test_direct(void **state) {
    (void)state;
    for_each(check_direct);
}

static void test_winograd(void **state) {
    (void)state;
    for_each(check_winograd);
}

/* Relative root mean square error of either method by one kernel set. */
static double rounding(const kernel_set *kernels, shape s, conv3x3_method method,
                       const double *weights, const double *x, const double *expected) {
    const int count = s.out * s.height * s.width;
    float *packed = to_float(weights, s.out * s.in * 9);
    tensor tx = tensor_of(x, s.in, s.height, s.width);
    tensor out = tensor_of(NULL, s.out, s.height, s.width);
    double errors = 0;
    conv3x3 filter;
    winograd_scratch scratch;
    error err;
    assert_true(conv3x3_init(&filter, method, kernels, s.in, s.out, packed, NULL, &err));
    scratch_init(&scratch, &filter, &filter);
    conv3x3_run(&filter, &tx, &out, (conv_epilogue){0}, &scratch);
    double *values = engine_planar(&out);
    for (int i = 0; i < count; i++)
        errors += (values[i] - expected[i]) * (values[i] - expected[i]);
    conv3x3_clear(&filter);
    winograd_scratch_clear(&scratch);
    tensor_clear(&tx);
    tensor_clear(&out);
    free(packed);
    free(values);
    return sqrt(errors / dot(expected, expected, count));
}

/* On random data. The second shape is one of many channels, whose blocks of tiles the threads
 * share. */
static void test_rounding(void **state) {
    (void)state;
    static const shape both[] = {{64, 32, 17, 22}, {260, 40, 45, 41}};
    for (int i = 0; i < 2; i++) {
        const shape s = both[i];
        const int area = s.height * s.width;
        double *weights = random_values(s.out * s.in * 9), *x = random_values(s.in * area);
        double *expected = random_values(s.out * area);
        reference_conv3x3(x, s.in, s.height, s.width, weights, NULL, s.out, expected);
        for (int k = 0; kernels_at(k); k++) {
            for (int method = 0; kernels_supported(kernels_at(k)) && method < 2; method++) {
                const double relative =
                    rounding(kernels_at(k), s, (conv3x3_method)method, weights, x, expected);
                if (!(relative < 2e-6))
                    fail_msg("%s, method %d: error %g", kernels_at(k)->name, method, relative);
            }
        }
        free(weights);
        free(x);
        free(expected);
    }
}

static void check_pointwise(const kernel_set *kernels, shape s) {
    const int area = s.height * s.width;
    double *weights = random_values(s.out * s.in), *x = random_values(s.in * area);
    double *expected = random_values(s.out * area);
    float *packed = to_float(weights, s.out * s.in);
    conv_filter filter;
    error err;
    assert_true(conv_filter_init(&filter, kernels, s.in, s.out, 1, false, &err));
    conv_filter_pack(&filter, packed, NULL);
    tensor tx = tensor_of(x, s.in, s.height, s.width);
    tensor out = tensor_of(expected, s.out, s.height, s.width);
    conv_run(&filter, &tx, &out, (conv_epilogue){.add = &out}); /* accumulates in place */
    for (int i = 0; i < s.out * area; i++) {
        for (int c = 0; c < s.in; c++)
            expected[i] += weights[i / area * s.in + c] * x[c * area + i % area];
    }
    expect_values(&out, expected, 1e-6 * s.in);
    tensor_clear(&tx);
    tensor_clear(&out);
    conv_filter_clear(&filter);
    free(weights);
    free(x);
    free(expected);
    free(packed);
}

static void test_pointwise(void **state) {
    (void)state;
    for_each(check_pointwise);
}

static void check_pool(const kernel_set *kernels, shape s) {
    const int h = s.height, w = s.width, area = h * w, pooled = h / 2 * (w / 2), c = s.in;
    if (!pooled)
        return;
    for (int i = 0; i < 4; i++) {
        const bool average = i & 1, with_add = i & 2;
        const pooling mode = average ? POOLING_AVG : POOLING_MAX;
        const reference_pooling other = average ? REFERENCE_AVERAGE : REFERENCE_MAX;
        double *x = random_values(c * area), *g = random_values(c * pooled);
        double *seeds = random_values(c * area), *expected = random_values(c * area);
        for (int k = 0; k < c * area; k++)
            x[k] = fmax(0, floor(x[k] * 3) / 2); /* after a ReLU, with ties */
        tensor tx = tensor_of(x, c, h, w), out = tensor_of(NULL, c, h / 2, w / 2);
        tensor tg = tensor_of(g, c, h / 2, w / 2), add = tensor_of(seeds, c, h, w);
        pool_forward(kernels, mode, &tx, &out);
        reference_pool(x, c, h, w, other, expected);
        expect_values(&out, expected, 1e-6);

        pool_backward(kernels, mode, &tx, &tg, with_add ? &add : NULL);
        reference_pool_backward(x, g, c, h, w, other, expected);
        for (int k = 0; k < c * area; k++)
            expected[k] = x[k] > 0 ? expected[k] + (with_add ? seeds[k] : 0) : 0;
        expect_values(&tx, expected, 1e-6);
        tensor_clear(&tx);
        tensor_clear(&out);
        tensor_clear(&tg);
        tensor_clear(&add);
        free(x);
        free(g);
        free(seeds);
        free(expected);
    }
}

static void test_pool(void **state) {
    (void)state;
    for_each(check_pool);
}

/* ---- threads ---- */

/* Many rows and more than one panel: every way to share the work gives the same bits; the last run
 * has working memory for one of its three threads. */
static void check_threads(const kernel_set *kernels, shape s, conv3x3_method method) {
    const int area = s.height * s.width, before = cpu_set_threads(0);
    double *weights = random_values(s.out * s.in * 9), *x = random_values(s.in * area);
    float *packed = to_float(weights, s.out * s.in * 9);
    float *bias = to_float(x, s.out);
    tensor tx = tensor_of(x, s.in, s.height, s.width), results[4];
    for (int i = 0; i < 4; i++) {
        conv3x3 filter;
        winograd_scratch scratch;
        error err;
        cpu_set_threads(i < 3 ? i + 1 : 1);
        assert_true(conv3x3_init(&filter, method, kernels, s.in, s.out, packed, bias, &err));
        scratch_init(&scratch, &filter, &filter);
        cpu_set_threads(i < 3 ? i + 1 : 3);
        results[i] = tensor_of(NULL, s.out, s.height, s.width);
        conv3x3_run(&filter, &tx, &results[i], (conv_epilogue){.relu = true}, &scratch);
        conv3x3_clear(&filter);
        winograd_scratch_clear(&scratch);
        for (int y = 0; y < s.height; y++)
            assert_memory_equal(tensor_row(&results[i], y, 0), tensor_row(&results[0], y, 0),
                                (size_t)results[0].row_stride * sizeof(float));
    }
    cpu_set_threads(before);
    for (int i = 0; i < 4; i++)
        tensor_clear(&results[i]);
    tensor_clear(&tx);
    free(weights);
    free(x);
    free(packed);
    free(bias);
}

static void test_any_threads(void **state) {
    (void)state;
    for (int k = 0; kernels_at(k); k++) {
        if (!kernels_supported(kernels_at(k)))
            continue;
        check_threads(kernels_at(k), (shape){20, 48, 41, 13}, CONV3X3_DIRECT);
        check_threads(kernels_at(k), (shape){20, 48, 61, 75}, CONV3X3_WINOGRAD);
        check_threads(kernels_at(k), (shape){200, 80, 45, 43}, CONV3X3_WINOGRAD);
    }
}

/* ---- tensors ---- */

static void test_tensors(void **state) {
    (void)state;
    static const int channels[] = {1, 15, 16, 17, 32, 33};
    for (int i = 0; i < 6; i++) {
        tensor t;
        error err;
        size_t floats;
        assert_true(tensor_init(&t, channels[i], 5, 7, &err));
        assert_true(tensor_floats(channels[i], 5, 7, &floats));
        assert_int_equal(t.blocks, i < 3 ? 1 : i < 5 ? 2 : 3);
        assert_int_equal(floats, 7 * t.blocks * 9 * CHANNEL_BLOCK);
        assert_int_equal((uintptr_t)t.data % MEMORY_ALIGNMENT, 0);
        /* The ring's corners are the first and the last pixel of the memory. */
        assert_ptr_equal(tensor_row(&t, -1, 0) - CHANNEL_BLOCK, t.memory);
        assert_ptr_equal(tensor_row(&t, 5, t.blocks - 1) + 8 * CHANNEL_BLOCK, t.memory + floats);
        for (size_t k = 0; k < floats; k++)
            assert_true(t.memory[k] == 0);

        const tensor view = tensor_view(t.memory, channels[i], 5, 7);
        assert_null(view.memory);
        assert_ptr_equal(view.data, t.data);
        assert_int_equal(view.row_stride, t.row_stride);
        assert_int_equal(view.block_stride, t.block_stride);
        const tensor smaller = tensor_view(t.memory, channels[i], 2, 3);
        assert_ptr_equal(tensor_row(&smaller, 0, 0) - smaller.row_stride - CHANNEL_BLOCK, t.memory);
        tensor_clear(&t);
        assert_null(t.data);
    }
    size_t floats;
    assert_false(tensor_floats(INT32_MAX - 16, INT32_MAX - 2, INT32_MAX - 2, &floats));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direct),   cmocka_unit_test(test_winograd),
        cmocka_unit_test(test_rounding), cmocka_unit_test(test_pointwise),
        cmocka_unit_test(test_pool),     cmocka_unit_test(test_any_threads),
        cmocka_unit_test(test_tensors),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
