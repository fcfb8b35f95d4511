/* SPDX-License-Identifier: MIT
 *
 * How far the methods move: the steps of PyTorch's gradient descent and Adam, the first move, and
 * what becomes of rates.
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
#include "optimizing.h"

enum { COUNT = OPTIMIZING_COUNT };

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

static void check_steps(const golden *source, const char *method, optimizer_kind kind) {
    trace self = {.count = 0};
    error err;
    const json_t *expected = json_object_get(source->root, method);
    engine_open(&self.engine, source, kernels_best());
    optimizing run = {
        .problem = {.count = 3 * (size_t)self.engine.height * (size_t)self.engine.width,
                    .evaluate = trace_evaluate,
                    .user = &self},
        .options = {.kind = kind, .learning_rate = golden_number(expected, "rate")},
        .iterations = 10,
        .progress = trace_progress,
    };
    assert_true(optimizing_run(&run, self.engine.generated, &err));
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
        check_steps(&source, "gradient_descent", OPTIMIZER_GD);
        check_steps(&source, "adam", OPTIMIZER_ADAM);
        golden_close(&source);
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
    return optimizing_coupled(x, gradient);
}

/* With the methods' own rates and with one that is given. */
static void test_first_move(void **state) {
    (void)state;
    float x[COUNT], gradient[COUNT];
    double squares = 0, moving = 0;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    optimizing_coupled(x, gradient);
    for (int i = 0; i < COUNT; i++) {
        squares += (double)gradient[i] * (double)gradient[i];
        moving += gradient[i] < 0 || gradient[i] > 0;
    }
    const struct {
        optimizer_kind kind;
        double rate, move;
    } cases[] = {
        {OPTIMIZER_LBFGS, 0, 2.0 / 255},
        {OPTIMIZER_LBFGS, 0.25, 0.25 * 2.0 / 255},
        {OPTIMIZER_ADAM, 0, 0.02 * sqrt(moving / COUNT)},
        {OPTIMIZER_ADAM, 0.005, 0.005 * sqrt(moving / COUNT)},
        {OPTIMIZER_GD, 0, 2.0 / 255},
        {OPTIMIZER_GD, 1e-3, 1e-3 * sqrt(squares / COUNT)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mover self = {0};
        optimizing run = {
            .problem = {.count = COUNT, .evaluate = mover_evaluate, .user = &self},
            .options = {.kind = cases[i].kind, .history = 3, .learning_rate = cases[i].rate},
            .iterations = 1,
        };
        error err;
        for (int k = 0; k < COUNT; k++)
            x[k] = 0.5f;
        assert_true(optimizing_run(&run, x, &err));
        golden_expect("first move", self.rms, cases[i].move, 1e-4);
    }
}

/* ---- rates ---- */

static double descending(void *user, const float *x, float *gradient) {
    (void)user;
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
        sum += 0.01 * (double)x[i];
        gradient[i] = 0.01f;
    }
    return sum;
}

/* Where 25 steps from the middle lead. */
static double descend(double rate) {
    float x[COUNT];
    error err;
    optimizing run = {.problem = {.count = COUNT, .evaluate = descending},
                      .options = {.kind = OPTIMIZER_GD, .learning_rate = rate},
                      .iterations = 25};
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    return (double)x[7];
}

