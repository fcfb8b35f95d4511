/* SPDX-License-Identifier: MIT
 *
 * Rounding weights to 8 bits: exact where it can be, else by the best of the reaches.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "convert/int8.h"
#include "weights/weights_file.h"

static unsigned seed = 5;

/* Evenly from -reach to reach. */
static void fill(float *values, int count, double reach) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)(((seed >> 8) / 8388608.0 - 1) * reach);
    }
}

/* What is whole times a scale comes back. */
static void test_exact(void **state) {
    (void)state;
    enum { FILTERS = 28 };
    float values[FILTERS * INT8_TAPS];
    signed char integers[FILTERS * INT8_TAPS];
    for (int i = 0; i < FILTERS * INT8_TAPS; i++)
        values[i] = (float)(127 - i) * 0.0375f;
    const float scale = int8_round(values, FILTERS, integers);
    for (int i = 0; i < FILTERS * INT8_TAPS; i++) {
        assert_int_equal(integers[i], 127 - i);
        assert_true(fabsf((float)integers[i] * scale - values[i]) <= 1e-6f);
    }
}

/* Which of the eleven reaches leaves the nearest integers the least squared error. */
static int best_reach(const float *values, int count, double largest) {
    double least = INFINITY;
    int best = 0;
    for (int k = 0; k <= 10; k++) {
        const double scale = largest * (1 - 0.05 * k) / 127;
        double sum = 0;
        for (int i = 0; i < count; i++) {
            const double units = fmin(127, fmax(-127, floor((double)values[i] / scale + 0.5)));
            sum += pow(units * scale - (double)values[i], 2);
        }
        if (sum < least) {
            least = sum;
            best = k;
        }
    }
    return best;
}

/* One weight far out is clipped where there are many others. */
static void test_best_reach(void **state) {
    (void)state;
    enum { FILTERS = 20000, COUNT = FILTERS * INT8_TAPS };
    static float values[COUNT];
    static signed char integers[COUNT];
    for (int k = 0; k <= 10; k++) {
        fill(values, COUNT, 1 - 0.05 * k);
        values[0] = 1;
        const float scale = int8_round(values, FILTERS, integers);
        assert_int_equal(best_reach(values, COUNT, 1), k);
        assert_true(fabs((double)scale - (1 - 0.05 * k) / 127) < 1e-7);
        assert_int_equal(integers[0], 127);
    }
}

/* The error squared of a filter's output for activations of correlation r^(distance in x + in y).
 */
static double output_error(const float *filter, const signed char *integers, double scale,
                           double r) {
    double sum = 0;
    for (int i = 0; i < INT8_TAPS; i++) {
        for (int k = 0; k < INT8_TAPS; k++) {
            const int steps = abs(i / 3 - k / 3) + abs(i % 3 - k % 3);
            sum += (integers[i] * scale - (double)filter[i]) *
                   (integers[k] * scale - (double)filter[k]) * pow(r, steps);
        }
    }
    return sum;
}

/* Errors make up for one another: of the output's as little is left as theory says, less than the
 * nearest integers leave, also where the correlation is another than is assumed. */
static void test_errors_make_up(void **state) {
    (void)state;
    enum { FILTERS = 3000 };
    static float values[FILTERS * INT8_TAPS];
    static signed char integers[FILTERS * INT8_TAPS];
    static const double correlations[] = {0.4, 0.7, 0.9};
    fill(values, FILTERS * INT8_TAPS, 1);
    const double scale = (double)int8_round(values, FILTERS, integers);
    for (size_t c = 0; c < sizeof correlations / sizeof *correlations; c++) {
        const double r = correlations[c];
        double kept = 0, plain = 0;
        for (int i = 0; i < FILTERS; i++) {
            const float *filter = values + i * INT8_TAPS;
            signed char nearest[INT8_TAPS];
            for (int k = 0; k < INT8_TAPS; k++)
                nearest[k] = (signed char)fmax(-127, fmin(127, round((double)filter[k] / scale)));
            kept += output_error(filter, integers + i * INT8_TAPS, scale, r);
            plain += output_error(filter, nearest, scale, r);
        }
        /* In a row or a column two of three weights hand their error on. */
        const double a = INT8_CORRELATION, share = (1 + 2 * (1 + a * a - 2 * a * r)) / 3;
        assert_true(fabs(kept / plain - share * share) < 0.03);
    }
}

static void test_next_to_nothing(void **state) {
    (void)state;
    static const float little[2][INT8_TAPS] = {{0}, {1e-40f, -1e-38f}};
    static const float huge[INT8_TAPS] = {-INT8_LARGEST, 1e37f};
    signed char integers[INT8_TAPS];
    for (int i = 0; i < 2; i++) {
        assert_true(int8_round(little[i], 1, integers) == 1);
        for (int k = 0; k < INT8_TAPS; k++)
            assert_int_equal(integers[k], 0);
    }
    const float scale = int8_round(huge, 1, integers);
    assert_true(scale <= WEIGHTS_SCALE_MOST && integers[0] == -127);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_best_reach),
        cmocka_unit_test(test_errors_make_up),
        cmocka_unit_test(test_next_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
