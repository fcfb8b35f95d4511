/* SPDX-License-Identifier: MIT */
#include "bf16_bounds.h"

#include <math.h>
#include <stdlib.h>

#undef NDEBUG /* the asserts are the error handling here */
#include <assert.h>

#define SINGLE 0x1p-24 /* relative error of a rounding to nearest in fp32 */
#define HALF 0x1p-8    /* and in bf16, which has 8 significant bits */

/* Of ten roundings of fp32, one after the other. */
#define TRANSFORM (10 * SINGLE / (1 - 10 * SINGLE))

#define POINTS 36

/* ---- bf16 ---- */

/* The spacing of bf16 where |value| lies, that of the smallest below them. */
static double spacing_near(double value) {
    int exponent;
    frexp(value, &exponent);
    return ldexp(1, fmax(exponent, -125) - 8);
}

double bf16_round(double value) {
    if (value == 0 || !isfinite(value))
        return value;
    const double unit = spacing_near(value), rounded = rint(value / unit) * unit;
    return fabs(rounded) < 0x1p128 ? rounded : copysign(INFINITY, value);
}

double bf16_spacing(double value) {
    return value == 0 ? 0 : spacing_near(value);
}

bound bound_stored(bound before, double value) {
    const double unit = bf16_spacing(value);
    return (bound){.most = before.most + HALF * (fabs(value) + before.most),
                   .variance = value == 0 ? 0 : before.variance + unit * unit / 12};
}

double bound_sum(int terms, double magnitude) {
    /* Twice a rounding to nearest for each: of product and sum, or to odd. */
    const double sum = (terms + 1) * 2 * SINGLE;
    return sum / (1 - sum) * magnitude;
}

/* ---- Winograd ---- */

static const double input_rows[6][6] = {{1, 0, -97 / 36.0, 0, 1, 0},
                                        {0, -3 / 2.0, -9 / 4.0, 2 / 3.0, 1, 0},
                                        {0, 3 / 2.0, -9 / 4.0, -2 / 3.0, 1, 0},
                                        {0, -2 / 3.0, -4 / 9.0, 3 / 2.0, 1, 0},
                                        {0, 2 / 3.0, -4 / 9.0, -3 / 2.0, 1, 0},
                                        {0, 1, 0, -97 / 36.0, 0, 1}};
static const double filter_rows[6][3] = {{1, 0, 0},
                                         {18 / 65.0, 12 / 65.0, 8 / 65.0},
                                         {18 / 65.0, -12 / 65.0, 8 / 65.0},
                                         {8 / 65.0, 12 / 65.0, 18 / 65.0},
                                         {8 / 65.0, -12 / 65.0, 18 / 65.0},
                                         {0, 0, 1}};
static const double output_rows[4][6] = {{1, -9 / 4.0, -9 / 4.0, 1, 1, 0},
                                         {0, -3 / 2.0, 3 / 2.0, 3 / 2.0, -3 / 2.0, 0},
                                         {0, -1, -1, 9 / 4.0, 9 / 4.0, 0},
                                         {0, -2 / 3.0, 2 / 3.0, 27 / 8.0, -27 / 8.0, 1}};

/* What is done to a transform's matrix: nothing, its absolute values, its squares. */
typedef enum measure { VALUE, MAGNITUDE, SQUARE } measure;

static double measured(double value, measure how) {
    return how == VALUE ? value : how == MAGNITUDE ? fabs(value) : value * value;
}

/* out[rows][rows] = L in L^T, in[columns][columns]. */
static void transform(const double *matrix, int rows, int columns, measure how, const double *in,
                      double *out) {
    for (int i = 0; i < rows * rows; i++) {
        out[i] = 0;
        for (int k = 0; k < columns * columns; k++)
            out[i] += measured(matrix[i / rows * columns + k / columns], how) *
                      measured(matrix[i % rows * columns + k % columns], how) * in[k];
    }
}

/* A factor of the products, and what its transform and its rounding make it lack. */
typedef struct factor {
    double value;
    bound off;
} factor;

static void transform_factor(const double *matrix, int columns, const double *in, bool operands,
                             factor out[POINTS]) {
    double sizes[POINTS], values[POINTS], magnitudes[POINTS];
    for (int i = 0; i < columns * columns; i++)
        sizes[i] = fabs(in[i]);
    transform(matrix, 6, columns, VALUE, in, values);
    transform(matrix, 6, columns, MAGNITUDE, sizes, magnitudes);
    for (int p = 0; p < POINTS; p++) {
        const bound off = {.most = TRANSFORM * magnitudes[p]};
        out[p] = (factor){values[p], operands ? bound_stored(off, values[p]) : off};
    }
}

static factor *transform_filters(const bound_conv *conv) {
    factor *u = malloc((size_t)(conv->out * conv->in) * POINTS * sizeof *u);
    assert(u);
    for (int n = 0; n < conv->out * conv->in; n++) {
        const int o = n / conv->in, i = n % conv->in;
        double taps[9];
        for (int k = 0; k < 9; k++)
            taps[k] = conv->adjoint ? conv->weights[(i * conv->out + o) * 9 + 8 - k]
                                    : conv->weights[n * 9 + k];
        transform_factor(&filter_rows[0][0], 3, taps, conv->operands, u + (size_t)n * POINTS);
    }
    return u;
}

