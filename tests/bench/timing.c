/* SPDX-License-Identifier: MIT */
#include "timing.h"

#include <stdlib.h>

#include "core/cpu.h"

#define MOST_SAMPLES 64

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double timing_median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static double time_calls(void (*run)(void *user), void *user, long calls) {
    const double start = cpu_seconds();
    for (long i = 0; i < calls; i++)
        run(user);
    return cpu_seconds() - start;
}

timing timing_take(void (*run)(void *user), void *user, int samples, double sample_seconds) {
    double values[MOST_SAMPLES];
    long calls = 1;
    run(user);
    for (;;) {
        const double seconds = time_calls(run, user, calls);
        values[0] = seconds / (double)calls;
        if (seconds >= sample_seconds || calls > 1 << 28)
            break;
        const double more = seconds > 0 ? 1.2 * sample_seconds / seconds : 10;
        calls = (long)((double)calls * (more > 10 ? 10 : more < 2 ? 2 : more));
    }
    samples = samples > MOST_SAMPLES ? MOST_SAMPLES : samples;
    for (int i = 1; i < samples; i++)
        values[i] = time_calls(run, user, calls) / (double)calls;
    const double median = timing_median(values, samples);
    return (timing){.best = values[0], .median = median};
}
