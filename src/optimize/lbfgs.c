/* SPDX-License-Identifier: MIT
 *
 * L-BFGS (Nocedal 1980) on the box [0,1], by two-metric projection (Bertsekas 1982).
 *
 * Variables that sit on a bound and that the gradient pushes against it are held for the step; the
 * quasi-Newton direction is taken of the gradient of the others, and is zero on the held ones. The
 * principal part of a positive definite matrix is positive definite, so this is a descent
 * direction, and the projected path along it goes down. The memory learns from the steps really
 * taken, after projection. Plain clipping without that rule would let the memory move the free
 * variables for the sake of held ones, and stall.
 *
 * The model of the inverse Hessian starts from the problem's preconditioner S, scaled to fit the
 * newest pair, in place of the usual multiple of the identity; that is L-BFGS in the variables
 * S^(-1/2) x, written without the square root.
 *
 * The full step is tried first and almost always accepted, so an iteration costs one evaluation. A
 * step that does not lower the function enough is shortened; when shortening does not help, the
 * memory is dropped and the next direction is the gradient's own.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "optimize/optimizer.h"
#include "optimize/vector.h"

#define FIRST_MOVE (2.0 / 255) /* rms of the first step, when nothing is known of the curvature */
#define SUFFICIENT 1e-4        /* Armijo: share of the predicted decrease that must come true */
#define SHORTENINGS 8          /* tries along one direction */
#define MIN_CURVATURE 1e-10    /* of a pair, s.y relative to |s| |y|: keeps the matrix definite */

/* The last pairs of step s and change of gradient y. */
typedef struct history {
    int capacity, size, next; /* pairs; `next` is where the next one goes */
    float *s, *y;             /* [capacity][count] */
    double *curvature;        /* [capacity] s.y */
    double *alpha;            /* [capacity] of the two loops */
    double scale;             /* s.y / y.S y of the newest pair: scale * S is where to start from */
} history;

static bool history_init(history *self, int capacity, size_t count, error *err) {
    *self = (history){.capacity = capacity};
    const size_t pairs = (size_t)capacity;
    self->s = memory_alloc(pairs * sizeof(float), count, err);
    self->y = self->s ? memory_alloc(pairs * sizeof(float), count, err) : NULL;
    self->curvature = self->y ? memory_alloc(pairs, sizeof(double), err) : NULL;
    self->alpha = self->curvature ? memory_alloc(pairs, sizeof(double), err) : NULL;
    return self->alpha != NULL;
}

static void history_clear(history *self) {
    memory_free(self->s);
    memory_free(self->y);
    memory_free(self->curvature);
    memory_free(self->alpha);
}

/* The slot of the pair that is `age` steps old, 0 the newest. */
static size_t slot(const history *self, int age) {
    return (size_t)((self->next - 1 - age + 2 * self->capacity) % self->capacity);
}

static void precondition(const optimizer_problem *problem, float *v) {
    if (problem->precondition)
        problem->precondition(problem->user, v);
}

/* Learns the pair of the step from x to trial, unless it has no curvature. `scratch` is [count]. */
static void history_learn(history *self, const optimizer_run *run, float *scratch) {
    const size_t count = run->problem->count;
    float *s = self->s + (size_t)self->next * count;
    float *y = self->y + (size_t)self->next * count;
    vector_subtract(run->trial, run->x, s, count);
    vector_subtract(run->trial_gradient, run->gradient, y, count);
    const double curvature = vector_dot(s, y, count), yy = vector_dot(y, y, count);
    if (!(curvature > MIN_CURVATURE * sqrt(vector_dot(s, s, count) * yy))) {
        if (self->size == self->capacity)
            self->size--; /* the slot held the oldest pair */
        return;
    }
    self->curvature[self->next] = curvature;
    memcpy(scratch, y, count * sizeof *y);
    precondition(run->problem, scratch);
    self->scale = curvature / vector_dot(scratch, y, count);
    self->next = (self->next + 1) % self->capacity;
    if (self->size < self->capacity)
        self->size++;
}