/* The pixels of the tile at (top, left) of all channels. */
static void transform_tile(const bound_conv *conv, int top, int left, factor *v) {
    for (int i = 0; i < conv->in; i++) {
        double pixels[POINTS];
        for (int k = 0; k < POINTS; k++) {
            const int y = top - 1 + k / 6, x = left - 1 + k % 6;
            const bool inside = y >= 0 && y < conv->height && x >= 0 && x < conv->width;
            pixels[k] = inside ? conv->x[(i * conv->height + y) * conv->width + x] : 0;
        }
        transform_factor(&input_rows[0][0], 6, pixels, conv->operands, v + (size_t)i * POINTS);
    }
}

/* The sum over channels at one point, and the most that the transform back finds there. */
static factor sum_point(const factor *u, const factor *v, int in) {
    factor m = {0};
    double magnitude = 0;
    for (int i = 0; i < in * POINTS; i += POINTS) {
        const double a = fabs(u[i].value), b = fabs(v[i].value);
        const bound s = u[i].off, t = v[i].off;
        m.value += u[i].value * v[i].value;
        m.off.most += a * t.most + s.most * b + s.most * t.most;
        m.off.variance += a * a * t.variance + s.variance * b * b + s.variance * t.variance;
        magnitude += (a + s.most) * (b + t.most);
    }
    m.off.most += bound_sum(in, magnitude);
    m.off.most += TRANSFORM * (fabs(m.value) + m.off.most);
    return m;
}

static void bound_tile(const bound_conv *conv, const factor *u, const factor *v, int o, int top,
                       int left, bound *bounds) {
    double values[POINTS], most[POINTS], variances[POINTS], y[16], y_most[16], y_variance[16];
    for (int p = 0; p < POINTS; p++) {
        const factor m = sum_point(u + (size_t)(o * conv->in) * POINTS + p, v + p, conv->in);
        values[p] = m.value;
        most[p] = m.off.most;
        variances[p] = m.off.variance;
    }
    transform(&output_rows[0][0], 4, 6, VALUE, values, y);
    transform(&output_rows[0][0], 4, 6, MAGNITUDE, most, y_most);
    transform(&output_rows[0][0], 4, 6, SQUARE, variances, y_variance);
    for (int k = 0; k < 16; k++) {
        const int row = top + k / 4, column = left + k % 4;
        if (row >= conv->height || column >= conv->width)
            continue;
        const int at = (o * conv->height + row) * conv->width + column;
        const double added =
            (conv->bias ? fabs(conv->bias[o]) : 0) + (conv->add ? fabs(conv->add[at]) : 0);
        bounds[at] =
            (bound){y_most[k] + bound_sum(1, fabs(y[k]) + y_most[k] + added), y_variance[k]};
    }
}

void bound_winograd(const bound_conv *conv, bound *bounds) {
    factor *u = transform_filters(conv), *v = malloc((size_t)conv->in * POINTS * sizeof *v);
    assert(v);
    for (int top = 0; top < conv->height; top += 4) {
        for (int left = 0; left < conv->width; left += 4) {
            transform_tile(conv, top, left, v);
            for (int o = 0; o < conv->out; o++)
                bound_tile(conv, u, v, o, top, left, bounds);
        }
    }
    free(u);
    free(v);
}

void bound_pooled(const bound *bounds, const double *pooled, int c, int h, int w, bound *out) {
    for (int i = 0; i < c * (h / 2) * (w / 2); i++) {
        const int y = i / (w / 2) % (h / 2), x = i % (w / 2), plane = i / (w / 2) / (h / 2);
        const bound *window = bounds + (plane * h + 2 * y) * w + 2 * x;
        out[i] = (bound){0};
        for (int k = 0; k < 4; k++) {
            const bound b = window[k / 2 * w + k % 2];
            out[i].most = fmax(out[i].most, b.most);
            out[i].variance += b.variance / 4;
        }
        out[i].most += bound_sum(4, fabs(pooled[i]) + out[i].most);
    }
}

/* ---- looking ---- */

int bound_broken(const bound *bounds, const double *values, const double *expected, int count) {
    for (int i = 0; i < count; i++) {
        if (!(fabs(values[i] - expected[i]) <= bounds[i].most))
            return i;
    }
    return -1;
}

double bound_rms(const bound *bounds, const double *values, const double *expected, int count) {
    double squares = 0, variances = 0;
    for (int i = 0; i < count; i++) {
        squares += (values[i] - expected[i]) * (values[i] - expected[i]);
        variances += bounds[i].variance;
    }
    return sqrt(squares / variances);
}

double bound_shrink(const double *values, const double *expected, int count) {
    double missing = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        missing += (expected[i] - values[i]) * expected[i];
        squares += expected[i] * expected[i];
    }
    return missing / squares;
}
