/* SPDX-License-Identifier: MIT
 *
 * The first convolution and its adjoint, by every kernel set, against the reference: normalisation
 * and the order of the planes, odd sizes and channel counts, all rows at once and in strips, ReLU
 * and sign bits, the adjoint identity, and the same bits for any number of threads.
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
#include "network/first_conv.h"
#include "reference.h"
#include "tensors.h"

typedef struct shape {
    int out, height, width;
} shape;

static const shape shapes[] = {{5, 16, 16}, {33, 17, 19}, {16, 1, 1},  {12, 2, 31},
                               {48, 5, 9},  {20, 9, 3},   {64, 3, 61}, {3, 8, 15}};

/* A convolution of random weights that takes the planes in the order 2, 0, 1. */
typedef struct setup {
    first_conv conv;
    double *weights, *bias;
    double *planes; /* the picture, [3][h][w] */
    double *input;  /* what the convolution sees of it */
    float *picture;
    shape shape;
    size_t bytes; /* of an activation */
} setup;

static void open_setup(setup *self, const kernel_set *k, shape s) {
    static const int source[3] = {2, 0, 1};
    static const float scale[3] = {4, -2.5f, 0.5f}, offset[3] = {-1.5f, 0.25f, 3};
    const int area = s.height * s.width;
    error err;
    self->shape = s;
    self->bytes = kernels_activation_bytes(k);
    self->weights = random_values(s.out * 27);
    self->bias = random_values(s.out);
    self->planes = random_values(3 * area);
    self->input = random_values(3 * area);
    self->picture = to_floats(self->planes, 3 * area);
    float *weights = to_floats(self->weights, s.out * 27), *bias = to_floats(self->bias, s.out);
    assert_true(first_conv_init(&self->conv, k, s.out, weights, bias, &err));
    free(weights);
    free(bias);
    for (int c = 0; c < 3; c++) {
        self->conv.source[c] = source[c];
        self->conv.scale[c] = scale[c];
        self->conv.offset[c] = offset[c];
        for (int i = 0; i < area; i++)
            self->input[c * area + i] =
                self->planes[source[c] * area + i] * (double)scale[c] + (double)offset[c];
    }
}

static void close_setup(setup *self) {
    first_conv_clear(&self->conv);
    free(self->weights);
    free(self->bias);
    free(self->planes);
    free(self->input);
    free(self->picture);
}

/* `rows` rows at a time into the rows of `out`, with scratch that holds rubbish. */
static void run(const setup *self, const tensor *out, int rows, bool relu, const bitmap *sign,
                int threads) {
    const size_t count = first_conv_scratch_floats(rows, self->shape.width);
    float *scratch = buffer_spoiled(count);
#pragma omp parallel num_threads(threads)
    for (int y = 0; y < out->height; y += rows) {
        const tensor part = tensor_rows(out, y, out->height - y < rows ? out->height - y : rows);
        const bitmap bits = sign ? bitmap_from_row(sign, y) : (bitmap){0};
        first_conv_run(&self->conv, self->picture, self->shape.height, y, &part, relu,
                       sign ? &bits : NULL, scratch);
    }
    (void)threads;
    buffer_free(scratch, count);
}

static void check_forward(const kernel_set *k, shape s) {
    const int count = s.out * s.height * s.width;
    setup self;
    open_setup(&self, k, s);
    double *expected = random_values(count);
    reference_conv3x3(self.input, 3, s.height, s.width, self.weights, self.bias, s.out, expected);
    for (int variant = 0; variant < 6; variant++) {
        const bool relu = variant & 1, with_sign = variant & 2, strips = variant & 4;
        tensor out = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
        bitmap sign = bitmap_new(s.out, 1, s.height, s.width, false);
        run(&self, &out, strips ? 4 : s.height, relu, with_sign ? &sign : NULL, 2);
        double *values = tensor_planar(&out);
        for (int i = 0; i < count; i++) {
            const int c = i / (s.height * s.width), y = i / s.width % s.height;
            const int bit = bitmap_bit(&sign, c, y, i % s.width, 0);
            assert_int_equal(bit, relu && with_sign && values[i] > 0);
            expect_kept("first_conv", k, self.bytes, values[i],
                        relu ? fmax(0, expected[i]) : expected[i], 2e-5);
        }
        expect_padding(&out);
        free(values);
        tensor_free(&out);
        bitmap_free(&sign, s.out);
    }
    free(expected);
    close_setup(&self);
}

static void check_forwards(const kernel_set *k) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_forward(k, shapes[i]);
}

