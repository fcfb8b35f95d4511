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

/* Relative; fp32 against double, over ten steps that carry their errors on. */
#define TOTALS 1e-5

static void check_steps(const golden *source, const char *method, optimizer_minimize *minimize) {
    trace self = {.count = 0};
    error err;
    optimizer_result result;
    const json_t *expected = json_object_get(source->root, method);
    engine_open(&self.engine, source, kernels_best());
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
                      TOTALS);
    engine_close(&self.engine);
}

static void test_golden_steps(void **state) {
    (void)state;
    static const char *const names[] = {"small16-max-gatys", "small16-average-mean",
                                        "small19-max-mean",  "small19-average-gatys",
                                        "bundled-max-mean",  "bundled-average-gatys"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        golden source;
        golden_open(&source, names[i]);
        check_steps(&source, "gradient_descent", gradient_descent_minimize);
        check_steps(&source, "adam", adam_minimize);
        golden_close(&source);
    }
}

/* ---- functions with a known minimum ---- */

#define COUNT 64

/* What is made of an evaluation that is to fail. */
typedef enum failure { FAIL_NAN, FAIL_INFINITE, FAIL_GRADIENT, FAILURES } failure;

typedef struct toy {
    double (*function)(const float *x, float *gradient);
    double (*precondition)(void *user, const float *v, float *out);
    float start;
    int poison; /* evaluation that fails; 0 = none */
    failure failure;
    float wall;    /* beyond which in x[3] everything fails; 0 = nowhere */
    int stop;      /* iteration at which progress stops; 0 = never */
    bool may_rise; /* Adam's cost may */
    /* What is seen. */
    int evaluations, iterations;
    double best, last, previous;
} toy;

static double broken(failure how, double value, float *gradient) {
    gradient[COUNT / 2] = how == FAIL_INFINITE ? INFINITY : NAN;
    return how == FAIL_NAN ? NAN : how == FAIL_INFINITE ? INFINITY : value - 1;
}

static double toy_evaluate(void *user, const float *x, float *gradient) {
    toy *self = user;
    for (int i = 0; i < COUNT; i++)
        assert_true(x[i] >= 0 && x[i] <= 1);
    self->last = self->function(x, gradient);
    if (++self->evaluations == self->poison || (self->wall > 0 && x[3] > self->wall))
        return broken(self->failure, self->last, gradient);
    if (self->last < self->best)
        self->best = self->last;
    return self->last;
}

static int toy_progress(void *user, int iteration, int evaluations) {
    toy *self = user;
    assert_int_equal(iteration, self->iterations++);
    assert_int_equal(evaluations, self->evaluations);
    assert_true(evaluations != self->poison);
    assert_true(self->may_rise || iteration == 0 || self->last <= self->previous);
    self->previous = self->last;
    return self->stop && iteration == self->stop;
}

static toy run_toy(toy self, optimizer_minimize *minimize, optimizer_options options,
                   float x[COUNT], optimizer_result *result) {
    error err;
    const optimizer_problem problem = {.count = COUNT,
                                       .evaluate = toy_evaluate,
                                       .progress = toy_progress,
                                       .precondition = self.precondition,
                                       .user = &self};
    self.best = INFINITY;
    self.may_rise = minimize == adam_minimize;
    for (int i = 0; i < COUNT; i++)
        x[i] = self.start;
    if (!minimize(&problem, &options, x, result, &err))
        fail_msg("%s", err.text);
    float gradient[COUNT];
    assert_true(result->best == self.function(x, gradient)); /* x is what it says */
    assert_true(result->best <= self.best);                  /* and nothing better was met */
    assert_true(result->best_iteration <= result->iterations);
    assert_int_equal(result->evaluations, self.evaluations);
    assert_int_equal(result->iterations, self.iterations - 1);
    return self;
}

/* sum of w_i (x_i - t_i)^2 with targets on both sides of the box, coupled by its neighbours. */
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

