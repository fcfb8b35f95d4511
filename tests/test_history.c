/* SPDX-License-Identifier: MIT
 *
 * The memory of L-BFGS against the two loops in double over the same rounded pairs: lengths round
 * the bounds of groups and pieces, held variables, a preconditioner, more steps than pairs. The
 * same bits for any number of threads, and as much memory as is foretold.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "core/cpu.h"
#include "optimize/history.h"
#include "optimize/optimizer.h"
#include "transfer/preconditioner.h"

enum { LONGEST = 300007, CHECKED = 5003, MAX_PAIRS = 6 };

/* ---- a function and a metric ---- */

static size_t length; /* variables of the problem at hand */

static float noise(float height) {
    static unsigned seed = 11;
    seed = seed * 1664525u + 1013904223u;
    return height * ((float)(seed >> 8) / 8388608.0f - 1);
}

/* Bowls of many widths, coupled by neighbours; their bottoms lie on both sides of the box. */
static double evaluate(void *user, const float *x, float *gradient) {
    double sum = 0;
    (void)user;
    memset(gradient, 0, length * sizeof *gradient);
    for (size_t i = 0; i < length; i++) {
        const size_t next = (i + 1) % length;
        const double d = (double)x[i] - ((double)(i * 7 % 11) * 0.2 - 0.5),
                     w = 1 + (double)(i % 37);
        const double e = (double)x[i] - (double)x[next];
        sum += w * d * d + 2 * e * e;
        gradient[i] += (float)(2 * w * d + 4 * e);
        gradient[next] -= (float)(4 * e);
    }
    return sum;
}

static double smooth(void *user, const float *v, float *out) {
    double product = 0;
    (void)user;
    for (size_t i = 0; i < length; i++) {
        const float sum = 4 * v[i] + v[(i + 1) % length] + v[(i + length - 1) % length];
        product += (double)v[i] * (double)sum;
        if (out)
            out[i] = sum;
    }
    return product;
}

static optimizer_problem make_problem(size_t count, bool with_metric) {
    length = count;
    return (optimizer_problem){
        .count = count, .evaluate = evaluate, .precondition = with_metric ? smooth : NULL};
}

/* ---- the two loops ---- */

typedef struct reference {
    int size, capacity;
    double s[MAX_PAIRS][CHECKED], y[MAX_PAIRS][CHECKED]; /* oldest first */
} reference;

