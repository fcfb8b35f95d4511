/* SPDX-License-Identifier: MIT
 *
 * Adam (Kingma and Ba 2015) with bias correction, projected on the box after every step.
 *
 * Adam's function values may rise; a non-finite one sends it back to the last iterate with half of
 * the learning rate and empty moments.
 */
#include <math.h>
#include <string.h>

#include "optimize/method.h"
#include "optimize/vector.h"

#define LEARNING_RATE 0.02
#define BETA1 0.9
#define BETA2 0.999 /* unless the options say otherwise */
#define EPSILON 1e-8
#define RESTARTS 60 /* in a row, after which no finite step is expected */

/* trial = x - rate * corrected first moment / (sqrt(corrected second moment) + epsilon) */
static void move(const optimizer *self, adam_state *m) {
    const size_t count = self->problem.count;
    m->steps++;
    const double beta2 = self->options.beta2 > 0 ? self->options.beta2 : BETA2;
    const float step = (float)(m->rate / (1 - pow(BETA1, m->steps)));
    const float correction = (float)(1 / sqrt(1 - pow(beta2, m->steps)));
    const float share = (float)(1 - beta2);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) {
        const float g = self->gradient[i];
        m->first[i] += (float)(1 - BETA1) * (g - m->first[i]);
        m->second[i] += share * (g * g - m->second[i]);
        const float v =
            self->x[i] - step * m->first[i] / (sqrtf(m->second[i]) * correction + (float)EPSILON);
        self->trial[i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
}

static void empty(adam_state *m, size_t count) {
    memset(m->first, 0, count * sizeof *m->first);
    memset(m->second, 0, count * sizeof *m->second);
    m->steps = 0;
}

static void adam_layout(optimizer *self, layout *to) {
    self->state.adam.first = layout_take(to, self->problem.count, sizeof(float));
    self->state.adam.second = layout_take(to, self->problem.count, sizeof(float));
}

static void start(optimizer *self) {
    adam_state *m = &self->state.adam;
    empty(m, self->problem.count);
    m->restarts = 0;
    m->rate = self->options.learning_rate > 0 ? self->options.learning_rate : LEARNING_RATE;
}

static optimizer_status step(optimizer *self) {
    adam_state *m = &self->state.adam;
    while (!method_cancelled(self)) {
        move(self, m);
        const double value = method_try(self);
        if (isfinite(value)) {
            m->restarts = 0;
            method_accept(self, value);
            return OPTIMIZER_STEPPED;
        }
        m->rate /= 2;
        empty(m, self->problem.count);
        if (++m->restarts >= RESTARTS)
            return OPTIMIZER_CONVERGED;
    }
    return OPTIMIZER_CANCELLED;
}

static bool pass(optimizer *self, stream *s, error *err) {
    adam_state *m = &self->state.adam;
    const size_t count = self->problem.count;
    return stream_pass32(s, &m->steps, 1, err) && stream_pass32(s, &m->restarts, 1, err) &&
           stream_pass64(s, &m->rate, 1, err) && stream_pass32(s, m->first, count, err) &&
           stream_pass32(s, m->second, count, err);
}

static bool restore(optimizer *self) {
    const adam_state *m = &self->state.adam;
    const size_t count = self->problem.count;
    bool positive = true;
    for (size_t i = 0; i < count; i++)
        positive = positive && m->second[i] >= 0; /* infinite where a square overflowed */
    return positive && vector_finite(m->first, count) && m->steps >= 0 &&
           m->steps <= self->iterations && m->restarts >= 0 && m->restarts < self->evaluations &&
           m->rate >= 0 && isfinite(m->rate);
}

const optimizer_method adam_method = {.name = "adam",
                                      .may_rise = true,
                                      .layout = adam_layout,
                                      .start = start,
                                      .step = step,
                                      .pass = pass,
                                      .restore = restore};
