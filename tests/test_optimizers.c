/* SPDX-License-Identifier: MIT
 *
 * The optimisers: the steps of PyTorch's gradient descent and Adam, and what all methods promise on
 * functions whose minimum is known: the box, the best iterate, no step to what is not finite.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "engine.h"
#include "optimize/optimizer.h"
#include "optimize/vector.h"

static optimizer_minimize *const methods[] = {lbfgs_minimize, adam_minimize,
                                              gradient_descent_minimize};
#define METHODS (int)(sizeof methods / sizeof *methods)

/* ---- steps of PyTorch ---- */

typedef struct trace {
    engine engine;
    double last;
    double totals[11];
    int count;
} trace;

static double trace_evaluate(void *user, const float *x, float *gradient) {
    trace *self = user;
    self->last = objective_eval(self->engine.objective, x, gradient);
    return self->last;
}

static int trace_progress(void *user, int iteration, int evaluations) {
    trace *self = user;
    assert_int_equal(iteration, self->count);
    assert_int_equal(evaluations, iteration + 1); /* no step is taken back */
    self->totals[self->count++] = self->last;
    return 0;
}

static void check_steps(const char *name, const char *method, optimizer_minimize *minimize) {
    golden source;
    trace self = {.count = 0};
    error err;
    optimizer_result result;
    golden_open(&source, name);
    const json_t *expected = json_object_get(source.root, method);
    engine_open(&self.engine, &source, kernels_best());
    const optimizer_problem problem = {
        .count = 3 * (size_t)self.engine.height * (size_t)self.engine.width,
        .evaluate = trace_evaluate,
        .progress = trace_progress,
        .user = &self,
    };
    const optimizer_options options = {.iterations = 10,
                                       .learning_rate = golden_number(expected, "rate")};
    assert_true(minimize(&problem, &options, self.engine.generated, &result, &err));
    assert_int_equal(self.count, 11);
    for (size_t i = 0; i < 11; i++)
        golden_expect(method, self.totals[i],
                      json_number_value(json_array_get(json_object_get(expected, "totals"), i)),
                      2e-3);
    engine_close(&self.engine);
    golden_close(&source);
}

static void test_golden_steps(void **state) {
    (void)state;
    static const char *const names[] = {"small16-max-gatys", "small16-average-mean",
                                        "small19-max-mean",  "small19-average-gatys",
                                        "bundled-max-mean",  "bundled-average-gatys"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        check_steps(names[i], "gradient_descent", gradient_descent_minimize);
        check_steps(names[i], "adam", adam_minimize);
    }
}

/* ---- functions with a known minimum ---- */

#define COUNT 64

typedef struct toy {
    double (*function)(const float *x, float *gradient);
    int evaluations, iterations;
    int poison; /* evaluation that is made not finite; 0 = none */
    int stop;   /* iteration at which progress stops; 0 = never */
    double best;
    double last;
} toy;

static double toy_evaluate(void *user, const float *x, float *gradient) {
    toy *self = user;
    for (int i = 0; i < COUNT; i++)
        assert_true(x[i] >= 0 && x[i] <= 1);
    double value = self->function(x, gradient);
    if (++self->evaluations == self->poison) {
        value = NAN;
        gradient[0] = NAN;
    } else if (value < self->best) {
        self->best = value;
    }
    self->last = value;
    return value;
}

static int toy_progress(void *user, int iteration, int evaluations) {
    toy *self = user;
    assert_int_equal(iteration, self->iterations++);
    assert_int_equal(evaluations, self->evaluations);
    assert_true(isfinite(self->last));
    return self->stop && iteration == self->stop;
}

static toy run_toy(double (*function)(const float *, float *), optimizer_minimize *minimize,
                   optimizer_options options, float x[COUNT], optimizer_result *result, int poison,
                   int stop) {
    toy self = {.function = function, .poison = poison, .stop = stop, .best = INFINITY};
    error err;
    const optimizer_problem problem = {
        .count = COUNT, .evaluate = toy_evaluate, .progress = toy_progress, .user = &self};
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(minimize(&problem, &options, x, result, &err));
    float gradient[COUNT];
    assert_true(result->best == function(x, gradient)); /* x is what it says */
    assert_true(result->best <= self.best);             /* and nothing better was met */
    assert_int_equal(result->evaluations, self.evaluations);
    return self;
}

/* sum of i (x_i - t_i)^2 with targets on both sides of the box, coupled by its neighbours. */
static float target(int i) {
    return (float)(i % 5) * 0.5f - 0.5f; /* -0.5 .. 1.5 */
}

