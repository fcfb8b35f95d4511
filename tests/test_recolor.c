/* SPDX-License-Identifier: MIT
 *
 * Tests of recolor.c: the map against a second solution in double precision (the matrix square root
 * of S_t S by Newton's iteration, from which A follows without any eigenvalue), the mean and
 * covariance that are reached, shares of the way, and pictures that are grey, flat or transparent.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/color.h"
#include "image/recolor.h"

enum { SIDE = 40, PIXELS = SIDE * SIDE };

typedef double matrix[3][3];

/* A picture of correlated colours of that mean, `spread` wide: of every kind of mixture. */
static image fill(float *planes, int kind, double mean, double spread) {
    for (int i = 0; i < PIXELS; i++) {
        const double a = sin(0.7 * i + kind), b = cos(1.3 * i * (kind + 1)), c = sin(2.9 * i);
        const double mixed[] = {a + 0.3 * b, 0.5 * a - 0.6 * b + 0.2 * kind * c,
                                0.2 * b + 0.4 * c - 0.5 * a};
        for (int d = 0; d < 3; d++)
            planes[d * PIXELS + i] = (float)(mean + 0.05 * d + spread * mixed[d]);
    }
    return (image){.width = SIDE, .height = SIDE, .planes = planes};
}

static color_moments moments_of(const image *picture) {
    color_moments found = {0};
    color_moments_add(&found, picture, 1);
    return found;
}

static void expect_near(double a, double b, double off) {
    if (!(fabs(a - b) <= off))
        fail_msg("%.9g is not %.9g", a, b);
}

static void expect_matrix(matrix a, matrix b, double off) {
    for (int i = 0; i < 9; i++)
        expect_near(a[i / 3][i % 3], b[i / 3][i % 3], off);
}

/* ---- a second way to A ---- */

static void multiply(matrix a, matrix b, matrix out) {
    for (int i = 0; i < 9; i++) {
        out[i / 3][i % 3] = 0;
        for (int k = 0; k < 3; k++)
            out[i / 3][i % 3] += a[i / 3][k] * b[k][i % 3];
    }
}

/* By cofactors. */
static void invert(matrix a, matrix out) {
    for (int i = 0; i < 9; i++) {
        const int row = i / 3, p = (row + 1) % 3, q = (row + 2) % 3;
        const int column = i % 3, r = (column + 1) % 3, s = (column + 2) % 3;
        out[column][row] = a[p][r] * a[q][s] - a[p][s] * a[q][r];
    }
    const double det = a[0][0] * out[0][0] + a[0][1] * out[1][0] + a[0][2] * out[2][0];
    for (int i = 0; i < 9; i++)
        out[i / 3][i % 3] /= det;
}

/* A = S^-1 (S S_t)^1/2, the root by the iteration of Denman and Beavers. */
static void reference_map(const color_moments *from, const color_moments *to, matrix out) {
    matrix s, t, y, z = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    color_moments_covariance(from, s);
    color_moments_covariance(to, t);
    for (int c = 0; c < 3; c++) {
        s[c][c] += 1e-5;
        t[c][c] += 1e-5;
    }
    multiply(s, t, y);
    for (int step = 0; step < 60; step++) {
        matrix iy, iz;
        invert(y, iy);
        invert(z, iz);
        for (int i = 0; i < 9; i++) {
            y[i / 3][i % 3] = (y[i / 3][i % 3] + iz[i / 3][i % 3]) / 2;
            z[i / 3][i % 3] = (z[i / 3][i % 3] + iy[i / 3][i % 3]) / 2;
        }
    }
    invert(s, z);
    multiply(z, y, out);
}

/* ---- moments ---- */

static void moments_are_those_of_the_pixels(void **state) {
    (void)state;
    float planes[3 * PIXELS];
    const image picture = fill(planes, 1, 0.4, 0.1);
    const color_moments found = moments_of(&picture);
    matrix covariance;
    color_moments_covariance(&found, covariance);
    for (int c = 0; c < 3; c++) {
        double mean[2] = {0}, product = 0;
        const float *a = planes + c * PIXELS, *b = planes + (c + 1) % 3 * PIXELS;
        for (int i = 0; i < PIXELS; i++) {
            mean[0] += (double)a[i] / PIXELS;
            mean[1] += (double)b[i] / PIXELS;
        }
        for (int i = 0; i < PIXELS; i++)
            product += ((double)a[i] - mean[0]) * ((double)b[i] - mean[1]) / PIXELS;
        expect_near(found.mean[c], mean[0], 1e-9);
        expect_near(covariance[c][(c + 1) % 3], product, 1e-9);
        expect_near(covariance[(c + 1) % 3][c], product, 1e-9);
    }
}