/* The one solution of it in the box, variable by variable. */
static void solve_coupled(float x[COUNT]) {
    double v[COUNT] = {0};
    for (int i = 0; i < 400 * COUNT; i++) {
        const int k = i % COUNT;
        const double w = 1 + k % 7, beside = v[(k + 1) % COUNT] + v[(k + COUNT - 1) % COUNT];
        v[k] = fmin(fmax((w * (double)target(k) + 2 * beside) / (w + 4), 0), 1);
    }
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)v[i];
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

/* Nearness to the solution: of the variables, and of the value relative to it. */
static void expect_solution(const char *what, const float *x, double off, double value_off) {
    float solution[COUNT], gradient[COUNT];
    solve_coupled(solution);
    const double best = coupled(solution, gradient), value = coupled(x, gradient);
    int held = 0;
    for (int i = 0; i < COUNT; i++) {
        golden_expect_near(what, (double)x[i], (double)solution[i], off);
        held += solution[i] <= 0 || solution[i] >= 1;
    }
    assert_in_range(held, COUNT / 5, COUNT / 2); /* or it would test little */
    golden_expect(what, value, best, value_off);
}

static void test_solution_on_the_bounds(void **state) {
    (void)state;
    static const struct {
        const char *name;
        optimizer_minimize *minimize;
        optimizer_options options;
        double (*precondition)(void *user, const float *v, float *out);
        double off, value_off;
    } cases[] = {
        {"lbfgs", lbfgs_minimize, {.iterations = 60, .history = 10}, NULL, 1e-4, 1e-9},
        {"history 1", lbfgs_minimize, {.iterations = 120, .history = 1}, NULL, 1e-3, 1e-6},
        {"preconditioned", lbfgs_minimize, {.iterations = 60, .history = 10}, smooth, 1e-4, 1e-9},
        {"first step", lbfgs_minimize, {60, 10, 0.5}, NULL, 1e-2, 1e-5},
        {"adam", adam_minimize, {.iterations = 400}, NULL, 1e-2, 1e-4},
        {"gd", gradient_descent_minimize, {.iterations = 400}, NULL, 1e-3, 1e-6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int start = 0; start <= 2; start++) { /* corners of the box among them */
            float x[COUNT];
            optimizer_result result;
            run_toy((toy){.function = coupled,
                          .start = (float)start / 2,
                          .precondition = cases[i].precondition},
                    cases[i].minimize, cases[i].options, x, &result);
            expect_solution(cases[i].name, x, cases[i].off, cases[i].value_off);
        }
    }
}

static void test_convergence_is_noticed(void **state) {
    (void)state;
    float x[COUNT];
    optimizer_result result;
    run_toy((toy){.function = coupled, .start = 0.5f}, lbfgs_minimize,
            (optimizer_options){.iterations = 100000, .history = 10}, x, &result);
    assert_int_equal(result.stop, OPTIMIZER_CONVERGED);
    assert_true(result.evaluations < 2000);
    expect_solution("converged", x, 1e-5, 1e-12);
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
        run_toy((toy){.function = flat, .start = 0.5f}, methods[m],
                (optimizer_options){.iterations = 5, .history = 3}, x, &result);
        assert_true(result.best == 7);
        assert_true(result.stop != OPTIMIZER_PROGRESS);
        assert_true(methods[m] != lbfgs_minimize || result.stop == OPTIMIZER_CONVERGED);
        for (int i = 0; i < COUNT; i++)
            assert_true(x[i] == 0.5f);
    }
}

/* ---- what is not finite ---- */

