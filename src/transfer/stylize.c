/* SPDX-License-Identifier: MIT
 *
 * The public API: resize the pictures, take the style's Gram matrices and the content's features,
 * minimise, hand back the best picture. Each step leaves nothing behind but what the next one
 * needs.
 */
#include "transfer/stylize.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "core/error.h"
#include "core/memory.h"
#include "cost/objective.h"
#include "image/image.h"
#include "image/resample.h"
#include "network/vgg.h"
#include "optimize/optimizer.h"
#include "transfer/params.h"
#include "transfer/preconditioner.h"

/* ---- errors, pictures, networks: the lower floors' under the public names ---- */

static void publish(const error *from, stylize_error *to) {
    to->status = from->code == ERROR_USAGE ? STYLIZE_USAGE : STYLIZE_FAILURE;
    snprintf(to->text, sizeof to->text, "%s", from->text);
}

stylize_image *stylize_image_read(const char *path, stylize_error *err) {
    error e;
    image *self = image_read(path, &e);
    if (!self)
        publish(&e, err);
    return self;
}

bool stylize_image_write(const stylize_image *self, const char *path, stylize_error *err) {
    error e;
    const bool ok = image_write(self, path, &e);
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
    vgg *self = vgg_load(path, kernels_best(), &e);
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
    int width, height; /* of the result */
    image *content;    /* at the result's size */
    image *canvas;     /* the start, then the best iterate */
    style_target style;
    objective *objective;
    preconditioner preconditioner;
    double start; /* clock at the start of the optimisation */
} transfer;

static void transfer_clear(transfer *self) {
    objective_free(self->objective);
    preconditioner_clear(&self->preconditioner);
    style_target_clear(&self->style);
    image_free(self->content);
    image_free(self->canvas);
}

static bool find_layers(const vgg *network, const stylize_layer *layers, int count,
                        cost_layer out[VGG_MAX_LAYERS], error *err) {
    for (int i = 0; i < count; i++) {
        out[i] = (cost_layer){vgg_layer_find(network, layers[i].name, err), layers[i].weight};
        if (out[i].layer < 0)
            return false;
    }
    return true;
}

static bool make_spec(transfer *self, error *err) {
    const stylize_params *p = self->params;
    self->spec = (cost_spec){
        .alpha = p->alpha,
        .beta = p->beta,
        .tv = p->tv,
        .sum_content = p->cost == STYLIZE_COST_GATYS,
        .content_count = p->content_layer_count,
        .style_count = p->style_layer_count,
        .pooling = p->pooling == STYLIZE_POOL_AVG ? POOLING_AVG : POOLING_MAX,
    };
    return find_layers(self->network, p->content_layers, p->content_layer_count, self->spec.content,
                       err) &&
           find_layers(self->network, p->style_layers, p->style_layer_count, self->spec.style, err);
}

static bool check_side(int width, int height, const char *what, error *err) {
    if (width >= PARAMS_MIN_SIDE && height >= PARAMS_MIN_SIDE)
        return true;
    return error_set(err, ERROR_FAILURE,
                     "the %s at %dx%d is smaller than %dx%d pixels: use a larger picture or size",
                     what, width, height, PARAMS_MIN_SIDE, PARAMS_MIN_SIDE);
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

static bool prepare_canvas(transfer *self, const image *content, const image *init, error *err) {
    stylize_output_size(self->params, content->width, content->height, &self->width, &self->height);
    if (!check_side(self->width, self->height, "result", err))
        return false;
    self->content = image_resample(content, self->width, self->height, err);
    if (!self->content)
        return false;
    self->canvas = image_resample(init ? init : content, self->width, self->height, err);
    if (self->canvas && !init && self->params->init == STYLIZE_INIT_RANDOM)
        mix_noise(self->canvas, self->params->seed);
    return self->canvas != NULL;
}

static bool analyse_style(transfer *self, const image *style, error *err) {
    int width, height;
    stylize_style_size(self->params, style->width, style->height, &width, &height);
    if (!check_side(width, height, "style picture", err))
        return false;
    image *resized = image_resample(style, width, height, err);
    const bool ok = resized && style_target_init(&self->style, self->network, &self->spec,
                                                 resized->planes, height, width, err);
    image_free(resized);
    return ok;
}

static bool analyse_content(transfer *self, error *err) {
    self->objective = objective_new(self->network, &self->spec, self->content->planes, self->height,
                                    self->width, &self->style, err);
    image_free(self->content);
    self->content = NULL;
    return self->objective != NULL;
}

static double evaluate(void *user, const float *x, float *gradient) {
    transfer *self = user;
    return objective_eval(self->objective, x, gradient);
}

static double precondition(void *user, const float *v, float *out) {
    const transfer *self = user;
    return preconditioner_apply(&self->preconditioner, v, out);
}

static int report(void *user, int iteration, int evaluations) {
    const transfer *self = user;
    const cost_values *values = objective_values(self->objective);
    if (!self->params->progress)
        return 0;
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
    };
    return self->params->progress(self->params->user, &now);
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
    const optimizer_problem problem = {
        .count = IMAGE_CHANNELS * (size_t)self->width * (size_t)self->height,
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
    if (self->params->optimizer == STYLIZE_LBFGS &&
        !preconditioner_init(&self->preconditioner, IMAGE_CHANNELS, self->height, self->width,
                             kernels_best(), err))
        return false;
    self->start = cpu_seconds();
    if (!methods[self->params->optimizer](&problem, &options, self->canvas->planes, &outcome, err))
        return false;
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

stylize_image *stylize_transfer(const stylize_network *network, const stylize_image *content,
                                const stylize_image *style, const stylize_image *init,
                                const stylize_params *params, stylize_result *result,
                                stylize_error *err) {
    transfer self = {.network = network, .params = params};
    error e;
    image *out = NULL;
    const int threads = cpu_set_threads(params->threads > 0 ? params->threads : cpu_count());
    if (params_check(params, &e) && make_spec(&self, &e) &&
        prepare_canvas(&self, content, init, &e) && analyse_style(&self, style, &e) &&
        analyse_content(&self, &e) && optimise(&self, result, &e)) {
        out = self.canvas;
        self.canvas = NULL;
    } else {
        publish(&e, err);
    }
    transfer_clear(&self);
    cpu_set_threads(threads);
    return out;
}
