/* SPDX-License-Identifier: MIT
 *
 * Every direction that L-BFGS takes against the formula it stands for, in double:
 *
 *     H_0 = scale S,  H_n = (I - r s y') H_(n-1) (I - r y s') + r s s',  r = 1 / (s.y)
 *
 * over the last pairs (s, y) of the iterates it went through, rounded to 8 bits, applied to the
 * gradient of the variables that are not held by a bound. Functions with waves make pairs without
 * curvature, which are not learnt. And that it is quick.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "optimizing.h"

enum { COUNT = 48, ITERATIONS = 25, MAX_PAIRS = 10, TRIES = 8 };

typedef double vector[COUNT];

static double dot(const vector a, const vector b) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++)
        sum += a[i] * b[i];
    return sum;
}

/* 1 2 1 round the circle and twice the identity: symmetric, positive definite, not diagonal. */
static double smooth(void *user, const float *v, float *out) {
    double product = 0;
    (void)user;
    for (int i = 0; i < COUNT; i++) {
        const float sum = 4 * v[i] + v[(i + 1) % COUNT] + v[(i + COUNT - 1) % COUNT];
        product += (double)v[i] * (double)sum;
        if (out)
            out[i] = sum;
    }
    return product;
}

/* ---- a run and its record ---- */

typedef struct record {
    double waves; /* height of the waves on the bowl */
    int iteration;
    int tries[ITERATIONS + 1]; /* evaluations that started from an iterate */
    vector x[ITERATIONS + 1], gradient[ITERATIONS + 1], first_try[ITERATIONS + 1];
    vector last, last_gradient;
} record;

/* Bowls with their bottoms on both sides of the box, coupled by neighbours, with waves. No ratio is
 * simple: of a tie in rounding to 8 bits this file need not know the outcome. */
static double evaluate(void *user, const float *x, float *gradient) {
    record *self = user;
    double sum = 0;
    memset(gradient, 0, COUNT * sizeof *gradient);
    for (int i = 0; i < COUNT; i++) {
        const double v = (double)x[i], w = 1 + 0.93 * (i % 7), d = v - (i % 5 * 0.49 - 0.47);
        const double e = v - (double)x[(i + 1) % COUNT];
        sum += w * d * d + 2 * e * e + self->waves * cos(25 * v + i);
        gradient[i] += (float)(2 * w * d + 4 * e - 25 * self->waves * sin(25 * v + i));
        gradient[(i + 1) % COUNT] -= (float)(4 * e);
    }
    for (int i = 0; i < COUNT; i++) {
        self->last[i] = (double)x[i];
        self->last_gradient[i] = (double)gradient[i];
        if (self->iteration >= 0 && !self->tries[self->iteration])
            self->first_try[self->iteration][i] = (double)x[i];
    }
    if (self->iteration >= 0)
        self->tries[self->iteration]++;
    return sum;
}

static int progress(void *user, int iteration, int evaluations) {
    record *self = user;
    (void)evaluations;
    self->iteration = iteration;
    memcpy(self->x[iteration], self->last, sizeof(vector));
    memcpy(self->gradient[iteration], self->last_gradient, sizeof(vector));
    return 0;
}

/* ---- the formula ---- */

typedef struct model {
    double (*precondition)(void *user, const float *v, float *out);
    int capacity, size;
    vector s[MAX_PAIRS + 1], y[MAX_PAIRS + 1]; /* oldest first */
    double scale;
    int refused; /* pairs without curvature that came when the memory was full */
} model;

static void precondition(const model *self, vector v) {
    float single[COUNT], out[COUNT];
    if (!self->precondition)
        return;
    for (int i = 0; i < COUNT; i++)
        single[i] = (float)v[i];
    self->precondition(NULL, single, out);
    for (int i = 0; i < COUNT; i++)
        v[i] = (double)out[i];
}

static void forget_oldest(model *self) {
    self->size--;
    memmove(self->s[0], self->s[1], (size_t)self->size * sizeof(vector));
    memmove(self->y[0], self->y[1], (size_t)self->size * sizeof(vector));
}