/* One evaluation fails: it is backed off from, wherever it strikes. */
static void test_not_finite(void **state) {
    (void)state;
    float gradient[COUNT], x[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    const double start = coupled(x, gradient);
    solve_coupled(x);
    const double least = coupled(x, gradient);
    for (int i = 0; i < METHODS * 10 * FAILURES; i++) {
        const int m = i % METHODS, poison = 2 + i / METHODS % 10;
        optimizer_result result;
        run_toy((toy){.function = coupled,
                      .start = 0.5f,
                      .poison = poison,
                      .failure = (failure)(i / METHODS / 10)},
                methods[m], (optimizer_options){.iterations = 30, .history = 5}, x, &result);
        assert_true(result.iterations == 30 || result.stop == OPTIMIZER_CONVERGED);
        const double enough = methods[m] == lbfgs_minimize ? 1.01 * least : 0.8 * start;
        if (!(result.best < enough))
            fail_msg("method %d: %g, evaluation %d failed", m, result.best, poison);
    }
}

/* Everything beyond a wall fails, and the way down leads there. */
static void test_wall(void **state) {
    (void)state;
    for (int i = 0; i < METHODS * FAILURES; i++) {
        float x[COUNT];
        optimizer_result result;
        float gradient[COUNT];
        run_toy((toy){.function = coupled,
                      .start = 0.5f,
                      .wall = 0.6f,
                      .failure = (failure)(i / METHODS)},
                methods[i % METHODS], (optimizer_options){.iterations = 60, .history = 5}, x,
                &result);
        assert_true(x[3] <= 0.6f);
        for (int k = 0; k < COUNT; k++)
            x[k] = 0.5f;
        assert_true(result.best < 0.95 * coupled(x, gradient));
    }
}

static void test_not_finite_at_the_start(void **state) {
    (void)state;
    const optimizer_options options = {.iterations = 3, .history = 2};
    for (int i = 0; i < METHODS * FAILURES; i++) {
        toy self = {.function = coupled, .poison = 1, .failure = (failure)(i / METHODS)};
        const optimizer_problem problem = {
            .count = COUNT, .evaluate = toy_evaluate, .progress = toy_progress, .user = &self};
        float x[COUNT] = {0.25f, 0.75f};
        optimizer_result result;
        error err = {0};
        assert_false(methods[i % METHODS](&problem, &options, x, &result, &err));
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_non_null(strstr(err.text, "not finite"));
        assert_int_equal(self.iterations, 0);
        assert_true(x[0] == 0.25f && x[1] == 0.75f); /* the start is not lost */
    }
}

static void test_stop_and_none(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        float x[COUNT];
        optimizer_result result;
        run_toy((toy){.function = coupled, .start = 0.5f, .stop = 4}, methods[m],
                (optimizer_options){.iterations = 30, .history = 5}, x, &result);
        assert_int_equal(result.stop, OPTIMIZER_PROGRESS);
        assert_int_equal(result.iterations, 4);
        const toy none = run_toy((toy){.function = coupled, .start = 0.5f}, methods[m],
                                 (optimizer_options){.history = 5}, x, &result);
        assert_int_equal(result.stop, OPTIMIZER_ITERATIONS);
        assert_int_equal(none.evaluations, 1);
        assert_true(x[0] == 0.5f);
    }
}

/* ---- the first move ---- */

typedef struct mover {
    int evaluations;
    double rms; /* of the second point from the first */
} mover;

static double mover_evaluate(void *user, const float *x, float *gradient) {
    mover *self = user;
    double squares = 0;
    for (int i = 0; i < COUNT; i++)
        squares += ((double)x[i] - 0.5) * ((double)x[i] - 0.5);
    if (++self->evaluations == 2)
        self->rms = sqrt(squares / COUNT);
    return coupled(x, gradient);
}