/* A rate that is given stays; gradient descent's own grows by a quarter after ten successes. */
static void test_rate_of_gradient_descent(void **state) {
    (void)state;
    golden_expect_near("given", descend(0.1), 0.5 - 25 * 0.1 * 0.01, 1e-5);
    golden_expect_near("own", descend(0), 0.5 - 2.0 / 255 * (10 + 10 * 1.25 + 5 * 1.25 * 1.25),
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
    optimizing run = {.problem = {.count = COUNT, .evaluate = turning_evaluate, .user = &self},
                      .options = {.kind = OPTIMIZER_ADAM, .learning_rate = 0.01},
                      .iterations = 3};
    float x[COUNT];
    error err;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
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

/* ---- what Adam's options do ---- */

enum { MOVES = 6 };

/* The iterates that were evaluated. */
typedef struct path {
    float at[MOVES + 1][COUNT], gradients[MOVES + 1][COUNT];
    int count;
} path;

static double path_evaluate(void *user, const float *x, float *gradient) {
    path *self = user;
    const double value = optimizing_coupled(x, gradient);
    assert_in_range(self->count, 0, MOVES);
    memcpy(self->at[self->count], x, sizeof *self->at);
    memcpy(self->gradients[self->count++], gradient, sizeof *self->gradients);
    return value;
}

/* Runs it from the middle; x becomes what is kept. */
static void follow(path *self, double beta2, double average, float x[COUNT]) {
    error err;
    optimizing run = {
        .problem = {.count = COUNT, .evaluate = path_evaluate, .user = self},
        .options = {.kind = OPTIMIZER_ADAM, .beta2 = beta2, .average = average},
        .iterations = MOVES,
    };
    self->count = 0;
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    assert_int_equal(self->count, MOVES + 1);
}

/* The average has no say in the steps, and is that of all iterates from the start on. */
static void test_average(void **state) {
    (void)state;
    static path self, plain;
    float x[COUNT], best[COUNT];
    const double decay = 0.75;
    follow(&plain, 0, 0, best);
    follow(&self, 0, decay, x);
    assert_memory_equal(self.at, plain.at, sizeof self.at);
    for (int i = 0; i < COUNT; i++) {
        double sum = 0, weights = 0, weight = 1;
        for (int k = MOVES; k >= 0; k--, weight *= decay) {
            sum += weight * (double)self.at[k][i];
            weights += weight;
        }
        golden_expect_near("average", (double)x[i], sum / weights, 1e-6);
    }
    assert_memory_not_equal(x, best, sizeof x);
}

/* The steps that a mean of squares with this decay gives. */
static void test_beta2(void **state) {
    (void)state;
    static path self;
    float x[COUNT];
    const double beta2 = 0.5;
    follow(&self, beta2, 0, x);
    for (int i = 0; i < COUNT; i++) {
        double first = 0, second = 0;
        for (int k = 0; k < MOVES; k++) {
            const double g = (double)self.gradients[k][i];
            first = 0.9 * first + 0.1 * g;
            second = beta2 * second + (1 - beta2) * g * g;
            const double move = 0.02 * first / (1 - pow(0.9, k + 1)) /
                                (sqrt(second / (1 - pow(beta2, k + 1))) + 1e-8);
            const double next = fmin(fmax((double)self.at[k][i] - move, 0), 1);
            golden_expect_near("step", (double)self.at[k + 1][i], next, 1e-6);
        }
    }
}

/* ---- steps that are judged ---- */

typedef struct script {
    const double *values;
    float slope; /* of all variables, halved by every evaluation */
    int count, evaluations;
} script;

/* The values in their order, and the last one for ever. */
static double script_evaluate(void *user, const float *x, float *gradient) {
    script *self = user;
    const int at = self->evaluations++;
    (void)x;
    for (int i = 0; i < COUNT; i++)
        gradient[i] = ldexpf(self->slope, -at);
    return self->values[at < self->count ? at : self->count - 1];
}

static optimizing play(script *self, optimizer_kind kind, int iterations) {
    error err;
    float x[COUNT];
    optimizing run = {.problem = {.count = COUNT, .evaluate = script_evaluate, .user = self},
                      .options = {.kind = kind, .history = 3},
                      .iterations = iterations};
    for (int i = 0; i < COUNT; i++)
        x[i] = 0.5f;
    assert_true(optimizing_run(&run, x, &err));
    assert_int_equal(run.evaluations, self->evaluations);
    return run;
}

/* L-BFGS shortens a step that lowers the value, but hardly at all. */
static void test_steps_must_gain(void **state) {
    (void)state;
    static const double values[] = {1, 0.9, 0.9 - 1e-12, 0.5};
    script self = {.values = values, .count = 4, .slope = 0.01f};
    const optimizing run = play(&self, OPTIMIZER_LBFGS, 2);
    assert_int_equal(run.done, 2);
    assert_int_equal(run.evaluations, 4);
    assert_true(run.best == 0.5);
}

/* Gradient descent gives up after as many halvings at once, whatever has gone well before. */
static void test_halvings(void **state) {
    (void)state;
    static const double values[] = {3, 2, 1, 5};
    int tries[3];
    for (int good = 0; good < 3; good++) {
        script self = {.values = values + 2 - good, .count = good + 2, .slope = 0.01f};
        const optimizing run = play(&self, OPTIMIZER_GD, 100);
        assert_int_equal(run.stop, OPTIMIZING_CONVERGED);
        assert_int_equal(run.done, good);
        tries[good] = run.evaluations - 1 - good;
    }
    assert_int_equal(tries[0], 60);
    assert_int_equal(tries[1], 60);
    assert_int_equal(tries[2], 60);
}

/* Of iterates as good as each other the first is the best. */
static void test_ties(void **state) {
    (void)state;
    static const double values[] = {3, 2, 4, 2, 2};
    script self = {.values = values, .count = 5, .slope = 0.01f};
    const optimizing run = play(&self, OPTIMIZER_ADAM, 4);
    assert_int_equal(run.done, 4);
    assert_int_equal(run.best_iteration, 1);
    assert_true(run.best == 2);
}

/* ---- starts ---- */

static double coupled(void *user, const float *x, float *gradient) {
    (void)user;
    return optimizing_coupled(x, gradient);
}

/* From the middle; where every step leads, and whatever is kept as the best. */
static void record(optimizer *self, float steps[MOVES][COUNT], float best[COUNT]) {
    error err;
    for (int i = 0; i < COUNT; i++)
        self->x[i] = 0.5f;
    assert_true(optimizer_start(self, &err));
    assert_int_equal(self->iterations, 0);
    assert_int_equal(self->evaluations, 1);
    for (int k = 0; k < MOVES; k++) {
        assert_int_equal(optimizer_step(self), OPTIMIZER_STEPPED);
        memcpy(steps[k], self->x, sizeof *steps);
    }
    memcpy(best, optimizer_best(self), sizeof(float) * COUNT);
}

/* A second start knows nothing of the steps before it. */
static void test_starts_anew(void **state) {
    (void)state;
    static const optimizer_options options[] = {
        {.kind = OPTIMIZER_LBFGS, .history = 4},
        {.kind = OPTIMIZER_LBFGS, .history = 4, .noise = 1e-3},
        {.kind = OPTIMIZER_ADAM},
        {.kind = OPTIMIZER_ADAM, .average = 0.75},
        {.kind = OPTIMIZER_GD},
    };
    const optimizer_problem problem = {.count = COUNT, .evaluate = coupled};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        float steps[2][MOVES][COUNT], best[2][COUNT];
        optimizer self;
        layout memory = optimizing_place(&self, &problem, &options[i]);
        for (int k = 0; k < 2; k++)
            record(&self, steps[k], best[k]);
        assert_memory_equal(steps[0], steps[1], sizeof *steps);
        assert_memory_equal(best[0], best[1], sizeof *best);
        layout_free(&memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_beta2),
        cmocka_unit_test(test_steps_must_gain),
        cmocka_unit_test(test_halvings),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_starts_anew),
        cmocka_unit_test(test_golden_steps),
        cmocka_unit_test(test_first_move),
        cmocka_unit_test(test_rate_of_gradient_descent),
        cmocka_unit_test(test_adam_starts_over),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
