/* SPDX-License-Identifier: MIT */
#include "style_in_double.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 64 };

/* The square of the mask. */
static double weight_of(const cost_mask *mask, int pixel) {
    return mask ? (double)mask->weights[pixel] * (double)mask->weights[pixel] : 1;
}

/* Of the activation less `means`. */
static void covariance_in_double(const cost_mask *mask, const double *a, const double *means, int c,
                                 int n, double *matrix) {
    double area = 0;
    memset(matrix, 0, (size_t)(c * c) * sizeof *matrix);
    for (int p = 0; p < n; p++) {
        const double weight = weight_of(mask, p);
        area += weight;
        for (int i = 0; i < c * c; i++)
            matrix[i] +=
                weight * (a[i / c * n + p] - means[i / c]) * (a[i % c * n + p] - means[i % c]);
    }
    for (int i = 0; i < c * c; i++)
        matrix[i] /= area;
}

void gram_in_double(const cost_mask *mask, const double *a, int c, int n, double *matrix) {
    static const double zeros[MOST];
    assert_in_range(c, 1, MOST);
    covariance_in_double(mask, a, zeros, c, n, matrix);
}

void means_in_double(const cost_mask *mask, const double *a, int c, int n, double *means) {
    double area = 0;
    memset(means, 0, (size_t)c * sizeof *means);
    for (int p = 0; p < n; p++) {
        area += weight_of(mask, p);
        for (int i = 0; i < c; i++)
            means[i] += weight_of(mask, p) * a[i * n + p];
    }
    for (int i = 0; i < c; i++)
        means[i] /= area;
}