/* With the methods' own rates and with one that is given. */
static void test_first_move(void **state) {
    (void)state;
    float x[COUNT], gradient[COUNT];
    double squares = 0, moving = 0;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    coupled(x, gradient);
    for (int i = 0; i < COUNT; i++) {
        squares += (double)gradient[i] * (double)gradient[i];
        moving += gradient[i] < 0 || gradient[i] > 0;
    }
    const struct {
        optimizer_minimize *minimize;
        double rate, move;
    } cases[] = {
        {lbfgs_minimize, 0, 2.0 / 255},
        {lbfgs_minimize, 0.25, 0.25 * 2.0 / 255},
        {adam_minimize, 0, 0.02 * sqrt(moving / COUNT)},
        {adam_minimize, 0.005, 0.005 * sqrt(moving / COUNT)},
        {gradient_descent_minimize, 0, 2.0 / 255},
        {gradient_descent_minimize, 1e-3, 1e-3 * sqrt(squares / COUNT)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mover self = {0};
        const optimizer_problem problem = {
            .count = COUNT, .evaluate = mover_evaluate, .user = &self};
        const optimizer_options options = {
            .iterations = 1, .history = 3, .learning_rate = cases[i].rate};
        optimizer_result result;
        error err;
        for (int k = 0; k < COUNT; k++)
            x[k] = 0.5f;
        assert_true(cases[i].minimize(&problem, &options, x, &result, &err));
        golden_expect("first move", self.rms, cases[i].move, 1e-4);
    }
}

/* ---- rates ---- */

static double descending(const float *x, float *gradient) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        sum += 0.01 * (double)x[i];
        gradient[i] = 0.01f;
    }
    return sum;
}

/* A rate that is given stays; gradient descent's own grows by a quarter after ten successes. */
static void test_rate_of_gradient_descent(void **state) {
    (void)state;
    float x[COUNT];
    optimizer_result result;
    const toy self = {.function = descending, .start = 0.5f};
    run_toy(self, gradient_descent_minimize, (optimizer_options){25, 1, 0.1}, x, &result);
    golden_expect_near("given", (double)x[7], 0.5 - 25 * 0.1 * 0.01, 1e-5);
    run_toy(self, gradient_descent_minimize, (optimizer_options){25, 1, 0}, x, &result);
    golden_expect_near("own", (double)x[7], 0.5 - 2.0 / 255 * (10 + 10 * 1.25 + 5 * 1.25 * 1.25),
                       1e-5);
}

typedef struct turning {
    int evaluations;
    double x[7]; /* of every evaluation from 1 on: all variables move alike */
} turning;

/* Downhill twice, then the other way; the fourth evaluation fails. */
static double turning_evaluate(void *user, const float *x, float *gradient) {
    turning *self = user;
    self->x[++self->evaluations] = (double)x[0];
    for (int i = 0; i < COUNT; i++)
        gradient[i] = self->evaluations < 3 ? 1 : -1;
    return self->evaluations == 4 ? NAN : 1;
}

/* After a failure Adam knows no former gradient: a whole step of half the rate, the new way. */
static void test_adam_starts_over(void **state) {
    (void)state;
    turning self = {0};
    const optimizer_problem problem = {.count = COUNT, .evaluate = turning_evaluate, .user = &self};
    const optimizer_options options = {.iterations = 3, .learning_rate = 0.01};
    float x[COUNT];
    optimizer_result result;
    error err;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(adam_minimize(&problem, &options, x, &result, &err));
    assert_int_equal(self.evaluations, 5);
    golden_expect_near("second", self.x[2], 0.49, 1e-6);
    golden_expect_near("third", self.x[3], 0.48, 1e-6);
    golden_expect_near("after the failure", self.x[5], 0.485, 1e-6);
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_steps),
        cmocka_unit_test(test_solution_on_the_bounds),
        cmocka_unit_test(test_convergence_is_noticed),
        cmocka_unit_test(test_zero_gradient),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_wall),
        cmocka_unit_test(test_not_finite_at_the_start),
        cmocka_unit_test(test_stop_and_none),
        cmocka_unit_test(test_first_move),
        cmocka_unit_test(test_rate_of_gradient_descent),
        cmocka_unit_test(test_adam_starts_over),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
