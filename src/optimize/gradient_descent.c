/* SPDX-License-Identifier: MIT
 *
 * Plain gradient descent, G := G - eta * dJ/dG, projected on the box.
 *
 * Unless told otherwise eta is chosen so that the first move is 2/255 rms. A step that raises the
 * function is taken back and tried again with half of eta, for good. After a run of successes
 * an eta of our own choosing grows a little; one that the user gave never does.
 */
#include <math.h>

#include "optimize/optimizer.h"
#include "optimize/vector.h"

#define FIRST_MOVE (2.0 / 255) /* rms */
#define GROWTH_AFTER 10        /* successes in a row */
#define GROWTH 1.25
#define HALVINGS 60 /* in one iteration: past it no step changes a float */

size_t gradient_descent_memory(size_t count) {
    return optimizer_run_memory(count, false);
}

bool gradient_descent_minimize(const optimizer_problem *problem, const optimizer_options *options,
                               float *x, optimizer_result *result, error *err) {
    optimizer_run run;
    const bool ok = optimizer_start(&run, problem, options, false, x, result, err);
    const size_t count = problem->count;
    double rate = options->learning_rate;
    if (ok && !run.stopped && rate <= 0) {
        const double rms = sqrt(vector_dot(run.gradient, run.gradient, count) / (double)count);
        rate = rms > 0 ? FIRST_MOVE / rms : 1;
    }
    int successes = 0, halvings = 0;
    while (ok && !run.stopped) {
        vector_step(run.x, -rate, run.gradient, run.trial, count);
        const double value = optimizer_try(&run);
        if (isfinite(value) && value <= run.value) {
            halvings = 0;
            optimizer_accept(&run, value);
            if (++successes == GROWTH_AFTER) {
                successes = 0;
                if (options->learning_rate <= 0)
                    rate *= GROWTH;
            }
        } else {
            successes = 0;
            rate /= 2;
            if (++halvings == HALVINGS)
                optimizer_converge(&run);
        }
    }
    optimizer_finish(&run);
    return ok;
}
