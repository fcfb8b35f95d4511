/* SPDX-License-Identifier: MIT */
#include "transfer/params.h"

#include <math.h>
#include <string.h>

#include "image/image.h"
#include "network/vgg_plan.h"

stylize_params stylize_params_default(void) {
    return (stylize_params){
        .alpha = 1,
        .beta = 300,
        .tv = 0,
        .content_layers = {{"relu4_2", 1}},
        .content_layer_count = 1,
        .style_layers = {{"relu1_1", 0.2},
                         {"relu2_1", 0.2},
                         {"relu3_1", 0.2},
                         {"relu4_1", 0.2},
                         {"relu5_1", 0.2}},
        .style_layer_count = 5,
        .iterations = 300,
        .size = 512,
        .style_scale = 1,
        .optimizer = STYLIZE_LBFGS,
        .history = 10,
        .init = STYLIZE_INIT_CONTENT,
        .pooling = STYLIZE_POOL_MAX,
        .cost = STYLIZE_COST_MEAN,
        .max_pixels = 1 << 28,
    };
}

stylize_write_options stylize_write_options_default(void) {
    return (stylize_write_options){.depth = STYLIZE_DEPTH_8, .quality = 95};
}

picture_file_options params_write(const stylize_write_options *options) {
    return (picture_file_options){
        .depth = options->depth == STYLIZE_DEPTH_16 ? 16 : 8,
        .quality = options->quality,
    };
}

#define MAX_SIDE (1 << 24) /* more than any picture that the network takes */

static int scale_side(int side, double ratio) {
    return (int)fmin(fmax(1, floor(side * ratio + 0.5)), MAX_SIDE);
}

/* width x height scaled so that the longest side is `longest`, each side at least one pixel. */
static void scale_to(double longest, int *width, int *height) {
    const double ratio = longest / (*width > *height ? *width : *height);
    *width = scale_side(*width, ratio);
    *height = scale_side(*height, ratio);
}

void stylize_output_size(const stylize_params *params, int content_width, int content_height,
                         int *width, int *height) {
    const int longest = content_width > content_height ? content_width : content_height;
    *width = content_width;
    *height = content_height;
    if (params->size > 0 && (params->size < longest || params->upscale))
        scale_to(params->size, width, height);
}

void stylize_style_size(const stylize_params *params, int result_width, int result_height,
                        int style_width, int style_height, int *width, int *height) {
    const int longest = result_width > result_height ? result_width : result_height;
    *width = style_width;
    *height = style_height;
    scale_to(longest * params->style_scale, width, height);
}

size_t params_most_pixels(const stylize_params *params) {
    const size_t limit = (size_t)params->max_pixels;
    return limit < VGG_MOST_PIXELS ? limit : VGG_MOST_PIXELS;
}

const char *params_more_pixels(const stylize_params *params) {
    return params_most_pixels(params) < VGG_MOST_PIXELS ? ", or raise --max-pixels" : "";
}

int params_channels(const stylize_params *params) {
    return params->color == STYLIZE_COLOR_CONTENT ? 1 : IMAGE_CHANNELS;
}

static bool check_weight(double value, const char *name, error *err) {
    if (isfinite(value) && value >= 0)
        return true;
    return error_set(err, ERROR_USAGE, "%s must be a finite number >= 0", name);
}

static bool check_layers(const stylize_layer *layers, int count, const char *kind, error *err) {
    if (count < 0 || count > STYLIZE_MAX_LAYERS)
        return error_set(err, ERROR_USAGE, "too many %s layers", kind);
    for (int i = 0; i < count; i++) {
        if (!memchr(layers[i].name, '\0', sizeof layers[i].name))
            return error_set(err, ERROR_USAGE, "the name of %s layer %d does not end", kind, i + 1);
        if (!vgg_layer_known(layers[i].name))
            return error_set(err, ERROR_USAGE, "'%s' is no layer of a VGG (such as relu4_2)",
                             layers[i].name);
        if (!isfinite(layers[i].weight) || layers[i].weight < 0)
            return error_set(err, ERROR_USAGE, "the weight of %s layer %s must be >= 0", kind,
                             layers[i].name);
        for (int j = 0; j < i; j++) {
            if (!strcmp(layers[i].name, layers[j].name))
                return error_set(err, ERROR_USAGE, "%s layer %s is given twice", kind,
                                 layers[i].name);
        }
    }
    return true;
}

/* Enums may come from anywhere as integers. */
static bool check_choices(const stylize_params *p, error *err) {
    const struct {
        int value, last;
        const char *name;
    } choices[] = {
        {(int)p->optimizer, STYLIZE_GD, "optimizer"},
        {(int)p->init, STYLIZE_INIT_RANDOM, "init"},
        {(int)p->pooling, STYLIZE_POOL_AVG, "pooling"},
        {(int)p->cost, STYLIZE_COST_GATYS, "cost"},
        {(int)p->color, STYLIZE_COLOR_CONTENT, "color"},
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (choices[i].value < 0 || choices[i].value > choices[i].last)
            return error_set(err, ERROR_USAGE, "%s has no choice number %d", choices[i].name,
                             choices[i].value);
    }
    return true;
}

bool params_check(const stylize_params *p, error *err) {
    if (!check_weight(p->alpha, "alpha", err) || !check_weight(p->beta, "beta", err) ||
        !check_weight(p->tv, "tv", err) || !check_choices(p, err) ||
        !check_layers(p->content_layers, p->content_layer_count, "content", err) ||
        !check_layers(p->style_layers, p->style_layer_count, "style", err))
        return false;
    if (p->content_layer_count + p->style_layer_count == 0)
        return error_set(err, ERROR_USAGE, "neither a content nor a style layer is given");
    if (p->iterations < 0)
        return error_set(err, ERROR_USAGE, "iterations must be >= 0");
    if (p->size != 0 && p->size < PARAMS_MIN_SIDE)
        return error_set(err, ERROR_USAGE, "size must be 0 or at least %d pixels", PARAMS_MIN_SIDE);
    if (!isfinite(p->style_scale) || p->style_scale <= 0)
        return error_set(err, ERROR_USAGE, "style scale must be > 0");
    if (p->history < 1)
        return error_set(err, ERROR_USAGE, "history must be at least 1");
    if (!isfinite(p->learning_rate) || p->learning_rate < 0)
        return error_set(err, ERROR_USAGE, "learning rate must be > 0");
    if (p->max_pixels < 1)
        return error_set(err, ERROR_USAGE, "max pixels must be at least 1");
    if (p->progress_memory < 0)
        return error_set(err, ERROR_USAGE, "progress memory must be >= 0");
    if (p->threads < 0)
        return error_set(err, ERROR_USAGE, "threads must be >= 0");
    return true;
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

bool params_spec(const stylize_params *p, const vgg *network, cost_spec *spec, error *err) {
    *spec = (cost_spec){
        .alpha = p->alpha,
        .beta = p->beta,
        .tv = p->tv,
        .sum_content = p->cost == STYLIZE_COST_GATYS,
        .content_count = p->content_layer_count,
        .style_count = p->style_layer_count,
        .pooling = p->pooling == STYLIZE_POOL_AVG ? POOLING_AVG : POOLING_MAX,
    };
    return find_layers(network, p->content_layers, p->content_layer_count, spec->content, err) &&
           find_layers(network, p->style_layers, p->style_layer_count, spec->style, err);
}
