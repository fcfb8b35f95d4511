/* SPDX-License-Identifier: MIT
 *
 * Convolutions of whole tensors by Winograd's F(4x4, 3x3), by every kernel set and both schedules,
 * against the reference: odd sizes and channel counts, blocks so small that several blocks, groups
 * and chunks occur, forward with everything that can follow, back with what is added and kept and
 * through pooling, the adjoint identity, parts of a picture, rounding, and any number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_buffers.h"
#include "network/winograd.h"
#include "reference.h"
#include "tensors.h"

typedef struct shape {
    int in, out, height, width;
} shape;

static const shape shapes[] = {{3, 33, 17, 19}, {16, 16, 1, 1}, {20, 12, 2, 31}, {33, 48, 6, 9},
                               {48, 20, 9, 3},  {70, 5, 7, 30}, {64, 64, 3, 21}, {17, 3, 8, 16}};

/* Blocks that are too small for any use, and one that holds everything. `channels` counts where the
 * schedule is shared. */
static const winograd_blocks cuts[] = {
    {.tiles = 1, .together = 1, .channels = 16},  {.tiles = 2, .together = 3, .channels = 32},
    {.tiles = 3, .together = 2, .channels = 16},  {.tiles = 15, .together = 1, .channels = 48},
    {.tiles = 29, .together = 2, .channels = 16}, {.tiles = 200, .together = 1, .channels = 80}};
#define CUTS (int)(sizeof cuts / sizeof *cuts)

/* The ways to go: both schedules, the second with filters kept transformed or not. */
typedef enum way { OWN, SHARED, SHARED_TRANSFORMED, WAYS } way;

/* A filter both ways with what it was made of, one way to cut the work, and its threads. */
typedef struct setup {
    shape shape;
    winograd_blocks blocks;
    int threads;
    winograd_filter forward, plain, adjoint; /* plain: without bias */
    double *weights, *bias;
} setup;

static winograd_blocks blocks_for(const winograd_filter *filter, winograd_blocks blocks) {
    if (blocks.schedule == WINOGRAD_OWN) {
        blocks.together = 1;
        blocks.channels = filter->in_channels;
    }
    return blocks;
}

static void open_setup(setup *self, const kernel_set *k, way w, shape s, winograd_blocks blocks,
                       int threads) {
    error err;
    const bool transformed = w != SHARED;
    *self = (setup){.shape = s, .blocks = blocks, .threads = threads};
    self->blocks.schedule = w == OWN ? WINOGRAD_OWN : WINOGRAD_SHARED;
    self->weights = random_values(s.out * s.in * 9);
    self->bias = random_values(s.out);
    float *weights = to_floats(self->weights, s.out * s.in * 9);
    float *bias = to_floats(self->bias, s.out);
    assert_true(
        winograd_filter_init(&self->forward, k, transformed, s.in, s.out, weights, bias, &err) &&
        winograd_filter_init(&self->plain, k, transformed, s.in, s.out, weights, NULL, &err) &&
        winograd_filter_init_adjoint(&self->adjoint, k, transformed, s.out, s.in, weights, &err));
    free(weights);
    free(bias);
}

static void close_setup(setup *self) {
    winograd_filter_clear(&self->forward);
    winograd_filter_clear(&self->plain);
    winograd_filter_clear(&self->adjoint);
    free(self->weights);
    free(self->bias);
}

/* Working memory of exactly the size asked for, full of rubbish: what is read was written. */
static void run(const setup *self, const winograd_filter *filter, winograd_io io) {
    const winograd_blocks blocks = blocks_for(filter, self->blocks);
    const size_t count = winograd_scratch_floats(filter, &blocks, self->threads);
    float *scratch = buffer_spoiled(count);
    io.height = io.height ? io.height : self->shape.height;
    io.width = self->shape.width;
#pragma omp parallel num_threads(self->threads)
    winograd_run(filter, &blocks, &io, scratch);
    buffer_free(scratch, count);
}

typedef void setup_check(const setup *self);

static void for_each_setup(const kernel_set *k, setup_check *check) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int cut = 0; cut < WAYS * CUTS; cut++) {
            setup self;
            open_setup(&self, k, (way)(cut % WAYS), shapes[i], cuts[cut / WAYS],
                       1 + cut / WAYS % 2);
            check(&self);
            close_setup(&self);
        }
    }
}

static double tolerance(const setup *self) {
    const shape s = self->shape;
    return 3e-6 * sqrt(9 * (s.in > s.out ? s.in : s.out));
}

/* ---- forward ---- */

