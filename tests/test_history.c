/* SPDX-License-Identifier: MIT
 *
 * The memory of L-BFGS against the two loops in double over the same rounded pairs: lengths round
 * the bounds of groups and pieces, held variables, a preconditioner, more steps than pairs. The
 * same bits for any number of threads, and as little memory as 8 bits promise.
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

#include "core/cpu.h"
#include "optimize/history.h"
#include "optimizing.h"
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
static void move(const float *x, float *new_x, float *new_g) {
    for (size_t i = 0; i < length; i++)
        new_x[i] = i % 13 < 12 ? fminf(fmaxf(x[i] + noise(1), 0), 1) : x[i];
    evaluate(NULL, new_x, new_g);
}

static void walk(void *part, layout *to) {
    history_layout(part, to);
}

static void learn(history *pairs, bool with_metric, const float *new_x, const float *new_g,
                  float *x, float *g) {
    history_learn(pairs, (vector_range){0, length}, x, g, new_x, new_g);
    const double curvature = history_learnt(pairs);
    assert_true(curvature > 0);
    double yy = 0;
    for (size_t i = 0; !with_metric && i < length; i++)
        yy += (double)g[i] * (double)g[i];
    pairs->scale = curvature / (with_metric ? smooth(NULL, g, NULL) : yy);
}

static void apply(history *pairs, bool with_metric, float *q, float *start) {
    const vector_range all = {0, length};
    history_first_loop(pairs);
    history_combine(pairs, all, q);
    if (with_metric)
        smooth(NULL, q, start);
    else
        memcpy(start, q, length * sizeof *q);
    history_multiply(pairs, all, start);
    history_second_loop(pairs);
}

static void check_against_loops(size_t count, int capacity, bool with_metric) {
    static reference r;
    static double q[CHECKED];
    static float old_x[CHECKED], old_g[CHECKED];
    float *x = vectors[0], *g = vectors[1], *new_x = vectors[2], *new_g = vectors[3];
    float *start = vectors[4], *out = vectors[5];
    history pairs;
    layout memory;
    error err;
    size_t held_count = 0;
    length = count;
    r = (reference){.capacity = capacity};
    history_prepare(&pairs, capacity, count, kernels_best());
    assert_true(layout_make(&memory, walk, &pairs, &err));
    for (size_t i = 0; i < count; i++)
        x[i] = 0.5f;
    evaluate(NULL, x, g);
    for (int step = 0; step < 2 * capacity + 2; step++) {
        move(x, new_x, new_g);
        memcpy(old_x, x, count * sizeof *x);
        memcpy(old_g, g, count * sizeof *g);
        learn(&pairs, with_metric, new_x, new_g, x, g);
        reference_learn(&r, &pairs, old_x, old_g, new_x, new_g);
        assert_int_equal(pairs.size, r.size);
        for (size_t i = 0; i < count; i++) {
            q[i] = held(new_x[i], new_g[i]) ? 0 : (double)new_g[i];
            held_count += held(new_x[i], new_g[i]);
            assert_true((double)x[i] == q[i] && (double)g[i] == r.y[r.size - 1][i]);
        }
        reference_apply(&r, count, with_metric, q);
        apply(&pairs, with_metric, x, start);
        history_step(&pairs, (vector_range){0, count}, new_x, new_g, start, 0.5, out);
        const history_slopes to = history_find_slopes(&pairs);
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
    layout_free(&memory);
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

static void walk_preconditioner(void *part, layout *to) {
    preconditioner_layout(part, to);
}

static optimizing minimise(int height, int width, float *x) {
    preconditioner s;
    layout memory;
    error err;
    preconditioner_prepare(&s, 3, height, width, kernels_best());
    assert_true(layout_make(&memory, walk_preconditioner, &s, &err));
    length = 3 * (size_t)height * (size_t)width;
    optimizing run = {
        .problem = {.count = length, .evaluate = evaluate, .precondition = blur, .user = &s},
        .options = {.kind = OPTIMIZER_LBFGS, .history = 5},
        .iterations = 12};
    for (size_t i = 0; i < length; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    layout_free(&memory);
    return run;
}

static void test_any_threads(void **state) {
    (void)state;
    static const int threads[] = {1, 2, 16};
    const int before = cpu_set_threads(1);
    const size_t bytes = 3 * 211 * 307 * sizeof(float);
    optimizing expected = {0};
    for (int i = 0; i < 3; i++) {
        cpu_set_threads(threads[i]);
        const optimizing run = minimise(211, 307, vectors[i]);
        assert_int_equal(run.done, 12);
        if (i == 0)
            expected = run;
        assert_true(run.best == expected.best && run.evaluations == expected.evaluations);
        assert_memory_equal(vectors[i], vectors[0], bytes);
    }
    cpu_set_threads(before);
}

static size_t bytes_for(size_t count, optimizer_kind kind) {
    const optimizer_problem problem = {.count = count};
    const optimizer_options options = {.kind = kind, .history = 10};
    layout measured = layout_measure();
    optimizer run;
    optimizer_prepare(&run, &problem, &options);
    optimizer_layout(&run, &measured);
    return layout_bytes(&measured);
}

static void test_memory(void **state) {
    (void)state;
    assert_true(bytes_for(SIZE_MAX / 2, OPTIMIZER_LBFGS) == SIZE_MAX);
    /* Ten pairs of 1024x1024 pixels are 63 MB, and five vectors are all that comes on top. */
    const size_t count = 3 << 20, small = 1 << 20;
    assert_in_range(bytes_for(count, OPTIMIZER_LBFGS), 10 * 2 * count + 5 * 4 * count,
                    10 * 2 * count + 5 * 4 * count + small);
    assert_in_range(bytes_for(count, OPTIMIZER_ADAM), 7 * 4 * count, 7 * 4 * count + small);
    assert_in_range(bytes_for(count, OPTIMIZER_GD), 4 * 4 * count, 4 * 4 * count + small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops),
        cmocka_unit_test(test_any_threads),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