static double coupled(const float *x, float *gradient) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++)
        gradient[i] = 0;
    for (int i = 0; i < COUNT; i++) {
        const double d = (double)x[i] - (double)target(i), w = 1 + i % 7;
        const double e = (double)x[i] - (double)x[(i + 1) % COUNT];
        sum += w * d * d + 2 * e * e;
        gradient[i] += (float)(2 * w * d + 4 * e);
        gradient[(i + 1) % COUNT] -= (float)(4 * e);
    }
    return sum;
}

#define START 125.5    /* its value where the tests start */
#define SOLUTION 55.84 /* and its least one */

/* In pairs; the valley leads to 1, the corner of the box. */
static double rosenbrock(const float *x, float *gradient) {
    double sum = 0;
    for (int i = 0; i < COUNT; i += 2) {
        const double a = 1 - (double)x[i], b = (double)x[i + 1] - (double)x[i] * (double)x[i];
        sum += a * a + 100 * b * b;
        gradient[i] = (float)(-2 * a - 400 * (double)x[i] * b);
        gradient[i + 1] = (float)(200 * b);
    }
    return sum;
}

/* At a solution the gradient is zero but for what pushes against a bound. */
static double residual(double (*function)(const float *, float *), const float *x) {
    float gradient[COUNT];
    double worst = 0;
    function(x, gradient);
    for (int i = 0; i < COUNT; i++) {
        const bool held = (x[i] <= 0 && gradient[i] > 0) || (x[i] >= 1 && gradient[i] < 0);
        if (!held && fabs((double)gradient[i]) > worst)
            worst = fabs((double)gradient[i]);
    }
    return worst;
}

static void test_solution_on_the_bounds(void **state) {
    (void)state;
    static const double residuals[] = {1e-3, 0.5, 1e-2};
    for (int m = 0; m < METHODS; m++) {
        float x[COUNT];
        optimizer_result result;
        int on_bounds = 0;
        run_toy(coupled, methods[m], (optimizer_options){.iterations = 400, .history = 10}, x,
                &result, 0, 0);
        for (int i = 0; i < COUNT; i++)
            on_bounds += x[i] <= 0 || x[i] >= 1;
        if (on_bounds < COUNT / 5 || on_bounds > COUNT / 2)
            fail_msg("method %d: %d on bounds", m, on_bounds);
        if (residual(coupled, x) > residuals[m])
            fail_msg("method %d: residual %g", m, residual(coupled, x));
    }
}

static void test_lbfgs_is_quick(void **state) {
    (void)state;
    float x[COUNT];
    optimizer_result result;
    run_toy(rosenbrock, lbfgs_minimize, (optimizer_options){.iterations = 100, .history = 10}, x,
            &result, 0, 0);
    if (!(result.best < 1e-8) || result.evaluations > 120)
        fail_msg("rosenbrock: %g after %d evaluations", result.best, result.evaluations);
    run_toy(coupled, lbfgs_minimize, (optimizer_options){.iterations = 40, .history = 1}, x,
            &result, 0, 0);
    assert_true(residual(coupled, x) < 1e-1); /* one pair is enough for a direction */
}

static void test_convergence_is_noticed(void **state) {
    (void)state;
    float x[COUNT];
    optimizer_result result;
    run_toy(coupled, lbfgs_minimize, (optimizer_options){.iterations = 100000, .history = 10}, x,
            &result, 0, 0);
    assert_int_equal(result.stop, OPTIMIZER_CONVERGED);
    assert_true(result.evaluations < 2000);
}

static double flat(const float *x, float *gradient) {
    (void)x;
    memset(gradient, 0, COUNT * sizeof *gradient);
    return 7;
}

static void test_zero_gradient(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        float x[COUNT];
        optimizer_result result;
        run_toy(flat, methods[m], (optimizer_options){.iterations = 5, .history = 3}, x, &result, 0,
                0);
        assert_true(result.best == 7);
        for (int i = 0; i < COUNT; i++)
            assert_true(x[i] == 0.5f);
    }
}

/* A value that is not finite is backed off from, wherever it strikes. */
static void test_not_finite(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        for (int poison = 2; poison < 12; poison++) {
            float x[COUNT];
            optimizer_result result;
            run_toy(coupled, methods[m], (optimizer_options){.iterations = 30, .history = 5}, x,
                    &result, poison, 0);
            assert_true(result.iterations == 30 || result.stop == OPTIMIZER_CONVERGED);
            const double enough = methods[m] == lbfgs_minimize ? 1.01 * SOLUTION : 0.8 * START;
            if (!(result.best < enough))
                fail_msg("method %d: %g with evaluation %d not finite", m, result.best, poison);
        }
    }
}

static double always_nan(const float *x, float *gradient) {
    (void)x;
    memset(gradient, 0, COUNT * sizeof *gradient);
    return NAN;
}

static double nan_evaluate(void *user, const float *x, float *gradient) {
    (void)user;
    return always_nan(x, gradient);
}