/* With bias, and ReLU and sign bits or neither. */
static void check_plain_output(const setup *self, const tensor *in, const double *expected,
                               bool relu) {
    const shape s = self->shape;
    const int count = s.out * s.height * s.width;
    tensor out = tensor_of(NULL, s.out, s.height, s.width);
    bitmap sign = bitmap_new(s.out, 1, s.height, s.width, false);
    double *clipped = random_values(count);
    for (int i = 0; i < count; i++)
        clipped[i] = relu ? fmax(0, expected[i]) : expected[i];
    run(self, &self->forward,
        (winograd_io){.in = in, .out = &out, .relu = relu, .sign = relu ? &sign : NULL});
    expect_tensor(&out, clipped, tolerance(self));
    double *values = tensor_planar(&out);
    for (int i = 0; i < count; i++)
        assert_int_equal(
            bitmap_bit(&sign, i / (s.height * s.width), i / s.width % s.height, i % s.width, 0),
            relu && values[i] > 0);
    free(clipped);
    free(values);
    tensor_free(&out);
    bitmap_free(&sign, s.out);
}

/* A choice that fits values within a rounding of the engine's. */
static void expect_choice(const bitmap *choice, const double *v, shape s, bool average,
                          double near) {
    for (int i = 0; i < s.out * choice->height * choice->width; i++) {
        const int c = i / (choice->height * choice->width);
        const int y = i / choice->width % choice->height, x = i % choice->width;
        const double *window = v + (c * s.height + 2 * y) * s.width + 2 * x;
        double most = 0;
        int chosen = 0;
        for (int w = 0; w < 4; w++)
            most = fmax(most, window[w / 2 * s.width + w % 2]);
        for (int w = 0; w < 4; w++) {
            const double value = window[w / 2 * s.width + w % 2];
            const int bit = bitmap_bit(choice, c, y, x, w);
            chosen += bit;
            assert_true(!bit || value > -near);
            assert_true(average ? bit || value < near : !bit || value > most - 2 * near);
        }
        assert_true(average || chosen == 1 || (chosen == 0 && most < near));
    }
}

static void check_pooled_output(const setup *self, const tensor *in, const double *expected,
                                bool average) {
    const shape s = self->shape;
    const int h = s.height / 2, w = s.width / 2, area = s.height * s.width;
    tensor out = tensor_of(NULL, s.out, h, w);
    bitmap choice = bitmap_new(s.out, 4, h, w, false);
    double *activation = random_values(s.out * area), *pooled = random_values(s.out * h * w);
    reference_relu(expected, s.out * area, activation);
    reference_pool(activation, s.out, s.height, s.width,
                   average ? REFERENCE_AVERAGE : REFERENCE_MAX, pooled);
    run(self, &self->forward,
        (winograd_io){.in = in, .out = &out, .pooled = &choice, .average = average});
    expect_tensor(&out, pooled, tolerance(self));
    expect_choice(&choice, expected, s, average, tolerance(self));
    free(activation);
    free(pooled);
    tensor_free(&out);
    bitmap_free(&choice, s.out);
}

static void check_forward(const setup *self) {
    const shape s = self->shape;
    const int area = s.height * s.width;
    double *x = random_values(s.in * area), *expected = random_values(s.out * area);
    tensor in = tensor_of(x, s.in, s.height, s.width);
    reference_conv3x3(x, s.in, s.height, s.width, self->weights, self->bias, s.out, expected);
    for (int i = 0; i < 2; i++) {
        check_plain_output(self, &in, expected, i);
        check_pooled_output(self, &in, expected, i);
    }
    free(x);
    free(expected);
    tensor_free(&in);
}

static void check_forwards(const kernel_set *k) {
    for_each_setup(k, check_forward);
}

static void test_forward(void **state) {
    (void)state;
    for_each_set(check_forwards);
}

/* ---- back ---- */

/* The adjoint in place of what it adds to, and what is kept of it. */
static void check_adjoint_output(const setup *self, const tensor *in, const double *expected,
                                 bool add, bool keep) {
    const shape s = self->shape;
    const int count = s.in * s.height * s.width;
    double *before = random_values(count), *sum = random_values(count);
    tensor out = tensor_of(before, s.in, s.height, s.width);
    bitmap kept = bitmap_new(s.in, 1, s.height, s.width, true);
    run(self, &self->adjoint,
        (winograd_io){.in = in, .out = &out, .add = add, .keep = keep ? &kept : NULL});
    for (int i = 0; i < count; i++) {
        sum[i] = expected[i] + (add ? before[i] : 0);
        if (keep &&
            !bitmap_bit(&kept, i / (s.height * s.width), i / s.width % s.height, i % s.width, 0))
            sum[i] = 0;
    }
    expect_tensor(&out, sum, tolerance(self));
    free(before);
    free(sum);
    tensor_free(&out);
    bitmap_free(&kept, s.in);
}