static double dot(const double *a, const double *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The newest s or y as it is stored, checked against the differences it stands for. */
static void unpack(const history *pairs, const vector_rows *all, const float *from, const float *to,
                   double *out) {
    static const float zeros[VECTOR_PIECE], one = 1;
    const size_t capacity = (size_t)pairs->capacity;
    size_t row = (size_t)(pairs->next + pairs->capacity - 1) % capacity;
    for (size_t i = 0; i < pairs->count; row += capacity) {
        const vector_rows newest = {all->words + row * (VECTOR_PIECE / 4), all->scales + row, 0};
        float values[VECTOR_PIECE];
        pairs->kernels->rows_combine(&newest, 1, &one, 0, zeros, values, VECTOR_PIECE);
        for (int j = 0; j < VECTOR_PIECE && i < pairs->count; j++, i++) {
            out[i] = (double)values[j];
            assert_true(fabs(out[i] - (double)(to[i] - from[i])) <=
                        0.5001 * (double)*newest.scales);
        }
    }
}

static void reference_learn(reference *self, const history *pairs, const float *x, const float *g,
                            const float *new_x, const float *new_g) {
    if (self->size == self->capacity) {
        memmove(self->s[0], self->s[1], (MAX_PAIRS - 1) * sizeof self->s[0]);
        memmove(self->y[0], self->y[1], (MAX_PAIRS - 1) * sizeof self->y[0]);
        self->size--;
    }
    unpack(pairs, &pairs->s, x, new_x, self->s[self->size]);
    unpack(pairs, &pairs->y, g, new_g, self->y[self->size]);
    self->size++;
}

/* out := S v in double, as near as the metric's floats allow. */
static void metric(size_t count, bool with_metric, const double *v, double *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = with_metric ? 4 * v[i] + v[(i + 1) % count] + v[(i + count - 1) % count] : v[i];
}

static void reference_apply(const reference *self, size_t count, bool with_metric, double *q) {
    static double r[CHECKED];
    double alpha[MAX_PAIRS];
    for (int p = self->size - 1; p >= 0; p--) {
        alpha[p] = dot(self->s[p], q, count) / dot(self->s[p], self->y[p], count);
        for (size_t i = 0; i < count; i++)
            q[i] -= alpha[p] * self->y[p][i];
    }
    const double *s = self->s[self->size - 1], *y = self->y[self->size - 1];
    metric(count, with_metric, y, r);
    const double scale = dot(s, y, count) / dot(y, r, count);
    metric(count, with_metric, q, r);
    for (size_t i = 0; i < count; i++)
        q[i] = scale * r[i];
    for (int p = 0; p < self->size; p++) {
        const double beta = dot(self->y[p], q, count) / dot(self->s[p], self->y[p], count);
        for (size_t i = 0; i < count; i++)
            q[i] += (alpha[p] - beta) * self->s[p][i];
    }
}

static bool held(float x, float g) {
    return (x <= 0 && g > 0) || (x >= 1 && g < 0);
}

/* ---- tests ---- */

/* x, gradient, the new ones, the start of a direction, a step. */
static float vectors[6][LONGEST];

/* A random step from x, many of its values to the bounds and some on the spot. */
static void walk(const optimizer_problem *problem, const float *x, float *new_x, float *new_g) {
    for (size_t i = 0; i < problem->count; i++)
        new_x[i] = i % 13 < 12 ? fminf(fmaxf(x[i] + noise(1), 0), 1) : x[i];
    problem->evaluate(NULL, new_x, new_g);
}

static void check_against_loops(size_t count, int capacity, bool with_metric) {
    static reference r;
    static double q[CHECKED];
    static float old_x[CHECKED], old_g[CHECKED];
    float *x = vectors[0], *g = vectors[1], *new_x = vectors[2], *new_g = vectors[3];
    float *start = vectors[4], *out = vectors[5];
    const optimizer_problem problem = make_problem(count, with_metric);
    history pairs;
    error err;
    size_t held_count = 0;
    r = (reference){.capacity = capacity};
    assert_true(history_init(&pairs, capacity, count, kernels_best(), &err));
    for (size_t i = 0; i < count; i++)
        x[i] = 0.5f;
    evaluate(NULL, x, g);
    for (int step = 0; step < 2 * capacity + 2; step++) {
        walk(&problem, x, new_x, new_g);
        memcpy(old_x, x, count * sizeof *x);
        memcpy(old_g, g, count * sizeof *g);
        history_learn(&pairs, &problem, x, g, new_x, new_g);
        reference_learn(&r, &pairs, old_x, old_g, new_x, new_g);
        assert_int_equal(pairs.size, r.size);
        for (size_t i = 0; i < count; i++) {
            q[i] = held(new_x[i], new_g[i]) ? 0 : (double)new_g[i];
            held_count += held(new_x[i], new_g[i]);
            assert_true((double)x[i] == q[i] && (double)g[i] == r.y[r.size - 1][i]);
        }
        reference_apply(&r, count, with_metric, q);
        history_apply(&pairs, &problem, x, start);
        const history_slopes to = history_step(&pairs, new_x, new_g, start, 0.5, out);
        const double size = sqrt(dot(q, q, count) / (double)count);
        double slope = 0, predicted = 0;
        for (size_t i = 0; i < count; i++) {
            const double d = held(new_x[i], new_g[i]) ? 0 : -q[i];
            const double expected = fmin(fmax((double)new_x[i] + 0.5 * d, 0), 1);
            slope += (double)new_g[i] * d;
            predicted += (double)new_g[i] * (double)(out[i] - new_x[i]);
            if (!(fabs((double)out[i] - expected) < 2e-5 * size + 1e-7))
                fail_msg("count %zu, step %d: %.9g instead of %.9g", count, step, (double)out[i],
                         expected);
        }
        assert_true(slope < 0);
        assert_true(fabs(to.slope - slope) < 1e-4 * fabs(slope));
        assert_true(fabs(to.predicted - predicted) < 1e-9 * fabs(predicted));
        memcpy(x, new_x, count * sizeof *x);
        memcpy(g, new_g, count * sizeof *g);
    }
    assert_true(count < 1000 || held_count > count / 8);
    history_clear(&pairs);
}

static void test_against_loops(void **state) {
    (void)state;
    static const size_t counts[] = {7, 63, 64, 65, 1023, 1024, 1025, 2112, CHECKED};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (int capacity = 1; capacity <= MAX_PAIRS; capacity += 2 + (capacity == 3)) {
            check_against_loops(counts[i], capacity, false);
            check_against_loops(counts[i], capacity, true);
        }
    }
}

