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

#include "core/memory.h"
#include "optimize/history.h"
#include "optimize/optimizer.h"
#include "optimize/vector.h"

#define FIRST_MOVE (2.0 / 255) /* rms of the first step, when nothing is known of the curvature */
#define SUFFICIENT 1e-4        /* Armijo: share of the predicted decrease that must come true */
#define SHORTENINGS 8          /* tries along one direction */

/* Where no pair is known: the free gradient, preconditioned, at the length of a first move. */
static void start_afresh(const optimizer_run *run, history *pairs, float *start) {
    const optimizer_problem *problem = run->problem;
    const size_t count = problem->count;
    float *q = problem->precondition ? run->trial : start;
    history_drop(pairs);
    vector_free_gradient(run->x, run->gradient, q, count);
    if (problem->precondition)
        problem->precondition(problem->user, q, start);
    const double norm = sqrt(vector_dot(start, start, count));
    vector_scale(start, norm > 0 ? FIRST_MOVE * sqrt((double)count) / norm : 0, count);
}

/* Tries steps along the direction from `start`, shorter and shorter; true when one was accepted.
 * Then `trial` holds the free gradient. */
static bool search(optimizer_run *run, history *pairs, const float *start) {
    double step = run->options->learning_rate > 0 ? run->options->learning_rate : 1;
    for (int i = 0; i < SHORTENINGS; i++) {
        const history_slopes to =
            history_step(pairs, run->x, run->gradient, start, step, run->trial);
        if (!(to.slope < 0))
            return false; /* a stationary point, or rounding has spoilt the direction */
        const double value = optimizer_try(run);
        if (isfinite(value) && value <= run->value + SUFFICIENT * to.predicted &&
            value < run->value) {
            history_learn(pairs, run->problem, run->x, run->gradient, run->trial,
                          run->trial_gradient);
            optimizer_accept(run, value);
            return true;
        }
        /* The minimum of the parabola through value, slope and new value, within limits. */
        const double rise = value - run->value - to.predicted;
        const double shorter = isfinite(rise) && rise > 0 ? -to.predicted / (2 * rise) : 0;
        step *= shorter < 0.1 ? 0.1 : shorter > 0.5 ? 0.5 : shorter;
    }
    return false;
}

size_t lbfgs_memory(size_t count, int pairs) {
    return memory_add(optimizer_run_memory(count, false),
                      memory_add(memory_block(count, sizeof(float)), history_memory(pairs, count)));
}

bool lbfgs_minimize(const optimizer_problem *problem, const optimizer_options *options, float *x,
                    optimizer_result *result, error *err) {
    optimizer_run run;
    history pairs = {0};
    float *start = memory_alloc(problem->count, sizeof *start, err);
    bool ok = start && history_init(&pairs, options->history, problem->count, kernels_best(), err);
    if (ok) {
        ok = optimizer_start(&run, problem, options, false, x, result, err);
        while (ok && !run.stopped) {
            const bool fresh = pairs.size == 0;
            if (fresh)
                start_afresh(&run, &pairs, start);
            else
                history_apply(&pairs, problem, run.trial, start);
            if (search(&run, &pairs, start))
                continue;
            pairs.size = 0;
            if (fresh)
                optimizer_converge(&run);
        }
        optimizer_finish(&run);
    }
    history_clear(&pairs);
    memory_free(start);
    return ok;
}