/* What 8 bits keep of differences of floats: integers times a 127th of the largest. */
static void difference(const vector to, const vector from, vector out) {
    float largest = 0;
    for (int i = 0; i < COUNT; i++) {
        out[i] = (double)(float)(to[i] - from[i]);
        largest = fmaxf(largest, (float)fabs(out[i]));
    }
    const float inverse = 127 / largest, scale = largest / 127;
    for (int i = 0; i < COUNT; i++)
        out[i] = nearbyint(out[i] * (double)inverse) * (double)scale;
}

/* A new pair, even a useless one, takes the place of the oldest. */
static void learn(model *self, const record *r, int from) {
    vector s, y, sy;
    difference(r->x[from + 1], r->x[from], s);
    difference(r->gradient[from + 1], r->gradient[from], y);
    const bool full = self->size == self->capacity;
    if (full)
        forget_oldest(self);
    if (!(dot(s, y) > 1e-10 * sqrt(dot(s, s) * dot(y, y)))) {
        self->refused += full;
        return;
    }
    memcpy(self->s[self->size], s, sizeof s);
    memcpy(self->y[self->size], y, sizeof y);
    memcpy(sy, y, sizeof sy);
    precondition(self, sy);
    self->scale = dot(s, y) / dot(y, sy);
    self->size++;
}

/* v := H_n v */
static void apply(const model *self, int n, vector v) {
    if (n == 0) {
        precondition(self, v);
        for (int i = 0; i < COUNT; i++)
            v[i] *= self->scale;
        return;
    }
    const double *s = self->s[n - 1], *y = self->y[n - 1], r = 1 / dot(s, y), sv = dot(s, v);
    for (int i = 0; i < COUNT; i++)
        v[i] -= r * sv * y[i];
    apply(self, n - 1, v);
    const double yv = dot(y, v);
    for (int i = 0; i < COUNT; i++)
        v[i] += r * (sv - yv) * s[i];
}

/* The direction from an iterate; returns the number of variables that are held. */
static int find_direction(model *self, const vector x, const vector gradient, vector direction) {
    bool held[COUNT];
    int count = 0;
    for (int i = 0; i < COUNT; i++) {
        held[i] = (x[i] <= 0 && gradient[i] > 0) || (x[i] >= 1 && gradient[i] < 0);
        count += held[i];
        direction[i] = held[i] ? 0 : gradient[i];
    }
    if (self->size) {
        apply(self, self->size, direction);
    } else {
        precondition(self, direction);
        const double scale = 2.0 / 255 * sqrt(COUNT / dot(direction, direction));
        for (int i = 0; i < COUNT; i++)
            direction[i] *= scale;
    }
    for (int i = 0; i < COUNT; i++)
        direction[i] = held[i] ? 0 : -direction[i];
    return count;
}

/* ---- tests ---- */

static void expect_try(const record *r, int iteration, const vector direction) {
    const double size = sqrt(dot(direction, direction) / COUNT);
    for (int i = 0; i < COUNT; i++) {
        const double expected = fmin(fmax(r->x[iteration][i] + direction[i], 0), 1);
        if (!(fabs(r->first_try[iteration][i] - expected) <= 1e-3 * size + 1e-6))
            fail_msg("iteration %d: x[%d] %.9g instead of %.9g", iteration, i,
                     r->first_try[iteration][i], expected);
    }
}

/* Returns how many pairs without curvature met a full memory. */
static int check_run(double waves, int pairs,
                     double (*precondition_)(void *user, const float *v, float *out)) {
    static record r;
    static model m;
    float x[COUNT];
    error err;
    int most_held = 0;
    memset(&r, 0, sizeof r);
    r.waves = waves;
    r.iteration = -1;
    m = (model){.precondition = precondition_, .capacity = pairs};
    optimizing run = {
        .problem = {.count = COUNT,
                    .evaluate = evaluate,
                    .precondition = precondition_,
                    .user = &r},
        .options = {.kind = OPTIMIZER_LBFGS, .history = pairs},
        .iterations = ITERATIONS,
        .progress = progress,
    };
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    assert_in_range(run.done, 10, ITERATIONS);
    for (int k = 0; k < run.done; k++) {
        vector direction;
        const int held = find_direction(&m, r.x[k], r.gradient[k], direction);
        most_held = held > most_held ? held : most_held;
        const double slope = dot(direction, r.gradient[k]);
        assert_true(slope < 0);
        if (k > 10 && slope > -1e-11)
            break;                             /* less than the values of floats can tell */
        assert_in_range(r.tries[k], 1, TRIES); /* more would have dropped the memory */
        expect_try(&r, k, direction);
        learn(&m, &r, k);
    }
    assert_true(most_held > COUNT / 8);
    return m.refused;
}