/* Shares of two pictures of one size are the moments of both in one. */
static void shares_are_pictures_together(void **state) {
    (void)state;
    static float one[3 * PIXELS], two[3 * PIXELS], both[3 * 2 * PIXELS];
    const image a = fill(one, 0, 0.3, 0.1), b = fill(two, 2, 0.6, 0.05);
    const image together = {.width = SIDE, .height = 2 * SIDE, .planes = both};
    for (int c = 0; c < 3; c++) {
        memcpy(both + c * 2 * PIXELS, one + c * PIXELS, PIXELS * sizeof *both);
        memcpy(both + (c * 2 + 1) * PIXELS, two + c * PIXELS, PIXELS * sizeof *both);
    }
    color_moments mixed = {0}, whole = moments_of(&together);
    color_moments_add(&mixed, &a, 0.5);
    color_moments_add(&mixed, &b, 0.5);
    for (int c = 0; c < 3; c++)
        expect_near(mixed.mean[c], whole.mean[c], 1e-9);
    expect_matrix(mixed.products, whole.products, 1e-9);
}

/* Pixels count by their alpha; where nothing is opaque, they all do. */
static void moments_go_by_alpha(void **state) {
    (void)state;
    float planes[3 * PIXELS], alpha[PIXELS] = {0};
    image picture = fill(planes, 0, 0.3, 0.1);
    const color_moments plain = moments_of(&picture);
    picture.alpha = alpha;
    expect_near(moments_of(&picture).mean[1], plain.mean[1], 1e-12);
    double mean = 0;
    for (int i = 0; i < PIXELS / 2; i++) {
        alpha[i] = 0.5f;
        mean += (double)planes[PIXELS + i] / (PIXELS / 2);
    }
    for (int i = PIXELS / 2; i < PIXELS; i++)
        planes[i] = planes[PIXELS + i] = planes[2 * PIXELS + i] = 1;
    expect_near(moments_of(&picture).mean[1], mean, 1e-9);
}

/* ---- the map ---- */

static void the_map_is_that_of_a_second_way(void **state) {
    (void)state;
    static float one[3 * PIXELS], two[3 * PIXELS];
    for (int kind = 0; kind < 3; kind++) {
        const image a = fill(one, kind, 0.4, 0.1), b = fill(two, (kind + 1) % 3, 0.5, 0.12);
        const color_moments from = moments_of(&a), to = moments_of(&b);
        const recoloring found = recoloring_between(&from, &to, 1);
        matrix got, wanted;
        memcpy(got, found.matrix, sizeof got);
        reference_map(&from, &to, wanted);
        expect_matrix(got, wanted, 1e-7);
        for (int c = 0; c < 3; c++) {
            double at_mean = found.offset[c];
            for (int d = 0; d < 3; d++) {
                at_mean += got[c][d] * from.mean[d];
                expect_near(got[c][d], got[d][c], 1e-9); /* symmetric */
            }
            expect_near(at_mean, to.mean[c], 1e-9);
        }
    }
}

/* At 1 those of the other, at 0 the picture's own, in between those of the mixed map. */
static void mean_and_covariance_are_reached(void **state) {
    (void)state;
    static float one[3 * PIXELS], two[3 * PIXELS], before[3 * PIXELS];
    const double shares[] = {0, 0.5, 1};
    for (int k = 0; k < 3; k++) {
        const double share = shares[k];
        const image a = fill(one, 0, 0.45, 0.08), b = fill(two, 2, 0.5, 0.1);
        memcpy(before, one, sizeof before);
        const color_moments from = moments_of(&a), to = moments_of(&b);
        const recoloring map = recoloring_between(&from, &to, share);
        recoloring_apply(&map, &a);
        const color_moments now = moments_of(&a);
        matrix got, plain, wanted, mixed, product;
        color_moments_covariance(&now, got);
        color_moments_covariance(&from, plain);
        reference_map(&from, &to, mixed);
        for (int i = 0; i < 9; i++)
            mixed[i / 3][i % 3] = share * mixed[i / 3][i % 3] + (i % 4 ? 0 : 1 - share);
        multiply(mixed, plain, product);
        multiply(product, mixed, wanted);
        expect_matrix(got, wanted, 1e-6);
        for (int c = 0; c < 3; c++)
            expect_near(now.mean[c], (1 - share) * from.mean[c] + share * to.mean[c], 1e-6);
        if (k == 2) {
            color_moments_covariance(&to, wanted);
            expect_matrix(got, wanted, 2e-5); /* what was added to both shows a little */
        }
        for (int i = 0; k == 0 && i < 3 * PIXELS; i++)
            expect_near((double)one[i], (double)before[i], 1e-6);
    }
}

/* Grey to coloured and back, one colour alone, and one direction alone: numbers, and no more
 * contrast than twice as much. */
