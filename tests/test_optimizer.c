/* SPDX-License-Identifier: MIT
 *
 * What all methods promise on functions whose minimum is known: the box, the best iterate, no step
 * to what is not finite.
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
#include "golden.h"
#include "optimizing.h"

enum { COUNT = OPTIMIZING_COUNT, METHODS = 3 };

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
    double rise;   /* share of the cost that steps may end up above the lowest */
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

/* The lowest value seen, and what the steps' values may be above it. */
static double allowed(const toy *self) {
    return self->best + self->rise * fabs(self->best);
}

static int toy_progress(void *user, int iteration, int evaluations) {
    toy *self = user;
    assert_int_equal(iteration, self->iterations++);
    assert_int_equal(evaluations, self->evaluations);
    assert_true(evaluations != self->poison);
    assert_true(self->may_rise || iteration == 0 ||
                self->last <= (self->rise > 0 ? allowed(self) : self->previous));
    self->previous = self->last;
    return self->stop && iteration == self->stop;
}

static toy run_toy(toy self, optimizer_options options, int iterations, float x[COUNT],
                   optimizing *run) {
    error err;
    *run = (optimizing){.problem = {.count = COUNT,
                                    .evaluate = toy_evaluate,
                                    .precondition = self.precondition,
                                    .user = &self},
                        .options = options,
                        .iterations = iterations,
                        .progress = toy_progress};
    self.best = INFINITY;
    self.may_rise = options.kind == OPTIMIZER_ADAM;
    for (int i = 0; i < COUNT; i++)
        x[i] = self.start;
    if (!optimizing_run(run, x, &err))
        fail_msg("%s", err.text);
    float gradient[COUNT];
    assert_true(run->best == self.function(x, gradient)); /* x is what it says */
    assert_true(run->best <= allowed(&self));             /* and nothing better was met */
    assert_true(run->best_iteration <= run->done);
    assert_int_equal(run->evaluations, self.evaluations);
    assert_int_equal(run->done, self.iterations - 1);
    return self;
}

/* Nearness to the solution: of the variables, and of the value relative to it. */
static void expect_solution(const char *what, const float *x, double off, double value_off) {
    float solution[COUNT], gradient[COUNT];
    optimizing_solve(solution);
    const double best = optimizing_coupled(solution, gradient);
    const double value = optimizing_coupled(x, gradient);
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
        optimizer_options options;
        int iterations;
        double (*precondition)(void *user, const float *v, float *out);
        double off, value_off;
    } cases[] = {
        {"lbfgs", {.kind = OPTIMIZER_LBFGS, .history = 10}, 60, NULL, 1e-4, 1e-9},
        {"history 1", {.kind = OPTIMIZER_LBFGS, .history = 1}, 120, NULL, 1e-3, 1e-6},
        {"preconditioned",
         {.kind = OPTIMIZER_LBFGS, .history = 10},
         60,
         optimizing_smooth,
         1e-4,
         1e-9},
        {"first step",
         {.kind = OPTIMIZER_LBFGS, .history = 10, .learning_rate = 0.5},
         60,
         NULL,
         1e-2,
         1e-5},
        {"adam", {.kind = OPTIMIZER_ADAM}, 400, NULL, 1e-2, 1e-4},
        {"gd", {.kind = OPTIMIZER_GD}, 400, NULL, 1e-3, 1e-6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int start = 0; start <= 2; start++) { /* corners of the box among them */
            float x[COUNT];
            optimizing run;
            run_toy((toy){.function = optimizing_coupled,
                          .start = (float)start / 2,
                          .precondition = cases[i].precondition},
                    cases[i].options, cases[i].iterations, x, &run);
            expect_solution(cases[i].name, x, cases[i].off, cases[i].value_off);
        }
    }
}

static void test_convergence_is_noticed(void **state) {
    (void)state;
    float x[COUNT];
    optimizing run;
    run_toy((toy){.function = optimizing_coupled, .start = 0.5f},
            (optimizer_options){.kind = OPTIMIZER_LBFGS, .history = 10}, 100000, x, &run);
    assert_int_equal(run.stop, OPTIMIZING_CONVERGED);
    assert_true(run.evaluations < 2000);
    expect_solution("converged", x, 1e-5, 1e-12);
}

/* The coupled function as if its values were known to a ten thousandth: each is raised by up to
 * that, anyhow but always the same for the same x. */
static double rough(const float *x, float *gradient) {
    const double value = optimizing_coupled(x, gradient);
    uint32_t bits = 1, word;
    for (int i = 0; i < COUNT; i++) {
        memcpy(&word, &x[i], sizeof word);
        bits = (bits ^ word) * 2654435761u;
        bits ^= bits >> 15;
    }
    return value + 1e-4 * fabs(value) * bits / UINT32_MAX;
}

