/* SPDX-License-Identifier: MIT */
#include "transfer/calibration.h"

#include <math.h>

#include "core/cpu.h"
#include "core/denormals.h"
#include "core/memory.h"

/* Pixels of the pictures that are timed, iterations of each, and when to be content with less. */
#define SMALL_AREA (192.0 * 192)
#define LARGE_AREA (384.0 * 384)
#define TIMED_ITERATIONS 6
#define TIMED_SECONDS 3

/* Analyses of a stage and the evaluation of its start, in iterations. */
#define BESIDES 2

static double area_of(const frame *f) {
    return (double)f->width * f->height;
}

/* The stage with a picture of about so many pixels. */
static stage_settings at_area(const stage_settings *settings, double area) {
    stage_settings small = *settings;
    const double share = sqrt(area / area_of(&settings->frame));
    const image_extent size = {settings->frame.width, settings->frame.height};
    const int longest = size.width > size.height ? size.width : size.height;
    small.frame = frame_of_stage(&settings->frame, frame_scale(size, longest * share));
    for (int i = 0; i < small.style_count; i++) {
        image_extent *style = &small.styles[i].size;
        *style = frame_scale(*style, image_extent_longest(*style) * share);
    }
    return small;
}

/* The median of some iterations, for the sake of busy machines; negative on failure. */
static double time_iterations(stage *self) {
    double each[TIMED_ITERATIONS], total = 0;
    int count = 0;
    error unused;
    if (!stage_start(self, &unused))
        return -1;
    stage_step(self); /* the first one is slow */
    while (count < TIMED_ITERATIONS && total < TIMED_SECONDS) {
        const double before = cpu_seconds();
        if (stage_step(self) != OPTIMIZER_STEPPED)
            break;
        const double seconds = cpu_seconds() - before;
        int i = count++;
        for (; i > 0 && each[i - 1] > seconds; i--)
            each[i] = each[i - 1];
        each[i] = seconds;
        total += seconds;
    }
    return count ? each[count / 2] : -1;
}

/* Seconds of an iteration at about *area pixels, which becomes what it really was; negative on
 * failure. */
static double time_area(const stage_settings *settings, const stage_inputs *inputs, double *area) {
    stage_settings small = at_area(settings, *area);
    denormals_team denormals = {0};
    double seconds = -1;
    error unused;
    small.start_from = small.reference_from; /* as if it were the first stage */
    small.start_is_content = small.reference_is_content;
    small.from_noise = !inputs->start;
    stage *trial = memory_alloc(1, sizeof *trial, &unused);
    if (trial && denormals_off_team(&denormals, &unused) && stage_prepare(trial, &small, &unused) &&
        stage_place(trial, inputs, &unused) && stage_analyse_content(trial, inputs, &unused) &&
        stage_analyse_style(trial, inputs, &unused) && stage_take_start(trial, inputs, &unused))
        seconds = time_iterations(trial);
    denormals_restore_team(&denormals);
    denormals_team_clear(&denormals);
    *area = area_of(&small.frame);
    if (trial)
        stage_clear(trial);
    memory_free(trial);
    return seconds;
}

/* Seconds of an iteration at `at` pixels, as a line. */
typedef struct pace {
    double at, seconds, slope;
} pace;

/* Of the stage and those before it with the same network. */
static bool measure(const stage_settings *settings, const stage_inputs *inputs, pace *found) {
    const double area = area_of(&settings->frame);
    double large = area < LARGE_AREA ? area : LARGE_AREA, small = SMALL_AREA;
    const bool two = large > 1.5 * small;
    found->seconds = time_area(settings, inputs, &large);
    found->at = large;
    found->slope = found->seconds / large;
    if (found->seconds < 0 || !two)
        return found->seconds >= 0;
    const double small_seconds = time_area(settings, inputs, &small);
    const double slope = (found->seconds - small_seconds) / (large - small);
    /* A slope past these bounds is the noise of a busy machine. */
    if (small_seconds > 0 && slope > found->slope / 2 && slope < found->slope)
        found->slope = slope;
    return true;
}

bool calibration_run(const plan *whole, const stage_inputs *inputs,
                     double seconds[RECIPE_MOST_STAGES]) {
    pace found = {0};
    for (int i = whole->count - 1; i >= 0; i--) {
        const bool known = i + 1 < whole->count && whole->networks[i] == whole->networks[i + 1];
        if (!known && !measure(&whole->stages[i], inputs, &found))
            return false;
        const double each =
            found.seconds + found.slope * (area_of(&whole->stages[i].frame) - found.at);
        seconds[i] = fmax(each, 0) * (whole->stages[i].iterations + BESIDES);
    }
    return true;
}
