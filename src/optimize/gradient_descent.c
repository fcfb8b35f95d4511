/* SPDX-License-Identifier: MIT
 *
 * Plain gradient descent, G := G - eta * dJ/dG, projected on the box.
 *
 * Unless told otherwise eta is chosen so that the first move is 2/255 rms. A step that raises the
 * function is taken back and tried again with half of eta, for good. After a run of successes
 * an eta of our own choosing grows a little; one that the user gave never does.
 */
#include <math.h>

#include "optimize/method.h"
#include "optimize/vector.h"

#define FIRST_MOVE (2.0 / 255) /* rms */
#define GROWTH_AFTER 10        /* successes in a row */
#define GROWTH 1.25
#define HALVINGS 60 /* in one iteration: past it no step changes a float */

static void start(optimizer *self) {
    const size_t count = self->problem.count;
    double rate = self->options.learning_rate;
    if (rate <= 0) {
        const double rms = sqrt(vector_dot(self->gradient, self->gradient, count) / (double)count);
        rate = rms > 0 ? FIRST_MOVE / rms : 1;
    }
    self->state.gradient_descent = (gradient_descent_state){.rate = rate};
}

static optimizer_status step(optimizer *self) {
    gradient_descent_state *state = &self->state.gradient_descent;
    while (!method_cancelled(self)) {
        vector_step(self->x, -state->rate, self->gradient, self->trial, self->problem.count);
        const double value = method_try(self);
        if (isfinite(value) && value <= self->value) {
            state->halvings = 0;
            method_accept(self, value);
            if (++state->successes == GROWTH_AFTER) {
                state->successes = 0;
                if (self->options.learning_rate <= 0)
                    state->rate *= GROWTH;
            }
            return OPTIMIZER_STEPPED;
        }
        state->successes = 0;
        state->rate /= 2;
        if (++state->halvings >= HALVINGS)
            return OPTIMIZER_CONVERGED;
    }
    return OPTIMIZER_CANCELLED;
}

static bool pass(optimizer *self, stream *s, error *err) {
    gradient_descent_state *state = &self->state.gradient_descent;
    return stream_pass32(s, &state->successes, 1, err) &&
           stream_pass32(s, &state->halvings, 1, err) && stream_pass64(s, &state->rate, 1, err);
}

static bool restore(optimizer *self) {
    const gradient_descent_state *state = &self->state.gradient_descent;
    return state->successes >= 0 && state->successes < GROWTH_AFTER && state->halvings >= 0 &&
           state->halvings < self->evaluations && state->rate >= 0 && isfinite(state->rate);
}

const optimizer_method gradient_descent_method = {
    .name = "gd", .start = start, .step = step, .pass = pass, .restore = restore};