/* q := H q, by the two loops. Each pass over memory updates q and takes the next product. */
static void history_apply(const history *self, const optimizer_problem *problem, float *q) {
    const size_t count = problem->count;
    double product = vector_dot(self->s + slot(self, 0) * count, q, count);
    for (int age = 0; age < self->size; age++) {
        const size_t i = slot(self, age);
        const float *next =
            age + 1 < self->size ? self->s + slot(self, age + 1) * count : self->y + i * count;
        self->alpha[i] = product / self->curvature[i];
        product = vector_add_dot(q, -self->alpha[i], self->y + i * count, next, count);
    }
    precondition(problem, q);
    vector_scale(q, self->scale, count);
    product = vector_dot(self->y + slot(self, self->size - 1) * count, q, count);
    for (int age = self->size - 1; age >= 0; age--) {
        const size_t i = slot(self, age);
        const float *next = age > 0 ? self->y + slot(self, age - 1) * count : q;
        const double beta = product / self->curvature[i];
        product = vector_add_dot(q, self->alpha[i] - beta, self->s + i * count, next, count);
    }
}

/* The direction of the next step, and its slope: negative, or zero at a stationary point. */
static double find_direction(const optimizer_run *run, history *pairs, float *q, float *direction) {
    const size_t count = run->problem->count;
    vector_free_gradient(run->x, run->gradient, q, count);
    if (pairs->size) {
        history_apply(pairs, run->problem, q);
        const double slope = vector_free_descent(run->x, run->gradient, q, direction, count);
        if (slope < 0)
            return slope;
        pairs->size = 0;
        vector_free_gradient(run->x, run->gradient, q, count);
    }
    precondition(run->problem, q);
    const double norm = sqrt(vector_dot(q, q, count));
    vector_scale(q, norm > 0 ? FIRST_MOVE * sqrt((double)count) / norm : 0, count);
    return vector_free_descent(run->x, run->gradient, q, direction, count);
}

/* Tries steps along the direction, shorter and shorter; true when one was accepted. The direction
 * is lost then. */
static bool search(optimizer_run *run, history *pairs, float *direction) {
    const size_t count = run->problem->count;
    double step = run->options->learning_rate > 0 ? run->options->learning_rate : 1;
    for (int i = 0; i < SHORTENINGS; i++) {
        vector_step(run->x, step, direction, run->trial, count);
        const double value = optimizer_try(run);
        /* The decrease that the gradient predicts for the step after projection. */
        const double predicted =
            vector_dot(run->gradient, run->trial, count) - vector_dot(run->gradient, run->x, count);
        if (isfinite(value) && value <= run->value + SUFFICIENT * predicted && value < run->value) {
            history_learn(pairs, run, direction);
            optimizer_accept(run, value);
            return true;
        }
        /* The minimum of the parabola through value, slope and new value, within limits. */
        const double rise = value - run->value - predicted;
        const double shorter = isfinite(rise) && rise > 0 ? -predicted / (2 * rise) : 0;
        step *= shorter < 0.1 ? 0.1 : shorter > 0.5 ? 0.5 : shorter;
    }
    return false;
}

bool lbfgs_minimize(const optimizer_problem *problem, const optimizer_options *options, float *x,
                    optimizer_result *result, error *err) {
    const size_t count = problem->count;
    optimizer_run run;
    history pairs = {0};
    float *q = memory_alloc(count, sizeof *q, err);
    float *direction = q ? memory_alloc(count, sizeof *direction, err) : NULL;
    bool ok = direction && history_init(&pairs, options->history, count, err);
    if (ok) {
        ok = optimizer_start(&run, problem, options, x, result, err);
        while (ok && !run.stopped) {
            const bool fresh = pairs.size == 0;
            const double slope = find_direction(&run, &pairs, q, direction);
            if (slope < 0 && search(&run, &pairs, direction))
                continue;
            pairs.size = 0;
            if (fresh)
                optimizer_converge(&run);
        }
        optimizer_finish(&run, x);
    }
    history_clear(&pairs);
    memory_free(direction);
    memory_free(q);
    return ok;
}
