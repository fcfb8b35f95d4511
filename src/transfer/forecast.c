/* SPDX-License-Identifier: MIT */
#include "transfer/forecast.h"

#include <stdint.h>
#include <stdio.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "image/image.h"
#include "image/resample.h"
#include "optimize/optimizer.h"
#include "transfer/luminance.h"
#include "transfer/params.h"
#include "transfer/preconditioner.h"

/* What is kept free besides the gaps between blocks: an absolute part for libraries, stacks and the
 * log, and a share for the error of the forecast. */
#define RESERVE ((size_t)8 << 20)
#define RESERVE_SHARE 32

#define MOST_SCALE 65536 /* of the style: no picture may be that much larger */

/* ---- sizes ---- */

static void find_sizes(forecast *self, const forecast_job *job) {
    stylize_output_size(job->params, job->content[0], job->content[1], &self->size[0],
                        &self->size[1]);
    stylize_style_size(job->params, self->size[0], self->size[1], job->style[0], job->style[1],
                       &self->style_size[0], &self->style_size[1]);
}

static bool too_large(const int size[2], const stylize_params *params) {
    return (size_t)size[0] * (size_t)size[1] > params_most_pixels(params);
}

static bool check_size(const int size[2], const char *what, const stylize_params *params,
                       error *err) {
    if (size[0] < PARAMS_MIN_SIDE || size[1] < PARAMS_MIN_SIDE)
        return error_set(err, ERROR_FAILURE,
                         "the %s at %dx%d is smaller than %dx%d pixels: use a larger picture or "
                         "size",
                         what, size[0], size[1], PARAMS_MIN_SIDE, PARAMS_MIN_SIDE);
    if (too_large(size, params))
        return error_set(err, ERROR_FAILURE,
                         "the %s at %dx%d has more than %zu pixels: use a smaller size%s", what,
                         size[0], size[1], params_most_pixels(params), params_more_pixels(params));
    return true;
}

/* ---- phases ---- */