/* The gradient of pooled values goes where any choice says. */
static void check_unpooled(const setup *self) {
    const shape s = self->shape;
    const int h = s.height / 2, w = s.width / 2, area = s.height * s.width;
    double *g = random_values(s.out * h * w), *expected = random_values(s.in * area);
    double *spread = calloc((size_t)(s.out * area), sizeof *spread);
    tensor in = tensor_of(g, s.out, h, w), out = tensor_of(NULL, s.in, s.height, s.width);
    bitmap choice = bitmap_new(s.out, 4, h, w, true);
    assert_non_null(spread);
    for (int i = 0; i < 4 * s.out * h * w; i++) {
        const int c = i / (4 * h * w), y = i / (4 * w) % h, x = i / 4 % w, p = i % 4;
        if (bitmap_bit(&choice, c, y, x, p))
            spread[(c * s.height + 2 * y + p / 2) * s.width + 2 * x + p % 2] = g[i / 4] / 4;
    }
    reference_conv3x3_backward(spread, s.out, s.height, s.width, self->weights, s.in, expected);
    run(self, &self->adjoint,
        (winograd_io){.in = &in, .choice = &choice, .share = 0.25f, .out = &out});
    expect_tensor(&out, expected, tolerance(self));
    free(g);
    free(expected);
    free(spread);
    tensor_free(&in);
    tensor_free(&out);
    bitmap_free(&choice, s.out);
}

static void check_back(const setup *self) {
    const shape s = self->shape;
    const int area = s.height * s.width;
    double *y = random_values(s.out * area), *expected = random_values(s.in * area);
    tensor in = tensor_of(y, s.out, s.height, s.width);
    reference_conv3x3_backward(y, s.out, s.height, s.width, self->weights, s.in, expected);
    for (int i = 0; i < 4; i++)
        check_adjoint_output(self, &in, expected, i & 1, i & 2);
    check_unpooled(self);
    free(y);
    free(expected);
    tensor_free(&in);
}

static void check_backs(const kernel_set *k) {
    for_each_setup(k, check_back);
}

static void test_back(void **state) {
    (void)state;
    for_each_set(check_backs);
}

/* <conv x, y> = <x, conv^T y>, both sides by the engine. */
static void check_identity(const setup *self) {
    const shape s = self->shape;
    const int area = s.height * s.width;
    double *x = random_values(s.in * area), *y = random_values(s.out * area);
    tensor tx = tensor_of(x, s.in, s.height, s.width), ty = tensor_of(y, s.out, s.height, s.width);
    tensor out = tensor_of(NULL, s.out, s.height, s.width);
    tensor back = tensor_of(NULL, s.in, s.height, s.width);
    run(self, &self->plain, (winograd_io){.in = &tx, .out = &out});
    run(self, &self->adjoint, (winograd_io){.in = &ty, .out = &back});
    double *conv_x = tensor_planar(&out), *conv_t_y = tensor_planar(&back);
    const double scale = sqrt(dot(conv_x, conv_x, s.out * area) * dot(y, y, s.out * area));
    assert_true(fabs(dot(conv_x, y, s.out * area) - dot(x, conv_t_y, s.in * area)) < 1e-6 * scale);
    tensor *const tensors[] = {&tx, &ty, &out, &back};
    for (int i = 0; i < 4; i++)
        tensor_free(tensors[i]);
    free(x);
    free(y);
    free(conv_x);
    free(conv_t_y);
}

static void check_identities(const kernel_set *k) {
    for_each_setup(k, check_identity);
}

static void test_adjoint_identity(void **state) {
    (void)state;
    for_each_set(check_identities);
}

/* ---- parts of a picture ---- */

/* Rows 4 .. of a picture by themselves: their neighbours are real rows, above and below, whether
 * the input ends there (`cut`) or goes on. */
static void check_part(const kernel_set *k, way w, int height, bool cut) {
    const shape s = {20, 40, 15, 18};
    const int area = s.height * s.width;
    double *x = random_values(s.in * area), *expected = random_values(s.out * area);
    setup self;
    open_setup(&self, k, w, s, cuts[1], 2);
    tensor in = tensor_of(x, s.in, s.height, s.width);
    tensor out = tensor_of(NULL, s.out, s.height, s.width);
    const tensor from = tensor_rows(&in, 4, cut ? height : s.height - 4),
                 to = tensor_rows(&out, 4, height);
    run(&self, &self.forward, (winograd_io){.height = height, .in = &from, .out = &to});
    reference_conv3x3(x, s.in, s.height, s.width, self.weights, self.bias, s.out, expected);
    for (int i = 0; i < s.out * area; i++) {
        const int y = i / s.width % s.height;
        expected[i] = y >= 4 && y < 4 + height ? expected[i] : 0;
    }
    expect_tensor(&out, expected, tolerance(&self));
    free(x);
    free(expected);
    tensor_free(&in);
    tensor_free(&out);
    close_setup(&self);
}