static double squared_distance(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* What the activation is, and what it should be. */
typedef struct moments {
    int c;
    double gram[MOST * MOST], means[MOST], covariance[MOST * MOST];
} moments;

static double trace(const double *matrix, int c) {
    double sum = 0;
    for (int i = 0; i < c; i++)
        sum += matrix[i * c + i];
    return sum;
}

static void moments_of_target(const cost_target *target, moments *self) {
    const int c = self->c = target->channels;
    memcpy(self->gram, target->matrix, (size_t)(c * c) * sizeof *self->gram);
    memcpy(self->means, target->means, (size_t)c * sizeof *self->means);
    for (int i = 0; i < c * c; i++)
        self->covariance[i] = self->gram[i] - self->means[i / c] * self->means[i % c];
}

static double covariance_term(const moments *is, const moments *wanted) {
    return squared_distance(is->covariance, wanted->covariance, is->c * is->c) +
           2 * trace(wanted->gram, is->c) * squared_distance(is->means, wanted->means, is->c);
}

/* As they are defined: sigma^2 is the variance and 1e-4 of the target's mean square. */
static double moments_term(const moments *is, const moments *wanted) {
    const int c = is->c;
    const double power = trace(wanted->gram, c), least = 1e-4 * power / c;
    double off = squared_distance(is->means, wanted->means, c);
    for (int i = 0; i < c * c; i += c + 1) {
        const double wide = sqrt(is->covariance[i] + least) - sqrt(wanted->covariance[i] + least);
        off += wide * wide;
    }
    return squared_distance(is->gram, wanted->gram, c * c) + power / 4 * off;
}

/* Eigenvalues of a symmetric matrix, which becomes diagonal, and their vectors as columns:
 * rotations after Jacobi. */
static void diagonalize(double *m, int c, double *vectors) {
    for (int i = 0; i < c * c; i++)
        vectors[i] = i % (c + 1) == 0;
    for (int round = 0; round < 30; round++) {
        for (int p = 0; p < c; p++) {
            for (int q = p + 1; q < c; q++) {
                const double angle = 0.5 * atan2(2 * m[p * c + q], m[q * c + q] - m[p * c + p]);
                const double cosine = cos(angle), sine = sin(angle);
                for (int k = 0; k < c; k++) {
                    const double a = m[k * c + p], b = m[k * c + q];
                    m[k * c + p] = cosine * a - sine * b;
                    m[k * c + q] = sine * a + cosine * b;
                    const double v = vectors[k * c + p], w = vectors[k * c + q];
                    vectors[k * c + p] = cosine * v - sine * w;
                    vectors[k * c + q] = sine * v + cosine * w;
                }
                for (int k = 0; k < c; k++) {
                    const double a = m[p * c + k], b = m[q * c + k];
                    m[p * c + k] = cosine * a - sine * b;
                    m[q * c + k] = sine * a + cosine * b;
                }
            }
        }
    }
}

static void multiply(const double *a, const double *b, int c, double *out) {
    for (int i = 0; i < c * c; i++) {
        out[i] = 0;
        for (int k = 0; k < c; k++)
            out[i] += a[i / c * c + k] * b[k * c + i % c];
    }
}

/* The square root of a part of a whole: after so many steps of Newton and Schulz, or 0. */
static double root_of_part(double part, int steps) {
    double y = part, z = 1;
    if (steps == 0)
        return sqrt(fmax(part, 0));
    for (int i = 0; i < steps; i++) {
        const double t = (3 - z * y) / 2;
        y *= t;
        z *= t;
    }
    return y;
}

/* The square root of a symmetric matrix. */
static void root_in_double(double *m, int c, int steps, double *root) {
    static double vectors[MOST * MOST];
    double norm = 0;
    for (int i = 0; i < c * c; i++)
        norm += m[i] * m[i];
    norm = sqrt(norm);
    diagonalize(m, c, vectors);
    for (int i = 0; i < c * c; i++) {
        root[i] = 0;
        for (int k = 0; k < c; k++)
            root[i] += vectors[i / c * c + k] * sqrt(norm) *
                       root_of_part(m[k * c + k] / norm, steps) * vectors[i % c * c + k];
    }
}

/* W^2, with that much noise, by roots after so many steps. */
static double distance(const moments *is, const moments *wanted, double blur, int steps) {
    static double a[MOST * MOST], b[MOST * MOST], root[MOST * MOST], half[MOST * MOST];
    const int c = is->c;
    for (int i = 0; i < c * c; i++) {
        a[i] = wanted->covariance[i] + (i % (c + 1) == 0 ? blur : 0);
        b[i] = is->covariance[i] + (i % (c + 1) == 0 ? blur : 0);
    }
    const double both = trace(a, c) + trace(b, c);
    root_in_double(a, c, steps, root);
    multiply(b, root, c, half);
    multiply(root, half, c, b);
    root_in_double(b, c, steps, half);
    return squared_distance(is->means, wanted->means, c) + both - 2 * trace(half, c);
}

static double bures_term(const moments *is, const moments *wanted) {
    const int c = is->c;
    double blur = 0;
    for (int i = 0; i < c * c; i++)
        blur += wanted->covariance[i] * wanted->covariance[i];
    blur = 3e-3 * sqrt(blur) + 1e-4 * trace(wanted->gram, c) / c;
    return trace(wanted->gram, c) / 4 * distance(is, wanted, blur, 0);
}

double style_in_double(const cost_term *term, const double *a, int n) {
    static moments is, wanted;
    const int c = is.c = term->target->channels;
    double sum = 0;
    assert_in_range(c, 1, MOST);
    gram_in_double(term->mask, a, c, n, is.gram);
    means_in_double(term->mask, a, c, n, is.means);
    covariance_in_double(term->mask, a, is.means, c, n, is.covariance);
    if (term->kind == COST_GRAM)
        return squared_distance(is.gram, term->target->matrix, c * c) / 4 / c / c;
    moments_of_target(term->target, &wanted);
    switch (term->kind) {
    case COST_COVARIANCE:
        sum = covariance_term(&is, &wanted);
        break;
    case COST_MOMENTS:
        sum = moments_term(&is, &wanted);
        break;
    case COST_BURES:
        sum = bures_term(&is, &wanted);
        break;
    case COST_WASSERSTEIN:
        return distance(&is, &wanted, 1e-4, 12) / c;
    default:
        fail_msg("kind %d is none of style", (int)term->kind);
    }
    return sum / 4 / c / c;
}
