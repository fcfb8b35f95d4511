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
#include <assert.h>
#include <math.h>
#include <string.h>

#include "optimize/method.h"
#include "optimize/vector.h"

#define FIRST_MOVE (2.0 / 255) /* rms of the first step, when nothing is known of the curvature */
#define SUFFICIENT 1e-4        /* Armijo: share of the predicted decrease that must come true */
#define SHORTENINGS 8          /* tries along one direction */

static void prepare(optimizer *self) {
    history_prepare(&self->state.lbfgs.pairs, self->options.history, self->problem.count,
                    kernels_best());
}

static void lbfgs_layout(optimizer *self, layout *to) {
    self->state.lbfgs.start = layout_take(to, self->problem.count, sizeof(float));
    history_layout(&self->state.lbfgs.pairs, to);
}

static void start(optimizer *self) {
    history_drop(&self->state.lbfgs.pairs);
    self->state.lbfgs.lowest = self->value;
}

static double precondition(const optimizer *self, const float *v, float *out) {
    const optimizer_problem *problem = &self->problem;
    if (problem->precondition)
        return problem->precondition(problem->user, v, out);
    if (out)
        memcpy(out, v, problem->count * sizeof *v);
    return out ? 0 : vector_dot(v, v, problem->count);
}

/* ---- directions ---- */

/* Where no pair is known: the free gradient, preconditioned, at the length of a first move. */
static void start_afresh(optimizer *self) {
    const optimizer_problem *problem = &self->problem;
    const size_t count = problem->count;
    float *to = self->state.lbfgs.start, *q = problem->precondition ? self->trial : to;
    history_drop(&self->state.lbfgs.pairs);
    vector_free_gradient(self->x, self->gradient, q, count);
    if (problem->precondition)
        problem->precondition(problem->user, q, to);
    const double norm = sqrt(vector_dot(to, to, count));
    vector_scale(to, norm > 0 ? FIRST_MOVE * sqrt((double)count) / norm : 0, count);
}

/* Where `trial` holds the free gradient: uses it up. */
static void apply(optimizer *self) {
    history *pairs = &self->state.lbfgs.pairs;
    const vector_range all = {0, self->problem.count};
    history_first_loop(pairs);
    history_combine(pairs, all, self->trial);
    precondition(self, self->trial, self->state.lbfgs.start);
    history_multiply(pairs, all, self->state.lbfgs.start);
    history_second_loop(pairs);
}

/* The pair of the step to `trial`, unless it has no curvature. Leaves the free gradient in the old
 * x. */
static void learn(optimizer *self) {
    history *pairs = &self->state.lbfgs.pairs;
    const vector_range all = {0, self->problem.count};
    history_learn(pairs, all, self->x, self->gradient, self->trial, self->trial_gradient);
    const double curvature = history_learnt(pairs);
    if (curvature > 0)
        pairs->scale = curvature / precondition(self, self->gradient, NULL);
}

/* ---- steps ---- */

/* Whether a trial is so much lower that it counts. */
static bool is_lower(const optimizer *self, double value, double predicted) {
    return isfinite(value) && value <= self->value + SUFFICIENT * predicted && value < self->value;
}

/* Whether a trial is as low as the lowest iterate, as far as can be told. */
static bool is_near(const optimizer *self, double value) {
    const double lowest = self->state.lbfgs.lowest;
    return self->options.noise > 0 && self->iterations > 0 && isfinite(value) &&
           value <= lowest + self->options.noise * fabs(lowest);
}

/* Steps along the direction from `start`, shorter and shorter, until one is accepted. */
static optimizer_status search(optimizer *self) {
    lbfgs_state *state = &self->state.lbfgs;
    history *pairs = &state->pairs;
    const vector_range all = {0, self->problem.count};
    double step = self->options.learning_rate > 0 ? self->options.learning_rate : 1;
    for (int i = 0; i < SHORTENINGS; i++) {
        if (method_cancelled(self))
            return OPTIMIZER_CANCELLED;
        history_step(pairs, all, self->x, self->gradient, self->state.lbfgs.start, step,
                     self->trial);
        const history_slopes to = history_find_slopes(pairs);
        if (!(to.slope < 0))
            break; /* a stationary point, or rounding has spoilt the direction */
        const double value = method_try(self);
        if (is_lower(self, value, to.predicted) || is_near(self, value)) {
            learn(self);
            method_accept(self, value);
            state->lowest = fmin(value, state->lowest);
            return OPTIMIZER_STEPPED;
        }
        /* The minimum of the parabola through value, slope and new value, within limits. */
        const double rise = value - self->value - to.predicted;
        const double shorter = isfinite(rise) && rise > 0 ? -to.predicted / (2 * rise) : 0;
        step *= shorter < 0.1 ? 0.1 : shorter > 0.5 ? 0.5 : shorter;
    }
    return OPTIMIZER_CONVERGED;
}

/* Where a step begins, `trial` holds the free gradient, if any pair is known. */
static bool restore(optimizer *self) {
    vector_free_gradient(self->x, self->gradient, self->trial, self->problem.count);
    return isfinite(self->state.lbfgs.lowest) && self->state.lbfgs.lowest <= self->value &&
           history_valid(&self->state.lbfgs.pairs);
}

static optimizer_status step(optimizer *self) {
    history *pairs = &self->state.lbfgs.pairs;
    for (;;) {
        const bool fresh = pairs->size == 0;
        if (fresh)
            start_afresh(self);
        else
            apply(self);
        const optimizer_status status = search(self);
        if (status == OPTIMIZER_CANCELLED)
            restore(self);
        if (status != OPTIMIZER_CONVERGED || fresh)
            return status;
        pairs->size = 0; /* once more, without the memory */
    }
}

static bool pass(optimizer *self, stream *s, error *err) {
    return stream_pass64(s, &self->state.lbfgs.lowest, 1, err) &&
           history_pass(&self->state.lbfgs.pairs, s, err);
}

const optimizer_method lbfgs_method = {.name = "lbfgs",
                                       .prepare = prepare,
                                       .layout = lbfgs_layout,
                                       .start = start,
                                       .step = step,
                                       .pass = pass,
                                       .restore = restore};
