/* SPDX-License-Identifier: MIT */
#include "image/recolor.h"

#include <math.h>
#include <string.h>

#include "image/color.h"

enum { N = IMAGE_CHANNELS };

#define LEAST_VARIANCE 1e-5 /* added to each: a deviation of 0.8/255 */
#define MOST_GAIN 2.0       /* of contrast */
#define SWEEPS 12           /* each squares what is off the diagonal; 6 do */

typedef double matrix[N][N];

static size_t pixels_of(const image *self) {
    return (size_t)self->width * (size_t)self->height;
}

/* ---- moments ---- */

static int least(int a, int b) {
    return a < b ? a : b;
}

static double alpha_sum(const image *self) {
    float alpha[IMAGE_PIECE];
    double sum = 0;
    for (int y = 0; image_has_alpha(self) && y < self->height; y++) {
        for (int x = 0; x < self->width; x += IMAGE_PIECE) {
            const int count = least(self->width - x, IMAGE_PIECE);
            image_unpack(self, PIXELS_ALPHA, x, y, count, alpha);
            for (int i = 0; i < count; i++)
                sum += (double)alpha[i];
        }
    }
    return sum;
}

/* Adds some pixels, by their alpha unless it is NULL. */
static void add_pixels(color_moments *sums, const float rgb[N][IMAGE_PIECE], const float *alpha,
                       int count) {
    for (int i = 0; i < count; i++) { /* analysed: who calls has unpacked `count` pixels */
        const double weight = alpha ? (double)alpha[i] : 1;
        for (int c = 0; c < N; c++) {
            const double value = weight * (double)rgb[c][i];
            sums->mean[c] += value;
            for (int d = 0; d <= c; d++)
                sums->products[c][d] += value * (double)rgb[d][i];
        }
    }
}

/* `opaque` is the sum of alpha by which pixels count; 0 that all are alike. */
static void add_picture(color_moments *self, const image *picture, double opaque, double share) {
    const double unit = share / (opaque > 0 ? opaque : (double)pixels_of(picture));
    float rgb[N][IMAGE_PIECE], alpha[IMAGE_PIECE];
    color_moments sums = {0};
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x += IMAGE_PIECE) {
            const int count = least(picture->width - x, IMAGE_PIECE);
            for (int c = 0; c < N; c++)
                image_unpack(picture, c, x, y, count, rgb[c]);
            if (opaque > 0)
                image_unpack(picture, PIXELS_ALPHA, x, y, count, alpha);
            add_pixels(&sums, rgb, opaque > 0 ? alpha : NULL, count);
        }
    }
    for (int c = 0; c < N; c++) {
        self->mean[c] += unit * sums.mean[c];
        for (int d = 0; d < N; d++)
            self->products[c][d] += unit * sums.products[c > d ? c : d][c > d ? d : c];
    }
}

void color_moments_add(color_moments *self, const image *picture, double share) {
    add_picture(self, picture, alpha_sum(picture), share);
}

void color_moments_add_seen(color_moments *self, const image *picture, double share) {
    add_picture(self, picture, 0, share);
}

void color_moments_covariance(const color_moments *self, matrix covariance) {
    for (int c = 0; c < N; c++) {
        for (int d = 0; d < N; d++)
            covariance[c][d] = self->products[c][d] - self->mean[c] * self->mean[d];
    }
}

/* ---- symmetric matrices ---- */

static void multiply(matrix a, matrix b, matrix out) {
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            out[i][j] = 0;
            for (int k = 0; k < N; k++)
                out[i][j] += a[i][k] * b[k][j];
        }
    }
}

/* Turns rows and columns p and q so that a[p][q] becomes 0; the columns of `turned` likewise. */
static void rotate(matrix a, matrix turned, int p, int q) {
    if (!(fabs(a[p][q]) > 0))
        return;
    const double angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]);
    const double c = cos(angle), s = sin(angle);
    for (int i = 0; i < N; i++) {
        const double x = a[i][p], y = a[i][q], u = turned[i][p], v = turned[i][q];
        a[i][p] = c * x - s * y;
        a[i][q] = s * x + c * y;
        turned[i][p] = c * u - s * v;
        turned[i][q] = s * u + c * v;
    }
    for (int i = 0; i < N; i++) {
        const double x = a[p][i], y = a[q][i];
        a[p][i] = c * x - s * y;
        a[q][i] = s * x + c * y;
    }
}

