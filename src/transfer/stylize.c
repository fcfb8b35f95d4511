/* SPDX-License-Identifier: MIT
 *
 * The public API: resize the pictures, take the style's Gram matrices and the content's features,
 * minimise, hand back the best picture. Each step leaves nothing behind but what the next one
 * needs.
 */
#include "transfer/stylize.h"

#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "core/denormals.h"
#include "core/error.h"
#include "core/memory.h"
#include "cost/objective.h"
#include "image/color.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "image/resample.h"
#include "network/vgg.h"
#include "optimize/optimizer.h"
#include "transfer/forecast.h"
#include "transfer/luminance.h"
#include "transfer/params.h"
#include "transfer/preconditioner.h"
#include "transfer/timing.h"
#include "transfer/transparency.h"

/* ---- errors, pictures, networks: the lower floors' under the public names ---- */

static void publish(const error *from, stylize_error *to) {
    to->status = from->code == ERROR_USAGE ? STYLIZE_USAGE : STYLIZE_FAILURE;
    snprintf(to->text, sizeof to->text, "%s", from->text);
}

stylize_image *stylize_image_read(const char *path, int max_pixels, stylize_error *err) {
    error e;
    image *self = picture_file_read(path, max_pixels > 0 ? (size_t)max_pixels : 0, &e);
    if (!self)
        publish(&e, err);
    return self;
}

bool stylize_image_write(const stylize_image *self, const char *path,
                         const stylize_write_options *options, stylize_error *err) {
    const stylize_write_options standard = stylize_write_options_default();
    const picture_file_options how = params_write(options ? options : &standard);
    error e;
    const bool ok = picture_file_write(self, path, &how, &e);
    if (!ok)
        publish(&e, err);
    return ok;
}

void stylize_image_size(const stylize_image *self, int *width, int *height) {
    *width = self->width;
    *height = self->height;
}

void stylize_image_free(stylize_image *self) {
    image_free(self);
}

stylize_network *stylize_network_load(const char *path, stylize_error *err) {
    error e;
    /* No thread is started before its memory is planned: OpenMP would end the program if it could
     * not. */
    const int threads = cpu_set_threads(1);
    vgg *self = vgg_load(path, kernels_best(), &e);
    cpu_set_threads(threads);
    if (!self)
        publish(&e, err);
    return self;
}

void stylize_network_free(stylize_network *self) {
    vgg_free(self);
}

bool stylize_layer_known(const char *name) {
    return vgg_layer_known(name);
}

const char *stylize_instruction_set(void) {
    return kernels_best()->name;
}

const char *stylize_stop_name(stylize_stop stop) {
    static const char *const names[] = {"iterations", "converged", "interrupted"};
    return names[stop];
}

/* ---- the transfer ---- */

/* STYLIZE_INIT_RANDOM: how much of the start is noise, and how far that lies from mid-grey. */
#define NOISE_SHARE 0.6f
#define NOISE_AMPLITUDE 0.15f

/* One transfer at work. What it owns is released by transfer_clear. */
typedef struct transfer {
    const vgg *network;
    const stylize_params *params;
    cost_spec spec;
    forecast forecast;
    image *content;   /* at the result's size; kept for its colours alone */
    image *canvas;    /* the start, then the best iterate; all else is of the content */
    image *unpainted; /* canvas, with its own alpha; NULL where the content is opaque */
    image *shown;     /* to callbacks, where there is an `unpainted` and no luminance */
    style_target style;
    objective *objective;
    preconditioner preconditioner;
    luminance luminance;  /* where the colours stay */
    const float *iterate; /* that the last evaluation was of */
    double start;         /* clock at the start of the optimisation */
    double gradient;      /* its norm there */
} transfer;

static void transfer_clear(transfer *self) {
    objective_free(self->objective);
    preconditioner_clear(&self->preconditioner);
    luminance_clear(&self->luminance);
    style_target_clear(&self->style);
    image_free(self->content);
    image_free(self->canvas);
    image_free(self->unpainted);
    image_free(self->shown);
}

/* A stream of numbers spread evenly over [0,1): splitmix64 (Steele et al. 2014). */
static float next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (float)((z ^ (z >> 31)) >> 40) * 0x1p-24f;
}

/* Noise over a faint picture: gradient descent from noise alone would need thousands of steps to
 * make anything of it. */
static void mix_noise(image *self, uint64_t seed) {
    const size_t count = IMAGE_CHANNELS * (size_t)self->width * (size_t)self->height;
    for (size_t i = 0; i < count; i++)
        self->planes[i] = (1 - NOISE_SHARE) * self->planes[i] +
                          NOISE_SHARE * (0.5f + 2 * NOISE_AMPLITUDE * (next_random(&seed) - 0.5f));
}

static bool keeps_colors(const transfer *self) {
    return self->params->color == STYLIZE_COLOR_CONTENT;
}

static void begin(const transfer *self, stylize_phase phase) {
    if (self->params->phase)
        self->params->phase(self->params->user, phase);
}