static size_t greater(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t resampling(const int from[2], const int to[2]) {
    return image_resample_memory(from[0], from[1], to[0], to[1]);
}

static size_t optimizer_memory(const stylize_params *params, const int size[2]) {
    const int channels = params_channels(params);
    const size_t count = (size_t)channels * (size_t)size[0] * (size_t)size[1];
    switch (params->optimizer) {
    case STYLIZE_ADAM:
        return adam_memory(count);
    case STYLIZE_GD:
        return gradient_descent_memory(count);
    case STYLIZE_LBFGS:
        break;
    }
    return memory_add(lbfgs_memory(count, params->history),
                      preconditioner_memory(channels, size[1], size[0]));
}

/* What a callback that is handed a picture may take. */
static size_t progress_memory(const stylize_params *params, const int size[2]) {
    return memory_block((size_t)size[0] * (size_t)size[1], (size_t)params->progress_memory);
}

/* The phases of stylize_transfer and what is alive in each. */
bool forecast_make(forecast *self, const forecast_job *job, error *err) {
    const vgg *network = job->network;
    *self = (forecast){0};
    find_sizes(self, job);
    if (!check_size(self->size, "result", job->params, err) ||
        !check_size(self->style_size, "style picture", job->params, err))
        return false;
    const int *size = self->size, *style_size = self->style_size;
    const size_t picture = image_memory(size[0], size[1]);
    const size_t style_picture = image_memory(style_size[0], style_size[1]);
    const size_t target = style_target_memory(network, job->spec);
    size_t analysis, evaluation;
    if (!objective_memory(network, job->spec, size[1], size[0], &evaluation, err) ||
        !style_analysis_memory(network, job->spec, style_size[1], style_size[0], &analysis, err))
        return false;

    /* The start comes to size, then the content's alpha, then the content. */
    size_t result = resampling(job->init[0] ? job->init : job->content, size);
    result = greater(result, memory_add(picture, resampling(job->content, size)));
    /* Both are there while the style picture comes to size and is analysed. */
    self->style_bytes =
        memory_add(memory_add(picture, picture), greater(resampling(job->style, style_size),
                                                         memory_add(style_picture, analysis)));
    /* And while the content is; then it goes, unless its colours stay, and the optimiser comes. */
    size_t lasting = memory_add(memory_add(picture, target), evaluation);
    if (job->params->color == STYLIZE_COLOR_CONTENT)
        lasting = memory_add(lasting, memory_add(picture, luminance_memory(size[0], size[1])));
    result = greater(result, memory_add(lasting, picture));
    const size_t iterating =
        memory_add(optimizer_memory(job->params, size), progress_memory(job->params, size));
    self->result_bytes = greater(result, memory_add(lasting, iterating));

    /* All the while the result has what it takes over from the content, and a view its pixels. */
    size_t taken_over = job->content_properties;
    if (job->content_has_alpha) { /* and the start is kept, with an alpha of its own */
        const size_t alpha = image_alpha_memory(size[0], size[1]);
        const size_t shown = job->params->color == STYLIZE_COLOR_CONTENT ? 0 : picture;
        taken_over = memory_add(memory_add(taken_over, shown),
                                memory_add(picture, memory_add(alpha, alpha)));
    }
    self->style_bytes = memory_add(self->style_bytes, taken_over);
    self->result_bytes = memory_add(self->result_bytes, taken_over);
    self->bytes = greater(self->result_bytes, self->style_bytes);
    self->needed = memory_add(memory_add(self->bytes, self->bytes / RESERVE_SHARE),
                              memory_add(memory_gaps(self->bytes), RESERVE));
    return true;
}

/* ---- what fits ---- */

memory_limit forecast_limit(void) {
    return memory_limit_get((uint64_t)(cpu_set_threads(0) - 1) * cpu_thread_space());
}

static bool fits(const forecast *self, memory_limit limit) {
    return !limit.name || self->needed <= limit.bytes;
}

/* Whether the job with these parameters would take too much; what is too small takes little. */
static bool takes_too_much(const forecast_job *job, const stylize_params *params,
                           memory_limit limit, bool *possible) {
    forecast_job other = *job;
    forecast found = {0};
    error unheard;
    other.params = params;
    *possible = forecast_make(&found, &other, &unheard);
    return *possible ? !fits(&found, limit)
                     : too_large(found.size, params) || too_large(found.style_size, params);
}

/* The greatest number in [1, most] for which the job, changed by it, leaves FORECAST_SPARE; 0 when
 * that is not possible with it. `change` puts the number into the parameters. */
static int search(const forecast_job *job, memory_limit limit, int most,
                  void (*change)(stylize_params *, int)) {
    stylize_params params = *job->params;
    bool possible = false;
    limit.bytes -= limit.bytes < FORECAST_SPARE ? limit.bytes : FORECAST_SPARE;
    int low = 0, high = most + 1; /* low does not take too much, high does */
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        change(&params, middle);
        if (takes_too_much(job, &params, limit, &possible))
            high = middle;
        else
            low = middle;
    }
    change(&params, low);
    return low > 0 && !takes_too_much(job, &params, limit, &possible) && possible ? low : 0;
}

static void change_size(stylize_params *params, int size) {
    params->size = size;
}

static void change_scale(stylize_params *params, int hundredths) {
    params->style_scale = hundredths / 100.0;
}

int forecast_largest_size(const forecast_job *job, memory_limit limit) {
    return search(job, limit, FORECAST_MOST_SIZE, change_size);
}

static int largest_scale(const forecast_job *job, memory_limit limit) {
    const double scale = job->params->style_scale;
    return search(job, limit, (int)(100 * (scale < MOST_SCALE ? scale : MOST_SCALE)), change_scale);
}

/* Rounded up. */
static size_t megabytes(size_t bytes) {
    return (bytes >> 20) + 1;
}

bool forecast_check(const forecast *self, const forecast_job *job, memory_limit limit, error *err) {
    if (fits(self, limit))
        return true;
    /* The style picture alone is too much where the result would fit without it. */
    forecast without = *self;
    without.needed -= self->bytes - self->result_bytes;
    const int scale = fits(&without, limit) ? largest_scale(job, limit) : 0;
    const int size = scale ? 0 : forecast_largest_size(job, limit);
    const int *sides = scale ? self->style_size : self->size;
    char remedy[120];
    snprintf(remedy, sizeof remedy, "not even the smallest --size fits: make more available%s",
             cpu_set_threads(0) > 1 ? ", or use fewer --threads" : "");
    if (scale)
        snprintf(remedy, sizeof remedy, "use --style-scale %.2f or less", scale / 100.0);
    else if (size)
        snprintf(remedy, sizeof remedy, "use --size %d or less", size);
    return error_set(err, ERROR_FAILURE,
                     "%s at %dx%d pixels needs about %zu MB of memory, and %zu MB are left of %s: "
                     "%s",
                     scale ? "the style picture" : "the result", sides[0], sides[1],
                     megabytes(self->needed), (size_t)(limit.bytes >> 20), limit.name, remedy);
}
