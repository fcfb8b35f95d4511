/* SPDX-License-Identifier: MIT
 *
 * Adam (Kingma and Ba 2015) with bias correction, projected on the box after every step.
 *
 * Adam's function values may rise; a non-finite one sends it back to the last iterate with half of
 * the learning rate and empty moments.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "optimize/optimizer.h"

#define LEARNING_RATE 0.02
#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-8
#define RESTARTS 60 /* in a row, after which no finite step is expected */

typedef struct moments {
    float *first, *second; /* [count] running means of the gradient and of its square */
    int step;
} moments;

/* trial = x - rate * corrected first moment / (sqrt(corrected second moment) + epsilon) */
static void adam_step(const optimizer_run *run, moments *m, double rate) {
    const size_t count = run->problem->count;
    m->step++;
    const float step = (float)(rate / (1 - pow(BETA1, m->step)));
    const float correction = (float)(1 / sqrt(1 - pow(BETA2, m->step)));
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) {
        const float g = run->gradient[i];
        m->first[i] += (float)(1 - BETA1) * (g - m->first[i]);
        m->second[i] += (float)(1 - BETA2) * (g * g - m->second[i]);
        const float v =
            run->x[i] - step * m->first[i] / (sqrtf(m->second[i]) * correction + (float)EPSILON);
        run->trial[i] = v < 0 ? 0 : v > 1 ? 1 : v;
    }
}

static void restart(moments *m, size_t count) {
    memset(m->first, 0, count * sizeof *m->first);
    memset(m->second, 0, count * sizeof *m->second);
    m->step = 0;
}

size_t adam_memory(size_t count) {
    const size_t moment = memory_block(count, sizeof(float));
    return memory_add(optimizer_run_memory(count, true), memory_add(moment, moment));
}

bool adam_minimize(const optimizer_problem *problem, const optimizer_options *options, float *x,
                   optimizer_result *result, error *err) {
    optimizer_run run;
    const size_t count = problem->count;
    moments m = {.first = memory_alloc(count, sizeof(float), err)};
    m.second = m.first ? memory_alloc(count, sizeof(float), err) : NULL;
    bool ok = m.second != NULL;
    double rate = options->learning_rate > 0 ? options->learning_rate : LEARNING_RATE;
    int restarts = 0;
    if (ok) {
        ok = optimizer_start(&run, problem, options, true, x, result, err);
        while (ok && !run.stopped) {
            adam_step(&run, &m, rate);
            const double value = optimizer_try(&run);
            if (isfinite(value)) {
                restarts = 0;
                optimizer_accept(&run, value);
            } else {
                rate /= 2;
                restart(&m, count);
                if (++restarts == RESTARTS)
                    optimizer_converge(&run);
            }
        }
        optimizer_finish(&run);
    }
    memory_free(m.first);
    memory_free(m.second);
    return ok;
}