/* Keeps what transparency_restore needs in the end. */
static bool keep_unpainted(transfer *self, const image *picture, error *err) {
    const int *size = self->forecast.size;
    if (!self->canvas->alpha)
        return true;
    self->unpainted = image_resample(self->canvas, size[0], size[1], err);
    if (!self->unpainted || !image_resample_alpha(self->unpainted, picture, err))
        return false;
    self->shown = keeps_colors(self) ? NULL : image_new(size[0], size[1], err);
    return self->shown || keeps_colors(self);
}

static bool prepare_canvas(transfer *self, const image *content, const image *init, error *err) {
    const int *size = self->forecast.size;
    const image *start = init ? init : content;
    begin(self, STYLIZE_PHASE_RESIZE);
    self->canvas = image_resample(start, size[0], size[1], err);
    if (!self->canvas || !image_resample_alpha(self->canvas, content, err) ||
        !image_properties_copy(&self->canvas->properties, &content->properties, err) ||
        !keep_unpainted(self, start, err))
        return false;
    if (!init && self->params->init == STYLIZE_INIT_RANDOM)
        mix_noise(self->canvas, self->params->seed);
    if (keeps_colors(self))
        color_luma(self->canvas, self->canvas->planes);
    self->content = image_resample(content, size[0], size[1], err);
    return self->content != NULL;
}

static bool analyse_style(transfer *self, const image *style, error *err) {
    const int *size = self->forecast.style_size;
    begin(self, STYLIZE_PHASE_STYLE);
    image *resized = image_resample(style, size[0], size[1], err);
    if (resized && keeps_colors(self))
        luminance_match(resized, self->content);
    const bool ok = resized && style_target_init(&self->style, self->network, &self->spec,
                                                 resized->planes, size[1], size[0], err);
    image_free(resized);
    return ok;
}

static bool analyse_content(transfer *self, error *err) {
    const int *size = self->forecast.size;
    const float *planes = self->content->planes;
    begin(self, STYLIZE_PHASE_CONTENT);
    if (keeps_colors(self)) {
        if (!luminance_init(&self->luminance, self->content, err))
            return false;
        planes = self->luminance.sheet;
    }
    self->objective =
        objective_new(self->network, &self->spec, planes, size[1], size[0], &self->style, err);
    if (!keeps_colors(self)) {
        image_free(self->content);
        self->content = NULL;
    }
    return self->objective != NULL;
}

static double evaluate(void *user, const float *x, float *gradient) {
    transfer *self = user;
    self->iterate = x;
    return keeps_colors(self) ? luminance_eval(&self->luminance, self->objective, x, gradient)
                              : objective_eval(self->objective, x, gradient);
}

static double precondition(void *user, const float *v, float *out) {
    const transfer *self = user;
    return preconditioner_apply(&self->preconditioner, v, out);
}

/* The picture of the last evaluation: a view that frees nothing. */
static image view_iterate(transfer *self) {
    image view = *self->canvas;
    const size_t count = IMAGE_CHANNELS * (size_t)view.width * (size_t)view.height;
    if (keeps_colors(self))
        view.planes = luminance_picture(&self->luminance, self->content);
    else if (self->unpainted)
        view.planes = memcpy(self->shown->planes, self->iterate, count * sizeof *view.planes);
    else
        view.planes = (float *)(uintptr_t)self->iterate; /* const to whom it is shown */
    if (self->unpainted)
        transparency_restore(&view, self->unpainted);
    return view;
}

static int report(void *user, int iteration, int evaluations) {
    transfer *self = user;
    const cost_values *values = objective_values(self->objective);
    if (iteration == 0)
        self->gradient = values->gradient_norm;
    if (!self->params->progress)
        return 0;
    const image picture = view_iterate(self);
    const stylize_iteration now = {
        .iteration = iteration,
        .evaluations = evaluations,
        .seconds = cpu_seconds() - self->start,
        .total = values->total,
        .content = values->content,
        .style = values->style,
        .tv = values->tv,
        .gradient_norm = values->gradient_norm,
        .content_layers = values->content_layers,
        .style_layers = values->style_layers,
        .picture = &picture,
    };
    return self->params->progress(self->params->user, &now);
}

/* The picture of the start is no result, unless there is nothing to gain from it or it was asked
 * for. */
static bool check_outcome(const transfer *self, const optimizer_result *outcome, error *err) {
    return outcome->best_iteration > 0 || outcome->stop == OPTIMIZER_PROGRESS ||
           self->params->iterations == 0 || self->gradient == 0 ||
           error_set(err, ERROR_FAILURE,
                     "no step lowers the cost: use a smaller --learning-rate or smaller weights");
}