static void test_forward(void **state) {
    (void)state;
    for_each_set(check_forwards);
}

/* ---- back ---- */

/* The gradient of the picture by the engine, `rows` rows at a time. */
static float *adjoint(const setup *self, const tensor *gradient, int rows, int threads) {
    const shape s = self->shape;
    float *planes = buffer_new((size_t)(3 * s.height * s.width));
#pragma omp parallel num_threads(threads)
    for (int y = 0; y < s.height; y += rows) {
        const tensor part = tensor_rows(gradient, y, s.height - y < rows ? s.height - y : rows);
        first_conv_adjoint(&self->conv, &part, s.height, y, planes);
    }
    (void)threads;
    return planes;
}

static void check_adjoint(const kernel_set *k, shape s) {
    const int area = s.height * s.width;
    setup self;
    open_setup(&self, k, s);
    double *g = random_kept(self.bytes, s.out * area), *expected = random_values(3 * area);
    tensor gradient = tensor_of(self.bytes, g, s.out, s.height, s.width);
    reference_conv3x3_backward(g, s.out, s.height, s.width, self.weights, 3, expected);
    for (int rows = 4; rows <= s.height + 4; rows += s.height) {
        float *planes = adjoint(&self, &gradient, rows, 2);
        for (int i = 0; i < 3 * area; i++) {
            const int c = i / area, at = self.conv.source[c] * area + i % area;
            assert_true(fabs((double)planes[at] - (double)self.conv.scale[c] * expected[i]) <
                        2e-6 * sqrt(9 * s.out) * fabs((double)self.conv.scale[c]));
        }
        buffer_free(planes, (size_t)(3 * area));
    }
    free(g);
    free(expected);
    tensor_free(&gradient);
    close_setup(&self);
}

/* <conv x, y> = <x, conv^T y>, without bias, offset and scale. In bf16 no value of conv x is off by
 * more than 2^-8 of itself, nor is their product with y, then, by more than that of the norms'. */
static void check_identity(const kernel_set *k, shape s) {
    const int area = s.height * s.width;
    setup self;
    open_setup(&self, k, s);
    for (int c = 0; c < 3; c++) {
        self.conv.scale[c] = 1;
        self.conv.offset[c] = 0;
    }
    memset(self.conv.bias, 0, (size_t)s.out * sizeof(float));
    double *y = random_kept(self.bytes, s.out * area);
    tensor ty = tensor_of(self.bytes, y, s.out, s.height, s.width);
    tensor out = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
    run(&self, &out, s.height, false, NULL, 1);
    float *planes = adjoint(&self, &ty, s.height, 1);
    double *conv_x = tensor_planar(&out), *conv_t_y = to_doubles(planes, 3 * area);
    const double scale = sqrt(dot(conv_x, conv_x, s.out * area) * dot(y, y, s.out * area));
    assert_true(fabs(dot(conv_x, y, s.out * area) - dot(self.planes, conv_t_y, 3 * area)) <
                (k->precision == PRECISION_BF16 ? 0x1p-8 : 1e-6) * scale);
    free(y);
    free(conv_x);
    free(conv_t_y);
    buffer_free(planes, (size_t)(3 * area));
    tensor_free(&ty);
    tensor_free(&out);
    close_setup(&self);
}

static void check_adjoints(const kernel_set *k) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        check_adjoint(k, shapes[i]);
        check_identity(k, shapes[i]);
    }
}

static void test_adjoint(void **state) {
    (void)state;
    for_each_set(check_adjoints);
}

/* ---- threads ---- */

static void check_threads(const kernel_set *k) {
    static const int threads[] = {1, 2, 3, 16};
    const shape s = {20, 23, 37};
    tensor first = {0};
    float *planes = NULL;
    setup self;
    open_setup(&self, k, s);
    for (int i = 0; i < 4; i++) {
        tensor out = tensor_of(self.bytes, NULL, s.out, s.height, s.width);
        run(&self, &out, s.height, true, NULL, threads[i]);
        float *back = adjoint(&self, i ? &first : &out, s.height, threads[i]);
        if (i) {
            expect_same_rows(&out, &first);
            assert_memory_equal(back, planes, (size_t)(3 * s.height * s.width) * sizeof(float));
            tensor_free(&out);
            buffer_free(back, (size_t)(3 * s.height * s.width));
        } else {
            first = out;
            planes = back;
        }
    }
    tensor_free(&first);
    buffer_free(planes, (size_t)(3 * s.height * s.width));
    close_setup(&self);
}

static void test_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_adjoint),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