static void test_directions(void **state) {
    (void)state;
    check_run(0, 10, NULL);
    check_run(0, 10, smooth);
    check_run(0, 3, smooth);
    check_run(0, 1, NULL);
}

static void test_pairs_without_curvature(void **state) {
    (void)state;
    int refused = 0;
    for (int pairs = 1; pairs <= 4; pairs++) {
        refused += check_run(0.09, pairs, NULL);
        refused += check_run(0.09, pairs, smooth);
    }
    assert_true(refused >= 2);
}

/* ---- what the preconditioner is for ---- */

/* The inverse of the curvatures of `scaled_evaluate`. */
static double scale_back(void *user, const float *v, float *out) {
    double product = 0;
    (void)user;
    for (int i = 0; i < COUNT; i++) {
        const float scaled = v[i] / (float)(1 << i % 14);
        product += (double)v[i] * (double)scaled;
        if (out)
            out[i] = scaled;
    }
    return product;
}

static double scaled_evaluate(void *user, const float *x, float *gradient) {
    double sum = 0;
    ++*(int *)user;
    for (int i = 0; i < COUNT; i++) {
        const double d = (double)x[i] - 0.3, w = 1 << i % 14;
        sum += w * d * d;
        gradient[i] = (float)(2 * w * d);
    }
    return sum;
}

/* A bowl a thousand times longer than wide takes few steps when the metric says so. */
static void test_a_good_metric_is_quick(void **state) {
    (void)state;
    double best[2];
    for (int with = 0; with < 2; with++) {
        int evaluations = 0;
        optimizing run = {.problem = {.count = COUNT,
                                      .evaluate = scaled_evaluate,
                                      .precondition = with ? scale_back : NULL,
                                      .user = &evaluations},
                          .options = {.kind = OPTIMIZER_LBFGS, .history = 5},
                          .iterations = 6};
        float x[COUNT] = {0};
        error err;
        assert_true(optimizing_run(&run, x, &err));
        best[with] = run.best;
    }
    assert_true(best[1] < 1e-6 && best[0] > 1);
}

/* ---- Rosenbrock's valley ---- */

/* In pairs of variables; the valley leads to 1, the corner of the box. */
static double rosenbrock(void *user, const float *x, float *gradient) {
    double sum = 0;
    ++*(int *)user;
    for (int i = 0; i < COUNT; i += 2) {
        const double a = 1 - (double)x[i], b = (double)x[i + 1] - (double)x[i] * (double)x[i];
        assert_true(x[i] >= 0 && x[i] <= 1 && x[i + 1] >= 0 && x[i + 1] <= 1);
        sum += a * a + 100 * b * b;
        gradient[i] = (float)(-2 * a - 400 * (double)x[i] * b);
        gradient[i + 1] = (float)(200 * b);
    }
    return sum;
}

static void test_rosenbrock(void **state) {
    (void)state;
    int evaluations = 0;
    optimizing run = {.problem = {.count = COUNT, .evaluate = rosenbrock, .user = &evaluations},
                      .options = {.kind = OPTIMIZER_LBFGS, .history = 10},
                      .iterations = 100};
    float x[COUNT];
    error err;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    if (!(run.best < 1e-8) || evaluations > 120)
        fail_msg("%g after %d evaluations", run.best, evaluations);
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_pairs_without_curvature),
        cmocka_unit_test(test_a_good_metric_is_quick),
        cmocka_unit_test(test_rosenbrock),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