typedef double of_eigenvalue(double value);

/* out = V f(values) V^T, by Jacobi's rotations. */
static void apply(matrix in, of_eigenvalue *f, matrix out) {
    matrix a, vectors = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    memcpy(a, in, sizeof a);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        rotate(a, vectors, 0, 1);
        rotate(a, vectors, 0, 2);
        rotate(a, vectors, 1, 2);
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            out[i][j] = 0;
            for (int k = 0; k < N; k++)
                out[i][j] += vectors[i][k] * f(a[k][k]) * vectors[j][k];
        }
    }
}

/* Rounding may leave less than was added. */
static double root(double value) {
    return sqrt(fmax(value, 0));
}

static double inverse_root(double value) {
    return 1 / sqrt(fmax(value, LEAST_VARIANCE));
}

static double bounded(double value) {
    return fmin(value, MOST_GAIN);
}

/* ---- the map ---- */

/* The covariance, of which all roots exist. */
static void regular_covariance(const color_moments *self, matrix out) {
    color_moments_covariance(self, out);
    for (int c = 0; c < N; c++)
        out[c][c] += LEAST_VARIANCE;
}

/* a = from^-1/2 (from^1/2 to from^1/2)^1/2 from^-1/2, its eigenvalues bounded. */
static void transport(matrix from, matrix to, matrix a) {
    matrix half, inverse, between, product;
    apply(from, root, half);
    apply(from, inverse_root, inverse);
    multiply(half, to, product);
    multiply(product, half, between);
    apply(between, root, between);
    multiply(inverse, between, product);
    multiply(product, inverse, between);
    apply(between, bounded, a);
}

recoloring recoloring_between(const color_moments *from, const color_moments *to, double share) {
    recoloring self;
    matrix here, there, a;
    regular_covariance(from, here);
    regular_covariance(to, there);
    transport(here, there, a);
    for (int c = 0; c < N; c++) {
        self.offset[c] = share * to->mean[c];
        for (int d = 0; d < N; d++) {
            self.matrix[c][d] = share * a[c][d] + (c == d ? 1 - share : 0);
            self.offset[c] -= share * a[c][d] * from->mean[d];
        }
    }
    return self;
}

recoloring recoloring_of_tone(double gain, double lift, double chroma) {
    recoloring self = {.offset = {lift, lift, lift}};
    const double weights[N] = {(double)color_luma_of(1, 0, 0), (double)color_luma_of(0, 1, 0),
                               (double)color_luma_of(0, 0, 1)};
    for (int c = 0; c < N; c++) {
        for (int d = 0; d < N; d++)
            self.matrix[c][d] = (gain - chroma) * weights[d] + (c == d ? chroma : 0);
    }
    return self;
}

void recoloring_apply(const recoloring *self, const image *picture) {
    const size_t pixels = pixels_of(picture);
    float m[N][N], offset[N];
    for (int c = 0; c < N; c++) {
        offset[c] = (float)self->offset[c];
        for (int d = 0; d < N; d++)
            m[c][d] = (float)self->matrix[c][d];
    }
    for (size_t i = 0; i < pixels; i++) {
        float *const at = picture->planes + i;
        const float x[N] = {at[0], at[pixels], at[2 * pixels]};
        float y[N];
        for (int c = 0; c < N; c++)
            y[c] = offset[c] + m[c][0] * x[0] + m[c][1] * x[1] + m[c][2] * x[2];
        color_fit(y);
        const float opacity = picture->alpha ? picture->alpha[i] : 1;
        for (size_t c = 0; c < N; c++)
            at[c * pixels] = opacity * y[c] + (1 - opacity) * x[c];
    }
}