static void check_parts(const kernel_set *k) {
    for (int height = 1; height <= 11; height++) {
        for (int w = 0; w < WAYS; w++) {
            check_part(k, (way)w, height, false);
            check_part(k, (way)w, height, true);
        }
    }
}

static void test_parts(void **state) {
    (void)state;
    for_each_set(check_parts);
}

/* ---- rounding ---- */

/* Relative error of the norm, of values around zero and of values as after a ReLU. The most
 * channels are always shared in practice, and so summed in chunks. */
static void check_rounding(const kernel_set *k) {
    for (int channels = 64; channels <= 512; channels *= 2) {
        const shape s = {channels, 16, 7, 10};
        const int area = s.height * s.width;
        for (int variant = 0; variant < 4; variant++) {
            const bool shared = variant & 1 || channels == 512;
            setup self;
            open_setup(&self, k, shared ? SHARED : OWN, s,
                       (winograd_blocks){.tiles = 14, .together = 1, .channels = 64}, 1);
            double *x = random_values(s.in * area), *expected = random_values(s.out * area);
            for (int i = 0; variant & 2 && i < s.in * area; i++)
                x[i] = fmax(0, x[i]);
            tensor in = tensor_of(x, s.in, s.height, s.width);
            tensor out = tensor_of(NULL, s.out, s.height, s.width);
            run(&self, &self.plain, (winograd_io){.in = &in, .out = &out});
            reference_conv3x3(x, s.in, s.height, s.width, self.weights, NULL, s.out, expected);
            double *values = tensor_planar(&out);
            const double off = relative_error(values, expected, s.out * area);
            if (!(off < 2e-6))
                fail_msg("%s, %d channels, variant %d: %g", k->name, channels, variant, off);
            free(x);
            free(expected);
            free(values);
            tensor_free(&in);
            tensor_free(&out);
            close_setup(&self);
        }
    }
}

static void test_rounding(void **state) {
    (void)state;
    for_each_set(check_rounding);
}

/* ---- threads ---- */

/* The same bits for any number of threads, forward and back. */
static void check_thread_counts(const kernel_set *k, way w, winograd_blocks blocks) {
    static const int threads[] = {1, 2, 3, 16};
    const shape s = {40, 33, 29, 30};
    double *x = random_values(s.in * s.height * s.width);
    tensor in = tensor_of(x, s.in, s.height, s.width), outs[4], backs[4];
    setup self;
    open_setup(&self, k, w, s, blocks, 1);
    for (int i = 0; i < 4; i++) {
        self.threads = threads[i];
        outs[i] = tensor_of(NULL, s.out, s.height, s.width);
        backs[i] = tensor_of(NULL, s.in, s.height, s.width);
        run(&self, &self.forward, (winograd_io){.in = &in, .out = &outs[i], .relu = true});
        run(&self, &self.adjoint, (winograd_io){.in = &outs[0], .out = &backs[i]});
        assert_memory_equal(tensor_row(&outs[i], 0, 0), tensor_row(&outs[0], 0, 0),
                            (size_t)(outs[0].row_stride * s.height) * sizeof(float));
        assert_memory_equal(tensor_row(&backs[i], 0, 0), tensor_row(&backs[0], 0, 0),
                            (size_t)(backs[0].row_stride * s.height) * sizeof(float));
    }
    for (int i = 0; i < 4; i++) {
        tensor_free(&outs[i]);
        tensor_free(&backs[i]);
    }
    tensor_free(&in);
    free(x);
    close_setup(&self);
}

static void check_threads(const kernel_set *k) {
    static const winograd_blocks few = {.tiles = 14, .together = 3, .channels = 32};
    static const winograd_blocks many = {.tiles = 56, .together = 1, .channels = 32};
    for (int w = 0; w < WAYS; w++) {
        check_thread_counts(k, (way)w, few);
        check_thread_counts(k, (way)w, many);
    }
}

static void test_any_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),          cmocka_unit_test(test_back),
        cmocka_unit_test(test_adjoint_identity), cmocka_unit_test(test_parts),
        cmocka_unit_test(test_rounding),         cmocka_unit_test(test_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