/* A whole minimisation, with a preconditioner that has threads of its own. */
static double blur(void *user, const float *v, float *out) {
    return preconditioner_apply(user, v, out);
}

static optimizer_result minimise(int height, int width, float *x) {
    preconditioner s;
    error err;
    optimizer_result result;
    assert_true(preconditioner_init(&s, 3, height, width, kernels_best(), &err));
    optimizer_problem problem = make_problem(3 * (size_t)height * (size_t)width, true);
    problem.precondition = blur;
    problem.user = &s;
    for (size_t i = 0; i < problem.count; i++)
        x[i] = 0.5f;
    const optimizer_options options = {.iterations = 12, .history = 5};
    assert_true(lbfgs_minimize(&problem, &options, x, &result, &err));
    preconditioner_clear(&s);
    return result;
}

static void test_any_threads(void **state) {
    (void)state;
    static const int threads[] = {1, 2, 16};
    const int before = cpu_set_threads(1);
    const size_t bytes = 3 * 211 * 307 * sizeof(float);
    optimizer_result expected = {0};
    for (int i = 0; i < 3; i++) {
        cpu_set_threads(threads[i]);
        const optimizer_result result = minimise(211, 307, vectors[i]);
        assert_int_equal(result.iterations, 12);
        if (i == 0)
            expected = result;
        assert_true(result.best == expected.best && result.evaluations == expected.evaluations);
        assert_memory_equal(vectors[i], vectors[0], bytes);
    }
    cpu_set_threads(before);
}

/* Small and large blocks are rounded up differently. */
static void test_memory(void **state) {
    (void)state;
    static const size_t counts[] = {1, 1000, 1024, 300000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (int pairs = 1; pairs <= 31; pairs += 10) {
            const optimizer_problem problem = make_problem(counts[i], false);
            const optimizer_options options = {.history = pairs};
            optimizer_result result;
            error err;
            size_t bytes = allocations_bytes();
            assert_true(lbfgs_minimize(&problem, &options, vectors[0], &result, &err));
            assert_int_equal(allocations_bytes() - bytes, lbfgs_memory(counts[i], pairs));
            bytes = allocations_bytes();
            assert_true(adam_minimize(&problem, &options, vectors[0], &result, &err));
            assert_int_equal(allocations_bytes() - bytes, adam_memory(counts[i]));
            bytes = allocations_bytes();
            assert_true(gradient_descent_minimize(&problem, &options, vectors[0], &result, &err));
            assert_int_equal(allocations_bytes() - bytes, gradient_descent_memory(counts[i]));
        }
    }
    assert_true(lbfgs_memory(SIZE_MAX / 2, 10) == SIZE_MAX);
    /* Ten pairs of 1024x1024 pixels are 63 MB, and four vectors are all that comes on top. */
    assert_in_range(lbfgs_memory(3 << 20, 10), 10 * 2 * (3u << 20) + 4 * 4 * (3u << 20),
                    10 * 2 * (3u << 20) + 4 * 4 * (3u << 20) + (16u << 20));
}

static void test_memory_of_the_preconditioner(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {16, 300}, {2000, 3000}};
    const int before = cpu_set_threads(1);
    for (int threads = 1; threads <= 16; threads += 15) {
        cpu_set_threads(threads);
        for (int i = 0; i < 3; i++) {
            preconditioner s;
            error err;
            const size_t bytes = allocations_bytes();
            assert_true(preconditioner_init(&s, 3, sizes[i][0], sizes[i][1], kernels_best(), &err));
            assert_int_equal(allocations_bytes() - bytes,
                             preconditioner_memory(3, sizes[i][0], sizes[i][1]));
            preconditioner_clear(&s);
        }
    }
    cpu_set_threads(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops),
        cmocka_unit_test(test_any_threads),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_of_the_preconditioner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