/* Where values are rough steps go on that end up as low as can be told, no further above the lowest
 * than that, and lead to where going down alone does not. */
static void test_rough_values(void **state) {
    (void)state;
    double ends[2];
    for (int i = 0; i < 2; i++) {
        float x[COUNT], gradient[COUNT];
        optimizing run;
        run_toy((toy){.function = rough, .start = 0.5f, .rise = i ? 5e-4 : 0},
                (optimizer_options){.kind = OPTIMIZER_LBFGS, .history = 10, .noise = i ? 5e-4 : 0},
                200, x, &run);
        assert_int_equal(run.stop, i ? OPTIMIZING_ITERATIONS : OPTIMIZING_CONVERGED);
        ends[i] = optimizing_coupled(x, gradient);
    }
    assert_true(ends[1] < ends[0]);
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
        optimizing run;
        run_toy((toy){.function = flat, .start = 0.5f},
                (optimizer_options){.kind = (optimizer_kind)m, .history = 3}, 5, x, &run);
        assert_true(run.best == 7);
        assert_true(run.stop != OPTIMIZING_PROGRESS);
        assert_true(m != OPTIMIZER_LBFGS || run.stop == OPTIMIZING_CONVERGED);
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
    const double start = optimizing_coupled(x, gradient);
    optimizing_solve(x);
    const double least = optimizing_coupled(x, gradient);
    for (int i = 0; i < METHODS * 10 * FAILURES; i++) {
        const int m = i % METHODS, poison = 2 + i / METHODS % 10;
        optimizing run;
        run_toy((toy){.function = optimizing_coupled,
                      .start = 0.5f,
                      .poison = poison,
                      .failure = (failure)(i / METHODS / 10)},
                (optimizer_options){.kind = (optimizer_kind)m, .history = 5}, 30, x, &run);
        assert_true(run.done == 30 || run.stop == OPTIMIZING_CONVERGED);
        const double enough = m == OPTIMIZER_LBFGS ? 1.01 * least : 0.8 * start;
        if (!(run.best < enough))
            fail_msg("method %d: %g, evaluation %d failed", m, run.best, poison);
    }
}

/* Everything beyond a wall fails, and the way down leads there. */
static void test_wall(void **state) {
    (void)state;
    for (int i = 0; i < METHODS * FAILURES; i++) {
        float x[COUNT];
        optimizing run;
        float gradient[COUNT];
        run_toy((toy){.function = optimizing_coupled,
                      .start = 0.5f,
                      .wall = 0.6f,
                      .failure = (failure)(i / METHODS)},
                (optimizer_options){.kind = (optimizer_kind)(i % METHODS), .history = 5}, 60, x,
                &run);
        assert_true(x[3] <= 0.6f);
        for (int k = 0; k < COUNT; k++)
            x[k] = 0.5f;
        assert_true(run.best < 0.95 * optimizing_coupled(x, gradient));
    }
}

static void test_not_finite_at_the_start(void **state) {
    (void)state;
    for (int i = 0; i < METHODS * FAILURES; i++) {
        toy self = {.function = optimizing_coupled, .poison = 1, .failure = (failure)(i / METHODS)};
        optimizing run = {
            .problem = {.count = COUNT, .evaluate = toy_evaluate, .user = &self},
            .options = {.kind = (optimizer_kind)(i % METHODS), .history = 2},
            .iterations = 3,
            .progress = toy_progress,
        };
        float x[COUNT] = {0.25f, 0.75f};
        error err = {0};
        assert_false(optimizing_run(&run, x, &err));
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_non_null(strstr(err.text, "not finite"));
        assert_int_equal(self.iterations, 0);
        assert_true(x[0] == 0.25f && x[1] == 0.75f); /* the start is not lost */
    }
}

static void test_stop_and_none(void **state) {
    (void)state;
    for (int m = 0; m < METHODS; m++) {
        const optimizer_options options = {.kind = (optimizer_kind)m, .history = 5};
        float x[COUNT];
        optimizing run;
        run_toy((toy){.function = optimizing_coupled, .start = 0.5f, .stop = 4}, options, 30, x,
                &run);
        assert_int_equal(run.stop, OPTIMIZING_PROGRESS);
        assert_int_equal(run.done, 4);
        const toy none =
            run_toy((toy){.function = optimizing_coupled, .start = 0.5f}, options, 0, x, &run);
        assert_int_equal(run.stop, OPTIMIZING_ITERATIONS);
        assert_int_equal(none.evaluations, 1);
        assert_true(x[0] == 0.5f);
    }
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solution_on_the_bounds),
        cmocka_unit_test(test_convergence_is_noticed),
        cmocka_unit_test(test_rough_values),
        cmocka_unit_test(test_zero_gradient),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_wall),
        cmocka_unit_test(test_not_finite_at_the_start),
        cmocka_unit_test(test_stop_and_none),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