static bool optimise(transfer *self, stylize_result *result, error *err) {
    static optimizer_minimize *const methods[] = {
        [STYLIZE_LBFGS] = lbfgs_minimize,
        [STYLIZE_ADAM] = adam_minimize,
        [STYLIZE_GD] = gradient_descent_minimize,
    };
    static const stylize_stop stops[] = {
        [OPTIMIZER_ITERATIONS] = STYLIZE_STOP_ITERATIONS,
        [OPTIMIZER_CONVERGED] = STYLIZE_STOP_CONVERGED,
        [OPTIMIZER_PROGRESS] = STYLIZE_STOP_PROGRESS,
    };
    const int width = self->forecast.size[0], height = self->forecast.size[1];
    const int channels = params_channels(self->params);
    const optimizer_problem problem = {
        .count = (size_t)channels * (size_t)width * (size_t)height,
        .evaluate = evaluate,
        .progress = report,
        .precondition = precondition,
        .user = self,
    };
    const optimizer_options options = {
        .iterations = self->params->iterations,
        .history = self->params->history,
        .learning_rate = self->params->learning_rate,
    };
    optimizer_result outcome;
    begin(self, STYLIZE_PHASE_OPTIMIZE);
    if (self->params->optimizer == STYLIZE_LBFGS &&
        !preconditioner_init(&self->preconditioner, channels, height, width, self->network->kernels,
                             err))
        return false;
    self->start = cpu_seconds();
    if (!methods[self->params->optimizer](&problem, &options, self->canvas->planes, &outcome,
                                          err) ||
        !check_outcome(self, &outcome, err))
        return false;
    if (keeps_colors(self))
        color_paint(self->content, self->canvas->planes, self->canvas->planes);
    if (result)
        *result = (stylize_result){
            .stop = stops[outcome.stop],
            .iterations = outcome.iterations,
            .evaluations = outcome.evaluations,
            .seconds = cpu_seconds() - self->start,
            .best_iteration = outcome.best_iteration,
            .best_total = outcome.best,
        };
    return true;
}

/* All phases; the threads are there and their denormals off. */
static bool paint(transfer *self, const image *content, const image *style, const image *init,
                  stylize_result *result, error *err) {
    return prepare_canvas(self, content, init, err) && analyse_style(self, style, err) &&
           analyse_content(self, err) && optimise(self, result, err);
}

static forecast_job make_job(const transfer *self, const image *content, const image *style,
                             const image *init) {
    return (forecast_job){
        .network = self->network,
        .spec = &self->spec,
        .params = self->params,
        .content = {content->width, content->height},
        .content_has_alpha = content->alpha != NULL,
        .content_properties = image_properties_memory(&content->properties),
        .style = {style->width, style->height},
        .init = {init ? init->width : 0, init ? init->height : 0},
    };
}

/* Plans the memory, and refuses before anything is allocated or a thread started. */
static bool prepare(transfer *self, const forecast_job *job, error *err) {
    return params_check(self->params, err) &&
           params_spec(self->params, self->network, &self->spec, err) &&
           forecast_make(&self->forecast, job, err);
}

/* Sets the number of threads and returns the former one. */
static int set_threads(const stylize_params *params) {
    return cpu_set_threads(params->threads > 0 ? params->threads : cpu_count());
}

stylize_image *stylize_transfer(const stylize_network *network, const stylize_image *content,
                                const stylize_image *style, const stylize_image *init,
                                const stylize_params *params, stylize_result *result,
                                stylize_error *err) {
    transfer self = {.network = network, .params = params};
    const forecast_job job = make_job(&self, content, style, init);
    denormals_team denormals = {0};
    error e;
    image *out = NULL;
    const int threads = set_threads(params);
    if (prepare(&self, &job, &e) && forecast_check(&self.forecast, &job, forecast_limit(), &e) &&
        denormals_off_team(&denormals, &e) && paint(&self, content, style, init, result, &e)) {
        if (self.unpainted)
            transparency_restore(self.canvas, self.unpainted);
        out = self.canvas;
        self.canvas = NULL;
    } else {
        publish(&e, err);
    }
    transfer_clear(&self);
    denormals_restore_team(&denormals);
    cpu_set_threads(threads);
    return out;
}

/* ---- the forecast ---- */

bool stylize_plan(const stylize_network *network, const stylize_image *content,
                  const stylize_image *style, const stylize_image *init,
                  const stylize_params *params, stylize_forecast *out, stylize_error *err) {
    transfer self = {.network = network, .params = params};
    const forecast_job job = make_job(&self, content, style, init);
    const int threads = set_threads(params);
    const size_t now = memory_resident(), peak = memory_peak_resident();
    error e;
    const bool ok = prepare(&self, &job, &e);
    if (ok) {
        const forecast *full = &self.forecast;
        const memory_limit limit = forecast_limit();
        *out = (stylize_forecast){
            .width = full->size[0],
            .height = full->size[1],
            .style_width = full->style_size[0],
            .style_height = full->style_size[1],
            .peak = now + full->bytes > peak ? now + full->bytes : peak,
            .needed = full->needed,
            .available = limit.bytes,
            .limit = limit.name,
            .largest_size = forecast_largest_size(&job, limit),
            .seconds = -1,
        };
        if (forecast_check(full, &job, limit, &e))
            out->seconds = timing_foretell(&job, full, content, style, init);
        else
            publish(&e, &out->refusal);
    } else {
        publish(&e, err);
    }
    cpu_set_threads(threads);
    return ok;
}
