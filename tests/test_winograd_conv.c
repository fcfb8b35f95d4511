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

#include "convolutions.h"
#include "kernel_buffers.h"
#include "reference.h"

static const shape shapes[] = {{3, 33, 17, 19}, {16, 16, 1, 1}, {20, 12, 2, 31}, {33, 48, 6, 9},
                               {48, 20, 9, 3},  {70, 5, 7, 30}, {64, 64, 3, 21}, {17, 3, 8, 16},
                               {1, 17, 5, 6},   {33, 1, 4, 7}};

/* Blocks that are too small for any use, and one that holds everything. `channels` counts where the
 * schedule is shared. */
static const winograd_blocks cuts[] = {
    {.tiles = 1, .together = 1, .channels = 16},  {.tiles = 2, .together = 3, .channels = 32},
    {.tiles = 3, .together = 2, .channels = 16},  {.tiles = 15, .together = 1, .channels = 48},
    {.tiles = 29, .together = 2, .channels = 16}, {.tiles = 200, .together = 1, .channels = 80}};
#define CUTS (int)(sizeof cuts / sizeof *cuts)

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

/* ---- forward ---- */

/* With bias, and ReLU and sign bits or neither. */
static void check_plain_output(const setup *self, const tensor *in, const double *expected,
                               const bound *bounds, bool relu) {
    const shape s = self->shape;
    const int count = s.out * s.height * s.width;
    tensor out = tensor_of(self->bytes, NULL, s.out, s.height, s.width);
    bitmap sign = bitmap_new(s.out, 1, s.height, s.width, false);
    double *clipped = random_values(count);
    for (int i = 0; i < count; i++)
        clipped[i] = relu ? fmax(0, expected[i]) : expected[i];
    setup_run(self, &self->forward,
              (winograd_io){.in = in, .out = &out, .relu = relu, .sign = relu ? &sign : NULL});
    expect_bounded(self, &out, clipped, bounds);
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
static void expect_choice(const bitmap *choice, const double *v, const bound *bounds, shape s,
                          bool average) {
    for (int i = 0; i < s.out * choice->height * choice->width; i++) {
        const int c = i / (choice->height * choice->width);
        const int y = i / choice->width % choice->height, x = i % choice->width;
        const int first = (c * s.height + 2 * y) * s.width + 2 * x;
        double most = 0, near = 0;
        int chosen = 0;
        for (int w = 0; w < 4; w++) {
            most = fmax(most, v[first + w / 2 * s.width + w % 2]);
            near = fmax(near, bounds[first + w / 2 * s.width + w % 2].most);
        }
        for (int w = 0; w < 4; w++) {
            const double value = v[first + w / 2 * s.width + w % 2];
            const int bit = bitmap_bit(choice, c, y, x, w);
            chosen += bit;
            assert_true(!bit || value > -near);
            assert_true(average ? bit || value < near : !bit || value > most - 2 * near);
        }
        assert_true(average || chosen == 1 || (chosen == 0 && most < near));
    }
}

static void check_pooled_output(const setup *self, const tensor *in, const double *expected,
                                const bound *bounds, bool average) {
    const shape s = self->shape;
    const int h = s.height / 2, w = s.width / 2, area = s.height * s.width;
    tensor out = tensor_of(self->bytes, NULL, s.out, h, w);
    bitmap choice = bitmap_new(s.out, 4, h, w, false);
    double *activation = random_values(s.out * area), *pooled = random_values(s.out * h * w);
    reference_relu(expected, s.out * area, activation);
    reference_pool(activation, s.out, s.height, s.width,
                   average ? REFERENCE_AVERAGE : REFERENCE_MAX, pooled);
    setup_run(self, &self->forward,
              (winograd_io){.in = in, .out = &out, .pooled = &choice, .average = average});
    bound *of_pooled = calloc((size_t)(s.out * h * w) + 1, sizeof *of_pooled);
    assert_non_null(of_pooled);
    bound_pooled(bounds, pooled, s.out, s.height, s.width, of_pooled);
    expect_bounded(self, &out, pooled, of_pooled);
    expect_choice(&choice, expected, bounds, s, average);
    free(of_pooled);
    free(activation);
    free(pooled);
    tensor_free(&out);
    bitmap_free(&choice, s.out);
}

static void check_forward(const setup *self) {
    const shape s = self->shape;
    const int area = s.height * s.width;
    double *x = random_kept(self->bytes, s.in * area), *expected = random_values(s.out * area);
    tensor in = tensor_of(self->bytes, x, s.in, s.height, s.width);
    reference_conv3x3(x, s.in, s.height, s.width, self->weights, self->bias, s.out, expected);
    bound *bounds = bounds_new(self, x, false, true);
    for (int i = 0; i < 2; i++) {
        check_plain_output(self, &in, expected, bounds, i);
        check_pooled_output(self, &in, expected, bounds, i);
    }
    free(bounds);
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
                                 const bound *bounds, bool add, bool keep) {
    const shape s = self->shape;
    const int count = s.in * s.height * s.width;
    double *before = random_kept(self->bytes, count), *sum = random_values(count);
    bound *of_sum = calloc((size_t)count, sizeof *of_sum);
    assert_non_null(of_sum);
    tensor out = tensor_of(self->bytes, before, s.in, s.height, s.width);
    bitmap kept = bitmap_new(s.in, 1, s.height, s.width, true);
    setup_run(self, &self->adjoint,
              (winograd_io){.in = in, .out = &out, .add = add, .keep = keep ? &kept : NULL});
    for (int i = 0; i < count; i++) {
        sum[i] = expected[i] + (add ? before[i] : 0);
        of_sum[i].most = bounds[i].most + bound_sum(1, fabs(expected[i]) + fabs(before[i]));
        if (keep &&
            !bitmap_bit(&kept, i / (s.height * s.width), i / s.width % s.height, i % s.width, 0))
            sum[i] = 0;
    }
    expect_bounded(self, &out, sum, of_sum);
    free(of_sum);
    free(before);
    free(sum);
    tensor_free(&out);
    bitmap_free(&kept, s.in);
}

/* The gradient of pooled values goes where any choice says. */
static void check_unpooled(const setup *self) {
    const shape s = self->shape;
    const int h = s.height / 2, w = s.width / 2, area = s.height * s.width;
    double *g = random_kept(self->bytes, s.out * h * w), *expected = random_values(s.in * area);
    double *spread = calloc((size_t)(s.out * area), sizeof *spread);
    tensor in = tensor_of(self->bytes, g, s.out, h, w),
           out = tensor_of(self->bytes, NULL, s.in, s.height, s.width);
    bitmap choice = bitmap_new(s.out, 4, h, w, true);
    assert_non_null(spread);
    for (int i = 0; i < 4 * s.out * h * w; i++) {
        const int c = i / (4 * h * w), y = i / (4 * w) % h, x = i / 4 % w, p = i % 4;
        if (bitmap_bit(&choice, c, y, x, p))
            spread[(c * s.height + 2 * y + p / 2) * s.width + 2 * x + p % 2] = g[i / 4] / 4;
    }
    reference_conv3x3_backward(spread, s.out, s.height, s.width, self->weights, s.in, expected);
    setup_run(self, &self->adjoint,
              (winograd_io){.in = &in, .choice = &choice, .share = 0.25f, .out = &out});
    bound *bounds = bounds_new(self, spread, true, false);
    expect_bounded(self, &out, expected, bounds);
    free(bounds);
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
    double *y = random_kept(self->bytes, s.out * area), *expected = random_values(s.in * area);
    tensor in = tensor_of(self->bytes, y, s.out, s.height, s.width);
    reference_conv3x3_backward(y, s.out, s.height, s.width, self->weights, s.in, expected);
    bound *bounds = bounds_new(self, y, true, false);
    for (int i = 0; i < 4; i++)
        check_adjoint_output(self, &in, expected, bounds, i & 1, i & 2);
    free(bounds);
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

/* The most that <values, by> is off, of values that are stored. */
static double product_off(const setup *self, const bound *bounds, const double *v, const double *by,
                          int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += bound_of_stored(self, bounds[i], fabs(v[i]) + bounds[i].most).most * fabs(by[i]);
    return sum;
}

/* <conv x, y> = <x, conv^T y>, both sides by the engine. */
static void check_identity(const setup *self) {
    const shape s = self->shape;
    const int area = s.height * s.width;
    double *x = random_kept(self->bytes, s.in * area);
    double *y = random_kept(self->bytes, s.out * area);
    tensor tx = tensor_of(self->bytes, x, s.in, s.height, s.width),
           ty = tensor_of(self->bytes, y, s.out, s.height, s.width);
    tensor out = tensor_of(self->bytes, NULL, s.out, s.height, s.width);
    tensor back = tensor_of(self->bytes, NULL, s.in, s.height, s.width);
    setup_run(self, &self->plain, (winograd_io){.in = &tx, .out = &out});
    setup_run(self, &self->adjoint, (winograd_io){.in = &ty, .out = &back});
    double *conv_x = tensor_planar(&out), *conv_t_y = tensor_planar(&back);
    double near = 1e-6 * sqrt(dot(conv_x, conv_x, s.out * area) * dot(y, y, s.out * area));
    if (self->kernels->precision == PRECISION_BF16) {
        bound *there = bounds_new(self, x, false, false), *again = bounds_new(self, y, true, false);
        near = product_off(self, there, conv_x, y, s.out * area) +
               product_off(self, again, conv_t_y, x, s.in * area);
        free(there);
        free(again);
    }
    expect_near("adjoint", self->kernels, dot(conv_x, y, s.out * area),
                dot(x, conv_t_y, s.in * area), near);
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
    double *expected = random_values(s.out * area);
    setup self;
    open_setup(&self, k, w, s, cuts[1], 2);
    double *x = random_kept(self.bytes, s.in * area);
    tensor in = tensor_of(self.bytes, x, s.in, s.height, s.width);
    tensor out = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
    const tensor from = tensor_rows(&in, 4, cut ? height : s.height - 4),
                 to = tensor_rows(&out, 4, height);
    setup_run(&self, &self.forward, (winograd_io){.height = height, .in = &from, .out = &to});
    reference_conv3x3(x, s.in, s.height, s.width, self.weights, self.bias, s.out, expected);
    for (int i = 0; i < s.out * area; i++) {
        const int y = i / s.width % s.height;
        expected[i] = y >= 4 && y < 4 + height ? expected[i] : 0;
    }
    for (int i = 0; cut && i < s.in * area; i++)
        x[i] = i / s.width % s.height <= 4 + height ? x[i] : 0; /* nobody sees more */
    bound *bounds = bounds_new(&self, x, false, true);
    expect_bounded(&self, &out, expected, bounds);
    free(bounds);
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

/* Errors all together: in fp32 small against the norm, in bf16 as large as roundings to nearest
 * make them. Bits that are cut off would make them larger, and all of one sign. */
static void expect_rounding(const setup *self, const double *x, const double *found,
                            const double *expected, int count) {
    if (self->kernels->precision == PRECISION_FP32) {
        assert_true(relative_error(found, expected, count) < 2e-6);
        return;
    }
    bound *bounds = bounds_new(self, x, false, false);
    for (int i = 0; i < count; i++)
        bounds[i] = bound_of_stored(self, bounds[i], expected[i]);
    expect_near("rounding", self->kernels, bound_rms(bounds, found, expected, count), 1, 0.1);
    expect_near("bits cut off", self->kernels, bound_shrink(found, expected, count), 0, 0.001);
    free(bounds);
}

/* Of values around zero and of values as after a ReLU. The most channels are always shared in
 * practice, and so summed in chunks. */
static void check_rounding(const kernel_set *k) {
    for (int channels = 64; channels <= 512; channels *= 2) {
        const shape s = {channels, 16, 7, 10};
        const int area = s.height * s.width;
        for (int variant = 0; variant < 4; variant++) {
            const bool shared = variant & 1 || channels == 512;
            setup self;
            open_setup(&self, k, shared ? SHARED : OWN, s,
                       (winograd_blocks){.tiles = 14, .together = 1, .channels = 64}, 1);
            double *x = random_kept(self.bytes, s.in * area),
                   *expected = random_values(s.out * area);
            for (int i = 0; variant & 2 && i < s.in * area; i++)
                x[i] = fmax(0, x[i]);
            tensor in = tensor_of(self.bytes, x, s.in, s.height, s.width);
            tensor out = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
            setup_run(&self, &self.plain, (winograd_io){.in = &in, .out = &out});
            reference_conv3x3(x, s.in, s.height, s.width, self.weights, NULL, s.out, expected);
            double *values = tensor_planar(&out);
            expect_rounding(&self, x, values, expected, s.out * area);
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
    setup self;
    open_setup(&self, k, w, s, blocks, 1);
    double *x = random_kept(self.bytes, s.in * s.height * s.width);
    tensor in = tensor_of(self.bytes, x, s.in, s.height, s.width), outs[4], backs[4];
    for (int i = 0; i < 4; i++) {
        self.threads = threads[i];
        outs[i] = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
        backs[i] = tensor_of(self.bytes, NULL, s.in, s.height, s.width);
        setup_run(&self, &self.forward, (winograd_io){.in = &in, .out = &outs[i], .relu = true});
        setup_run(&self, &self.adjoint, (winograd_io){.in = &outs[0], .out = &backs[i]});
        expect_same_rows(&outs[i], &outs[0]);
        expect_same_rows(&backs[i], &backs[0]);
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
