/* SPDX-License-Identifier: MIT */
#include "convert/precision.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "cost/objective.h"
#include "network/vgg.h"
#include "transfer/stylize.h"
#include "weights/half.h"

bool plain_vgg_fits_half(const plain_vgg *self) {
    for (int conv = 0; conv < self->conv_count; conv++) {
        const size_t count = plain_vgg_weight_count(self, conv);
        for (size_t i = 0; i < count; i++) {
            if (!(fabsf(self->weights[conv][i]) <= HALF_MAX))
                return false;
        }
        for (int i = 0; i < self->widths[conv]; i++) {
            if (!(fabsf(self->biases[conv][i]) <= HALF_MAX))
                return false;
        }
    }
    return true;
}

/* ---- the same network, rounded as it is read ---- */

static void round_values(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = half_to_float_bits(half_of_float(values[i]));
        memcpy(&values[i], &bits, sizeof bits);
    }
}

static bool read_rounded(const void *user, int conv, float *weights, float *biases, error *err) {
    const plain_vgg *exact = user;
    const vgg_source source = plain_vgg_source(exact);
    if (!source.read(source.user, conv, weights, biases, err))
        return false;
    round_values(weights, plain_vgg_weight_count(exact, conv));
    round_values(biases, (size_t)exact->widths[conv]);
    return true;
}

/* ---- gradients ---- */

/* The index of a layer, or of the deepest ReLU that there is. */
static int find_layer(const vgg *network, const char *name) {
    error unheard;
    int layer = vgg_layer_find(network, name, &unheard);
    for (int i = 0; layer < 0 && i < network->layer_count; i++) {
        const int back = network->layer_count - 1 - i;
        if (network->layers[back].kind == VGG_RELU)
            layer = back;
    }
    return layer;
}

static cost_spec default_spec(const vgg *network) {
    const stylize_params params = stylize_params_default();
    cost_spec spec = {.alpha = params.alpha, .beta = params.beta, .content_count = 1};
    spec.content[0] = (cost_layer){find_layer(network, params.content_layers[0].name), 1};
    for (int i = 0; i < params.style_layer_count; i++) {
        error unheard;
        const int layer = vgg_layer_find(network, params.style_layers[i].name, &unheard);
        if (layer >= 0)
            spec.style[spec.style_count++] = (cost_layer){layer, params.style_layers[i].weight};
    }
    return spec;
}

/* The content, paler: unlike itself in every layer, and like no picture that costs nothing. */
static void make_paler(const image *content, float *x, size_t count) {
    for (size_t i = 0; i < count; i++)
        x[i] = 0.1f + 0.8f * content->planes[i];
}

static bool compute_gradient(const vgg_source *source, const image *content, const image *style,
                             const float *x, float *gradient, error *err) {
    style_target target = {0};
    objective *cost = NULL;
    vgg *network = vgg_new(source, kernels_best(), err);
    if (network) {
        const cost_spec spec = default_spec(network);
        if (style_target_init(&target, network, &spec, style->planes, style->height, style->width,
                              err))
            cost = objective_new(network, &spec, content->planes, content->height, content->width,
                                 &target, err);
    }
    if (cost)
        objective_eval(cost, x, gradient);
    const bool ok = cost != NULL;
    objective_free(cost);
    style_target_clear(&target);
    vgg_free(network);
    return ok;
}

bool plain_vgg_half_difference(const plain_vgg *self, const image *content, const image *style,
                               double *difference, error *err) {
    const size_t count = (size_t)content->width * (size_t)content->height * IMAGE_CHANNELS;
    const vgg_source exact = plain_vgg_source(self);
    vgg_source rounded = exact;
    rounded.read = read_rounded;
    float *x = memory_alloc(count, sizeof *x, err);
    float *a = memory_alloc(count, sizeof *a, err), *b = memory_alloc(count, sizeof *b, err);
    bool ok = false;
    if (x && a && b) {
        make_paler(content, x, count);
        ok = compute_gradient(&exact, content, style, x, a, err) &&
             compute_gradient(&rounded, content, style, x, b, err);
    }
    if (ok) {
        double off = 0, norm = 0;
        for (size_t i = 0; i < count; i++) {
            off += ((double)b[i] - a[i]) * ((double)b[i] - a[i]);
            norm += (double)a[i] * a[i];
        }
        *difference = sqrt(off / norm);
    }
    memory_free(x);
    memory_free(a);
    memory_free(b);
    return ok;
}
