/* SPDX-License-Identifier: MIT
 *
 * The golden files of tests/golden, read (golden/make.py wrote them and describes the format).
 *
 * A file becomes a problem of the reference, prepared to be solved by whatever is tested, and
 * the JSON with the expected values. What does not agree fails the running cmocka test.
 */
#ifndef STYLIZE_TESTS_GOLDEN_H
#define STYLIZE_TESTS_GOLDEN_H

#include <jansson.h>

#include "reference.h"

typedef struct golden {
    json_t *root;
    char weights[512]; /* path of the network's file */
    reference_vgg net;
    reference_problem problem;
    reference_image generated;
} golden;

/* Reads golden/<name>.json of the test data folder: $STYLIZE_TEST_DATA, or tests. */
void golden_open(golden *self, const char *name);
void golden_close(golden *self);

/* A member that must be there. */
double golden_number(const json_t *object, const char *key);
const char *golden_string(const json_t *object, const char *key);

/* |value - expected| <= tolerance, which NaN is not. */
void golden_expect_near(const char *what, double value, double expected, double tolerance);

/* |value - expected| <= tolerance * |expected|. */
void golden_expect(const char *what, double value, double expected, double tolerance);

/* values[n] against an entry of activations or grams: sum, sum of squares and samples, where
 * single values may be off by the tolerance times the root mean square. */
void golden_expect_summary(const json_t *entry, const double *values, int n, double tolerance);

/* dJ/dG [3][h][w] against the file's: the norm, and each value within the tolerance times the
 * root mean square. */
void golden_expect_gradient(const golden *self, const double *gradient, double tolerance);

#endif