static void test_not_finite_at_the_start(void **state) {
    (void)state;
    const optimizer_problem problem = {.count = COUNT, .evaluate = nan_evaluate};
    const optimizer_options options = {.iterations = 3, .history = 2};
    for (int m = 0; m < METHODS; m++) {
        float x[COUNT] = {0};
        optimizer_result result;
        error err = {0};
        assert_false(methods[m](&problem, &options, x, &result, &err));
        assert_int_equal(err.code, ERROR_FAILURE);
    }
}

static void test_stop_and_none(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        float x[COUNT];
        optimizer_result result;
        run_toy(coupled, methods[m], (optimizer_options){.iterations = 30, .history = 5}, x,
                &result, 0, 4);
        assert_int_equal(result.stop, OPTIMIZER_PROGRESS);
        assert_int_equal(result.iterations, 4);
        const toy none =
            run_toy(coupled, methods[m], (optimizer_options){.history = 5}, x, &result, 0, 0);
        assert_int_equal(result.stop, OPTIMIZER_ITERATIONS);
        assert_int_equal(none.evaluations, 1);
        assert_int_equal(none.iterations, 1);
        assert_true(x[0] == 0.5f);
    }
}

/* ---- gradient descent's own rate ---- */

static double first_move;

static int measure_first_move(void *user, int iteration, int evaluations) {
    (void)user;
    (void)evaluations;
    return iteration == 1;
}

static double plain_evaluate(void *user, const float *x, float *gradient) {
    double squares = 0;
    (void)user;
    for (int i = 0; i < COUNT; i++)
        squares += ((double)x[i] - 0.5) * ((double)x[i] - 0.5);
    if (squares > 0 && first_move <= 0)
        first_move = sqrt(squares / COUNT);
    return coupled(x, gradient);
}

static void test_first_move(void **state) {
    (void)state;
    const optimizer_problem problem = {
        .count = COUNT, .evaluate = plain_evaluate, .progress = measure_first_move};
    const optimizer_options options = {.iterations = 3};
    float x[COUNT];
    optimizer_result result;
    error err;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    first_move = 0;
    assert_true(gradient_descent_minimize(&problem, &options, x, &result, &err));
    golden_expect("first move", first_move, 2.0 / 255, 1e-3);
}

/* ---- the preconditioner hook ---- */

/* The inverse of the curvatures of `scaled`. */
static void scale_back(void *user, float *v) {
    (void)user;
    for (int i = 0; i < COUNT; i++)
        v[i] /= (float)(1 << i % 14);
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
static void test_preconditioner(void **state) {
    (void)state;
    double best[2];
    for (int with = 0; with < 2; with++) {
        int evaluations = 0;
        const optimizer_problem problem = {.count = COUNT,
                                           .evaluate = scaled_evaluate,
                                           .precondition = with ? scale_back : NULL,
                                           .user = &evaluations};
        const optimizer_options options = {.iterations = 6, .history = 5};
        float x[COUNT] = {0};
        optimizer_result result;
        error err;
        assert_true(lbfgs_minimize(&problem, &options, x, &result, &err));
        best[with] = result.best;
    }
    assert_true(best[1] < 1e-6 && best[0] > 1);
}

/* ---- vectors ---- */

static void test_vectors_for_any_threads(void **state) {
    (void)state;
    enum { N = 100003 };
    float *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b), *c = malloc(N * sizeof *c);
    double expected[2] = {0, 0}, naive = 0;
    assert_true(a && b && c);
    for (int i = 0; i < N; i++) {
        a[i] = sinf((float)i);
        b[i] = cosf((float)(3 * i));
        naive += (double)a[i] * (double)b[i];
    }
    const int before = cpu_set_threads(0);
    for (int threads = 1; threads <= 3; threads++) {
        cpu_set_threads(threads);
        memcpy(c, b, N * sizeof *c);
        const double values[2] = {vector_dot(a, b, N), vector_add_dot(c, 0.25, a, b, N)};
        if (threads == 1)
            memcpy(expected, values, sizeof values);
        assert_memory_equal(values, expected, sizeof values);
        golden_expect_near("dot", values[0], naive, 1e-4);
    }
    cpu_set_threads(before);
    free(a);
    free(b);
    free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_steps),
        cmocka_unit_test(test_solution_on_the_bounds),
        cmocka_unit_test(test_lbfgs_is_quick),
        cmocka_unit_test(test_convergence_is_noticed),
        cmocka_unit_test(test_zero_gradient),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_not_finite_at_the_start),
        cmocka_unit_test(test_stop_and_none),
        cmocka_unit_test(test_first_move),
        cmocka_unit_test(test_preconditioner),
        cmocka_unit_test(test_vectors_for_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
