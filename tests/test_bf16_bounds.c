/* SPDX-License-Identifier: MIT
 *
 * The bounds of bf16 against convolutions that round in double as the kernels do: what rounds right
 * is inside the bounds and has the expected size, and what rounds wrongly is found out.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bf16_bounds.h"
#include "reference.h"
#include "tensors.h"

/* ---- rounding ---- */

/* By its definition on bits. */
static double round_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u;
    memcpy(&value, &bits, sizeof bits);
    return (double)value;
}

static void test_round(void **state) {
    (void)state;
    for (uint32_t upper = 0; upper < 0x7f80; upper++) { /* all finite ones, and what is between */
        static const uint32_t lower[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
        for (size_t i = 0; i < sizeof lower / sizeof *lower; i++) {
            const uint32_t bits = upper << 16 | lower[i];
            float value;
            memcpy(&value, &bits, sizeof bits);
            assert_true(bf16_round((double)value) == round_bits(value));
            assert_true(bf16_round(-(double)value) == -round_bits(value));
        }
    }
    assert_true(bf16_spacing(1) == 0x1p-7 && bf16_spacing(-1.99) == 0x1p-7);
    assert_true(bf16_spacing(0.999) == 0x1p-8 && bf16_spacing(0) == 0);
    assert_true(isinf(bf16_round(0x1.ffp127)) && isinf(bf16_round(-INFINITY)));
}

/* ---- a convolution that rounds, in double ---- */

typedef double rounding(double value);

static double cut_off(double value) {
    const double unit = bf16_spacing(value);
    return unit > 0 ? trunc(value / unit) * unit : 0;
}

static double bit_short(double value) {
    const double unit = 2 * bf16_spacing(value);
    return unit > 0 ? rint(value / unit) * unit : 0;
}

static double exact(double value) {
    return value;
}

/* B^T, G and A^T are the polynomials of the points: no table is shared with the bounds. */
static const double points[5] = {0, 2 / 3.0, -2 / 3.0, 1.5, -1.5};

/* B^T d: divided by x - p, the polynomial of all points is that of the others. */
static void input_line(const double *d, int step, double t[6]) {
    static const double all[6] = {0, 1, 0, -97 / 36.0, 0, 1}; /* x (x^2 - 4/9) (x^2 - 9/4) */
    t[5] = 0;
    for (int k = 0; k < 6; k++)
        t[5] += all[k] * d[k * step];
    for (int p = 0; p < 5; p++) {
        double quotient = 0;
        t[p] = 0;
        for (int k = 5; k > 0; k--) {
            quotient = all[k] + points[p] * quotient;
            t[p] += quotient * d[(k - 1) * step];
        }
    }
}

/* G g: a value at each point, over the product of its distances from the others. */
static void filter_line(const double *g, int step, double t[6]) {
    t[5] = g[2 * step];
    for (int p = 0; p < 5; p++) {
        double distances = 1;
        for (int q = 0; q < 5; q++)
            distances *= q == p ? 1 : points[p] - points[q];
        t[p] = (g[0] + points[p] * (g[step] + points[p] * g[2 * step])) / distances;
    }
}

static void output_line(const double *m, int step, double y[4]) {
    for (int i = 0; i < 4; i++) {
        y[i] = i == 3 ? m[5 * step] : 0;
        for (int p = 0; p < 5; p++)
            y[i] += pow(points[p], i) * m[p * step];
    }
}

typedef void line(const double *in, int step, double *out);

/* Along columns, then along rows, of a square of `in` sides. */
static void transform(line *f, int in, int out, const double *from, double *to) {
    double columns[6][6], t[6];
    for (int x = 0; x < in; x++) {
        f(from + x, in, t);
        for (int y = 0; y < out; y++)
            columns[y][x] = t[y];
    }
    for (int y = 0; y < out; y++)
        f(columns[y], 1, to + y * out);
}

static void round_all(double *values, rounding *round) {
    for (int p = 0; p < 36; p++)
        values[p] = round(values[p]);
}

/* One tile of channel i, added to m. */
static void add_channel(const bound_conv *c, int o, int i, int top, int left, rounding *u_round,
                        rounding *v_round, double m[36]) {
    double pixels[36], taps[9], v[36], u[36];
    for (int k = 0; k < 9; k++)
        taps[k] = c->weights[c->adjoint ? (i * c->out + o) * 9 + 8 - k : (o * c->in + i) * 9 + k];
    for (int k = 0; k < 36; k++) {
        const int y = top - 1 + k / 6, x = left - 1 + k % 6;
        pixels[k] = y >= 0 && y < c->height && x >= 0 && x < c->width
                        ? c->x[(i * c->height + y) * c->width + x]
                        : 0;
    }
    transform(input_line, 6, 6, pixels, v);
    transform(filter_line, 3, 6, taps, u);
    round_all(u, u_round);
    round_all(v, v_round);
    for (int p = 0; p < 36; p++)
        m[p] += u[p] * v[p];
}

static void convolve(const bound_conv *c, rounding *u_round, rounding *v_round, double *out) {
    for (int n = 0; n < c->out * ((c->height + 3) / 4) * ((c->width + 3) / 4); n++) {
        const int across = (c->width + 3) / 4, down = (c->height + 3) / 4;
        const int o = n / across / down, top = n / across % down * 4, left = n % across * 4;
        double m[36] = {0}, y[16];
        for (int i = 0; i < c->in; i++)
            add_channel(c, o, i, top, left, u_round, v_round, m);
        transform(output_line, 6, 4, m, y);
        for (int k = 0; k < 16; k++) {
            if (top + k / 4 < c->height && left + k % 4 < c->width)
                out[(o * c->height + top + k / 4) * c->width + left + k % 4] = y[k];
        }
    }
}

/* ---- sizes of errors ---- */

typedef struct setup {
    bound_conv conv;
    double *x, *weights, *expected, *values;
    bound *bounds;
    int count;
} setup;

static setup open_setup(int in, int out, int height, int width, bool operands, bool adjoint) {
    const int count = out * height * width;
    setup s = {.x = random_values(in * height * width),
               .weights = random_values(out * in * 9),
               .expected = random_values(count),
               .values = random_values(count),
               .bounds = calloc((size_t)count, sizeof(bound)),
               .count = count};
    assert_non_null(s.bounds);
    for (int i = 0; i < in * height * width; i++)
        s.x[i] = bf16_round(s.x[i]);
    s.conv = (bound_conv){.x = s.x,
                          .weights = s.weights,
                          .in = in,
                          .out = out,
                          .height = height,
                          .width = width,
                          .adjoint = adjoint,
                          .operands = operands};
    if (adjoint)
        reference_conv3x3_backward(s.x, in, height, width, s.weights, out, s.expected);
    else
        reference_conv3x3(s.x, in, height, width, s.weights, NULL, out, s.expected);
    bound_winograd(&s.conv, s.bounds);
    return s;
}

static void close_setup(setup *s) {
    free(s->x);
    free(s->weights);
    free(s->expected);
    free(s->values);
    free(s->bounds);
}

/* Whether a convolution that rounds so passes; `stored` may be exact, for no storage. */
static bool passes(setup *s, rounding *u_round, rounding *v_round, rounding *stored) {
    convolve(&s->conv, u_round, v_round, s->values);
    for (int i = 0; i < s->count; i++) {
        s->values[i] = stored(s->values[i]);
        if (stored != exact)
            s->bounds[i] = bound_stored(s->bounds[i], s->expected[i]);
    }
    const double rms = bound_rms(s->bounds, s->values, s->expected, s->count);
    const double shrink = bound_shrink(s->values, s->expected, s->count);
    return bound_broken(s->bounds, s->values, s->expected, s->count) < 0 && rms > 0.8 &&
           rms < 1.25 && fabs(shrink) < 0.0013;
}

static void test_right_roundings(void **state) {
    (void)state;
    static const int shapes[][4] = {{3, 33, 17, 19}, {20, 12, 18, 31}, {64, 32, 13, 10}};
    for (int n = 0; n < 12; n++) {
        const int *shape = shapes[n / 4];
        setup s = open_setup(shape[0], shape[1], shape[2], shape[3], true, n & 2);
        assert_true(passes(&s, bf16_round, bf16_round, n & 1 ? bf16_round : exact));
        close_setup(&s);
    }
}

static void test_wrong_roundings(void **state) {
    (void)state;
    static const struct {
        rounding *u, *v, *stored;
        bool operands, right;
    } cases[] = {
        {bf16_round, bf16_round, exact, true, true},
        {cut_off, cut_off, exact, true, false},
        {bf16_round, cut_off, exact, true, false},
        {cut_off, bf16_round, exact, true, false},
        {bf16_round, bit_short, exact, true, false},
        {bit_short, bf16_round, exact, true, false},
        {exact, bf16_round, exact, true, false}, /* a rounding left out */
        {exact, exact, bf16_round, false, true},
        {exact, exact, cut_off, false, false},
        {exact, exact, bit_short, false, false},
        {exact, bf16_round, bf16_round, false, false}, /* and one too many */
        {bf16_round, bf16_round, cut_off, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setup s = open_setup(32, 32, 14, 18, cases[i].operands, false);
        if (passes(&s, cases[i].u, cases[i].v, cases[i].stored) != cases[i].right)
            fail_msg("case %zu", i);
        close_setup(&s);
    }
}

/* ---- the worst case ---- */

/* The signs of one filter's points, as they come. */
static bool negative[36];
static int points_seen;

static double learn_sign(double value) {
    negative[points_seen++ % 36] = value < 0;
    return value;
}

/* Both factors as far off as rounding can be, so that all of it adds up in the first pixel: there
 * every product but those of the last points counts once. */
static double push(double value) {
    const double off = (1 + 0x1p-8) * (1 + 0x1p-8) - 1;
    const bool product_negative = negative[points_seen++ % 36] != (value < 0);
    return value * (1 + (product_negative ? -off : off));
}

static void test_worst_case(void **state) {
    (void)state;
    for (int adjoint = 0; adjoint < 2; adjoint++) {
        setup s = open_setup(1, 1, 4, 4, true, adjoint);
        points_seen = 0;
        convolve(&s.conv, learn_sign, push, s.values);
        assert_int_equal(points_seen, 72);
        const double off = fabs(s.values[0] - s.expected[0]);
        assert_true(off <= s.bounds[0].most && off > 0.999 * s.bounds[0].most);
        close_setup(&s);
    }
}

/* ---- what comes after ---- */

static void test_added(void **state) {
    (void)state;
    static const double bias[] = {0x1p20, 0};
    setup s = open_setup(2, 2, 5, 6, false, false);
    bound with[60];
    bound_conv conv = s.conv;
    conv.bias = bias;
    bound_winograd(&conv, with);
    for (int i = 0; i < 60; i++) { /* as far as a rounding to 2^20 goes, and not far beyond */
        const double more = with[i].most - s.bounds[i].most;
        assert_true(i < 30 ? more > 0x1p-4 && more < 0.5 : more == 0);
    }
    conv.bias = NULL;
    conv.add = s.expected;
    bound_winograd(&conv, with);
    for (int i = 0; i < 60; i++)
        assert_true(with[i].most > s.bounds[i].most + 0x1p-24 * fabs(s.expected[i]));
    close_setup(&s);
}

static void test_pooled(void **state) {
    (void)state;
    const bound in[2 * 3] = {{1, 1}, {4, 2}, {9, 9}, {2, 3}, {3, 6}, {9, 9}};
    const double pooled = 2;
    bound out[2] = {{0, 0}, {7, 7}};
    bound_pooled(in, &pooled, 1, 2, 3, out);
    assert_true(out[0].most > 4 && out[0].most < 4.0001 && out[0].variance == 3);
    assert_true(out[1].most == 7);
}

static void test_stored(void **state) {
    (void)state;
    const bound one = bound_stored((bound){.most = 0.5, .variance = 2}, -1),
                none = bound_stored((bound){.most = 0.5, .variance = 2}, 0);
    assert_true(one.most == 0.5 + 1.5 * 0x1p-8 && one.variance == 2 + 0x1p-14 / 12);
    assert_true(none.most == 0.5 + 0.5 * 0x1p-8 && none.variance == 0);
    /* In order, in fp32: a sum of ones loses each once it is large. */
    float sum = 0x1p24f;
    for (int i = 0; i < 100; i++)
        sum += 1;
    assert_true(fabs((double)sum - 0x1p24 - 100) <= bound_sum(101, 0x1p24 + 100));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),           cmocka_unit_test(test_right_roundings),
        cmocka_unit_test(test_wrong_roundings), cmocka_unit_test(test_worst_case),
        cmocka_unit_test(test_added),           cmocka_unit_test(test_pooled),
        cmocka_unit_test(test_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