static void degenerate_colors_are_no_trouble(void **state) {
    (void)state;
    static float one[3 * PIXELS], two[3 * PIXELS];
    for (int from = 0; from < 5; from++) {
        for (int to = 0; to < 5; to++) {
            image pictures[] = {fill(one, 1, 0.5, 0.1), fill(two, 2, 0.4, 0.1)};
            for (int k = 0; k < 2; k++) {
                const int kind = k ? to : from;
                float *planes = pictures[k].planes;
                for (int i = 0; i < PIXELS; i++) {
                    const float grey = planes[i];
                    for (int c = 0; c < 3 && kind > 0; c++) {
                        const float values[] = {0, grey, 0.6f, 0, c ? 0.3f : grey};
                        planes[c * PIXELS + i] = values[kind];
                    }
                }
            }
            const color_moments here = moments_of(&pictures[0]), there = moments_of(&pictures[1]);
            const recoloring map = recoloring_between(&here, &there, 1);
            for (int c = 0; c < 3; c++) {
                assert_true(isfinite(map.offset[c]));
                for (int d = 0; d < 3; d++)
                    assert_true(fabs(map.matrix[c][d]) <= 2.001);
            }
            recoloring_apply(&map, &pictures[0]);
            for (int i = 0; i < 3 * PIXELS; i++)
                assert_true(one[i] >= 0 && one[i] <= 1);
            const color_moments now = moments_of(&pictures[0]);
            for (int c = 0; c < 3; c++)
                expect_near(now.mean[c], there.mean[c], 0.03); /* some did not fit */
            if (to == 1)                                       /* greys */
                for (int i = 0; i < PIXELS; i++)
                    expect_near((double)one[i], (double)one[PIXELS + i], 0.04);
        }
    }
}

/* Flat pictures have noise, which is not to become contrast. */
static void contrast_doubles_at_most(void **state) {
    (void)state;
    static float one[3 * PIXELS], two[3 * PIXELS];
    const image flat = fill(one, 0, 0.5, 0.004), rich = fill(two, 0, 0.5, 0.15);
    const color_moments from = moments_of(&flat), to = moments_of(&rich);
    const recoloring map = recoloring_between(&from, &to, 1);
    recoloring_apply(&map, &flat);
    const color_moments now = moments_of(&flat);
    matrix before, after;
    color_moments_covariance(&from, before);
    color_moments_covariance(&now, after);
    for (int c = 0; c < 3; c++)
        expect_near(after[c][c], 4 * before[c][c], 0.01 * 4 * before[c][c]);
}

/* ---- pictures ---- */

/* What does not fit becomes paler: its luma is that of the map. */
static void colors_that_do_not_fit_become_paler(void **state) {
    (void)state;
    float planes[] = {0.5f, 0.5f, 0.5f};
    const image picture = {.width = 1, .height = 1, .planes = planes};
    const recoloring map = {.offset = {0.9, 0.3, -0.2}};
    recoloring_apply(&map, &picture);
    const double luma = 0.2126 * 0.9 + 0.7152 * 0.3 - 0.0722 * 0.2, share = luma / (luma + 0.2);
    expect_near((double)planes[0], luma + share * (0.9 - luma), 1e-6);
    expect_near((double)planes[1], luma + share * (0.3 - luma), 1e-6);
    expect_near((double)planes[2], 0, 1e-6);
}

static void paper_stays_as_it_is(void **state) {
    (void)state;
    float planes[] = {0.5f, 1, 0.75f, 0.5f, 1, 0.75f, 0.5f, 1, 0.75f}, alpha[] = {1, 0, 0.5f};
    const image picture = {.width = 3, .height = 1, .planes = planes, .alpha = alpha};
    const recoloring map = {.offset = {0.2, 0.3, 0.4}};
    recoloring_apply(&map, &picture);
    for (int c = 0; c < 3; c++) {
        expect_near((double)planes[c * 3], map.offset[c], 1e-6);
        expect_near((double)planes[c * 3 + 1], 1, 1e-6);
        expect_near((double)planes[c * 3 + 2], (map.offset[c] + 0.75) / 2, 1e-6);
    }
}

static void tones_change_light_and_colour_apart(void **state) {
    (void)state;
    static float planes[3 * PIXELS], before[3 * PIXELS];
    const image picture = fill(planes, 1, 0.4, 0.05);
    memcpy(before, planes, sizeof before);
    const recoloring map = recoloring_of_tone(1.5, -0.1, 0.25);
    recoloring_apply(&map, &picture);
    for (int i = 0; i < PIXELS; i++) {
        const double luma =
            (double)color_luma_of(before[i], before[PIXELS + i], before[2 * PIXELS + i]);
        for (int c = 0; c < 3; c++) {
            const double difference = (double)before[c * PIXELS + i] - luma;
            expect_near((double)planes[c * PIXELS + i], 1.5 * luma - 0.1 + 0.25 * difference, 2e-6);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_pixels),
        cmocka_unit_test(shares_are_pictures_together),
        cmocka_unit_test(moments_go_by_alpha),
        cmocka_unit_test(the_map_is_that_of_a_second_way),
        cmocka_unit_test(mean_and_covariance_are_reached),
        cmocka_unit_test(degenerate_colors_are_no_trouble),
        cmocka_unit_test(contrast_doubles_at_most),
        cmocka_unit_test(colors_that_do_not_fit_become_paler),
        cmocka_unit_test(paper_stays_as_it_is),
        cmocka_unit_test(tones_change_light_and_colour_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
