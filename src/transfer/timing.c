/* SPDX-License-Identifier: MIT */
#include "transfer/timing.h"

#include <math.h>

/* Pixels of the pictures that are timed, iterations of each, and when to be content with less. */
#define SMALL_AREA (192 * 192)
#define LARGE_AREA (384 * 384)
#define TIMED_ITERATIONS 6
#define TIMED_SECONDS 3

typedef struct stopwatch {
    double last;                   /* seconds when the last iteration ended */
    double each[TIMED_ITERATIONS]; /* seconds of each but the first, ascending */
    int count;
} stopwatch;

static int watch(void *user, const stylize_iteration *now) {
    stopwatch *self = user;
    if (now->iteration >= 2) {
        const double seconds = now->seconds - self->last;
        int i = self->count++;
        for (; i > 0 && self->each[i - 1] > seconds; i--)
            self->each[i] = self->each[i - 1];
        self->each[i] = seconds;
    }
    self->last = now->seconds;
    return self->count > 0 && self->last > TIMED_SECONDS;
}

/* The longest side of a picture of these proportions with so many pixels. */
static double longest_side(const int size[2], double area) {
    const double ratio = (double)size[0] / size[1];
    return sqrt(area * (ratio > 1 ? ratio : 1 / ratio));
}

/* Times the job on a picture of so many pixels: the median iteration, for the sake of busy
 * machines. Negative on failure; *area becomes what it really was. */
static double time_iteration(const forecast_job *job, const forecast *full, const image *content,
                             const image *style, const image *init, double *area) {
    stopwatch time = {0};
    stylize_params params = *job->params;
    stylize_error unheard;
    params.size = (int)longest_side(full->size, *area);
    params.upscale = true;
    params.style_scale = longest_side(full->style_size, SMALL_AREA) / params.size;
    params.iterations = TIMED_ITERATIONS;
    params.progress = watch;
    params.phase = NULL;
    params.user = &time;
    image *out = stylize_transfer(job->network, content, style, init, &params, NULL, &unheard);
    if (out)
        *area = (double)out->width * out->height;
    image_free(out);
    return out && time.count ? time.each[time.count / 2] : -1;
}

double timing_foretell(const forecast_job *job, const forecast *full, const image *content,
                       const image *style, const image *init) {
    const double area = (double)full->size[0] * full->size[1];
    double large = area < LARGE_AREA ? area : LARGE_AREA, small = SMALL_AREA, each;
    const double large_time = time_iteration(job, full, content, style, init, &large);
    if (large_time < 0)
        return -1;
    each = large_time * area / large;
    if (area > LARGE_AREA) {
        const double small_time = time_iteration(job, full, content, style, init, &small);
        const double slope = (large_time - small_time) / (large - small);
        /* A slope past these bounds is the noise of a busy machine. */
        if (small_time > 0 && slope > each / area / 2 && slope < each / area)
            each = large_time + slope * (area - large);
    }
    return each * (job->params->iterations + 1.0);
}
